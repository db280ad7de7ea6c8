"""How programs call the learning rate and the loss in their scalars, and where it says.

Each row was looked up in the public source of its program, which it names. It says
which tag is the rate and which is the loss of the whole training step, where there are
several; what it says of `proof` tells its logs from those of others that use the same
words. Names that no row knows are judged by their words, in `tag_roles`.
"""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Convention:
    """What one program writes.

    Attributes:
        program: Its name, as people know it.
        rates: Patterns of whole tags, the one to draw first.
        losses: Patterns of whole tags, the one to draw first. One that begins with "+"
            stands for the sum of all tags that fit the rest of it: the program
            minimizes that and does not write it.
        source: The repository on GitHub, and the file in it that writes them.
        proof: Patterns of tags that only this program writes beside them; without
            them, or where there are none, no note says that it is this program.
        caveat: What to know about the values.
    """

    program: str
    rates: Sequence[str]
    losses: Sequence[str]
    source: str
    proof: Sequence[str] = ()
    caveat: str = ""


CONVENTIONS = (
    Convention(
        "Keras",
        # One for each optimizer where there are several.
        ("epoch_learning_rate(_.+)?", "epoch_lr"),
        ("epoch_loss",),
        "keras-team/keras: keras/src/callbacks/tensorboard.py",
        proof=("epoch_loss",),
        caveat="Keras writes one point for each epoch: the mean loss of the epoch, and "
        "the rate after its last update.",
    ),
    Convention(
        "Keras",
        # The rate is the script's own: Keras writes none for each batch.
        ("batch_learning_rate",),
        ("batch_loss",),
        "keras-team/keras: keras/src/callbacks/tensorboard.py",
        proof=("batch_steps_per_second",),
        caveat="Keras writes as batch_loss the mean loss since the start of the epoch, "
        "not the loss of the batch.",
    ),
    Convention(
        "Hugging Face Trainer",
        ("train/learning_rate",),
        ("train/loss",),
        "huggingface/transformers: src/transformers/integrations/integration_utils.py",
        proof=("train/(grad_norm|epoch|global_step)",),
        caveat="The Hugging Face Trainer writes the mean loss since the last time it "
        "logged.",
    ),
    Convention(
        "PyTorch Lightning",
        (r"(.+/)?lr-[^/]+(/pg\d+)?(/[^/]+)?",),
        (r"train(ing)?[/_]loss_step", r"train(ing)?[/_]loss", "loss"),
        "Lightning-AI/pytorch-lightning: src/lightning/pytorch/callbacks/lr_monitor.py",
    ),
    Convention(
        "Composer",
        (r"lr-[^/]+/group\d+",),
        ("loss/train/total",),
        "mosaicml/composer: composer/callbacks/lr_monitor.py",
    ),
    Convention(
        "fastai",
        (r"lr_\d+",),
        ("train_loss",),
        "fastai/fastai: fastai/callback/tensorboard.py",
    ),
    Convention(
        "Ultralytics",
        (r"lr/pg\d+",),
        ("+train/[a-z]+_loss",),
        "ultralytics/ultralytics: ultralytics/utils/callbacks/tensorboard.py",
        proof=("train/dfl_loss",),
        caveat="Ultralytics writes the parts of the loss once an epoch, as means over "
        "it; their sum is what it minimizes.",
    ),
    Convention(
        "YOLOv5",
        # The first group is that of the biases, whose warm-up falls.
        ("x/lr1", "x/lr2", "x/lr0"),
        ("+train/[a-z]+_loss",),
        "ultralytics/yolov5: utils/loggers/__init__.py",
        proof=("train/obj_loss",),
        caveat="YOLOv5 writes the parts of the loss once an epoch, as means over it; "
        "their sum is what it minimizes. x/lr0 is the rate of the biases.",
    ),
    Convention(
        "YOLOX",
        ("train/lr",),
        ("train/total_loss",),
        "Megvii-BaseDetection/YOLOX: yolox/core/trainer.py",
    ),
    Convention(
        "RT-DETR",
        (r"Lr/pg_\d+",),
        ("Loss/total",),
        "lyuwenyu/RT-DETR: rtdetrv2_pytorch/src/solver/det_engine.py",
    ),
    Convention(
        "detectron2",
        ("lr",),
        ("total_loss",),
        "facebookresearch/detectron2: detectron2/engine/train_loop.py",
        proof=("eta_seconds",),
        caveat="detectron2 writes medians of the last 20 iterations.",
    ),
    Convention(
        "TensorFlow Object Detection API",
        ("learning_rate",),
        ("Loss/total_loss",),
        "tensorflow/models: research/object_detection/model_lib_v2.py",
    ),
    Convention(
        "TensorFlow Object Detection API",
        ("LearningRate/LearningRate/learning_rate",),
        ("Losses/TotalLoss",),
        "tensorflow/models: research/object_detection/legacy/trainer.py",
    ),
    Convention(
        "TensorFlow Model Garden",
        ("learning_rate",),
        ("training_loss",),
        "tensorflow/models: official/core/base_trainer.py",
    ),
    Convention(
        "Flax examples",
        ("train_learning_rate",),
        ("train_loss",),
        "google/flax: examples/imagenet/train.py",
    ),
    Convention(
        "MMEngine",
        ("lr", "base_lr"),
        ("loss",),
        "open-mmlab/mmengine: mmengine/hooks/runtime_info_hook.py",
    ),
    Convention(
        "AllenNLP",
        ("learning_rate/.+",),
        ("train/batch_loss", "train/loss"),
        "allenai/allennlp: allennlp/training/callbacks/log_writer.py",
    ),
    Convention(
        "MMCV",
        (r"learning_rate(/.+)?",),
        ("train/loss",),
        "open-mmlab/mmcv: mmcv/runner/hooks/logger/base.py",
    ),
    Convention(
        "Megatron-LM",
        ("learning-rate",),
        ("lm loss",),
        "NVIDIA/Megatron-LM: megatron/training/training.py",
    ),
    Convention(
        "GPT-NeoX",
        ("train/learning_rate",),
        ("train/lm_loss",),
        "EleutherAI/gpt-neox: megatron/logging.py",
    ),
    Convention(
        "DeepSpeed",
        ("Train/Samples/lr",),
        ("Train/Samples/train_loss",),
        "deepspeedai/DeepSpeed: deepspeed/runtime/engine.py",
        proof=("Train/Samples/train_loss",),
        caveat="DeepSpeed counts samples, not steps.",
    ),
    Convention(
        "torchtitan",
        # One for each optimizer and group, formerly one for all.
        ("lr", "lr/.+"),
        ("loss_metrics/global_avg_loss",),
        "pytorch/torchtitan: torchtitan/components/metrics.py",
    ),
    Convention(
        "NeMo",
        ("lr",),
        ("reduced_train_loss",),
        "NVIDIA/NeMo: nemo/collections/nlp/models/language_modeling/"
        "megatron_gpt_model.py",
    ),
    Convention(
        "sd-scripts",
        # Where the optimizer finds its own rate, `lr` is a factor of it.
        (r"lr/d\*lr/.+", r"lr/d\*lr", "lr/unet", r"lr/group\d+", "lr/text_?encoder.*"),
        ("loss/current", "loss/average", "loss"),
        "kohya-ss/sd-scripts: train_network.py",
    ),
    Convention(
        "diffusers",
        ("lr",),
        ("loss",),
        "huggingface/diffusers: examples/dreambooth/train_dreambooth.py",
    ),
    Convention(
        "VITS",
        ("learning_rate",),
        ("loss/g/total",),
        "jaywalnut310/vits: train.py",
    ),
    Convention(
        "Coqui TTS",
        (r"(.+_)?TrainIterStats/current_lr(_.+)?",),
        ("(.+_)?TrainIterStats/(avg_)?loss",),
        "coqui-ai/Trainer: trainer/trainer.py",
    ),
    Convention(
        "ESPnet",
        (r"optim\d+_lr\d+",),
        ("loss",),
        "espnet/espnet: espnet2/train/trainer.py",
    ),
    Convention(
        "WeNet",
        (r"train/lr_\d+",),
        ("train/train_loss",),
        "wenet-e2e/wenet: wenet/utils/train_utils.py",
    ),
    Convention(
        "fairseq",
        ("lr",),
        ("loss",),
        "facebookresearch/fairseq: fairseq/logging/progress_bar.py",
    ),
    Convention(
        "OpenNMT-py",
        ("progress/lr",),
        ("progress/xent",),
        "OpenNMT/OpenNMT-py: onmt/utils/statistics.py",
    ),
    Convention(
        "Catalyst",
        ("lr(/.+)?/batch", "lr(/.+)?/epoch"),
        ("loss/batch", "loss/epoch"),
        "catalyst-team/catalyst: catalyst/loggers/tensorboard.py",
    ),
    Convention(
        "Stable-Baselines3",
        ("train/learning_rate",),
        ("train/loss", "train/actor_loss", "train/policy_loss"),
        "DLR-RM/stable-baselines3: stable_baselines3/common/base_class.py",
    ),
    Convention(
        "CleanRL",
        ("charts/learning_rate",),
        ("losses/policy_loss",),
        "vwxyzjn/cleanrl: cleanrl/ppo.py",
    ),
    Convention(
        "RLlib",
        (r".*learner(_stats)?/(.+/)?cur_lr", ".*learners/.+_learning_rate"),
        (r".*learner(_stats|s)?/(.+/)?total_loss",),
        "ray-project/ray: rllib/core/learner/learner.py",
    ),
    Convention(
        "rl_games",
        ("info/last_lr",),
        ("losses/a_loss",),
        "Denys88/rl_games: rl_games/common/a2c_common.py",
    ),
    Convention(
        "RSL-RL",
        ("Loss/learning_rate",),
        ("Loss/surrogate(_loss)?",),
        "leggedrobotics/rsl_rl: rsl_rl/utils/logger.py",
    ),
    Convention(
        "TRL",
        ("ppo/learning_rate", "train/lr"),
        ("ppo/loss/total", "train/loss/policy_avg"),
        "huggingface/trl: trl/trainer/ppo_trainer.py",
    ),
    Convention(
        "skrl",
        ("Learning / (Policy l|L)earning rate",),
        ("Loss / Policy loss", "Loss / Q-network loss"),
        "Toni-SM/skrl: skrl/agents/torch/ppo/ppo.py",
    ),
    Convention(
        "T5X",
        ("learning_rate",),
        ("loss", "cross_ent_loss"),
        "google-research/t5x: t5x/trainer.py",
    ),
    Convention(
        "MaxText",
        ("learning/current_learning_rate",),
        ("learning/loss",),
        "AI-Hypercomputer/maxtext: src/maxtext/common/metric_logger.py",
    ),
)
