"""How programs call the learning rate and the loss in their scalars, and where it says.

Looked up in the source of each program. A row says which tag is the rate and which is
the loss of the whole training step, where the program writes several; what it says of
`proof` tells its logs from those of others that use the same words. Names that no row
knows are judged by their words, in `tag_roles`.
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
        source: The file that writes them, in the program's repository.
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
        ("epoch_learning_rate", "epoch_lr"),
        ("epoch_loss",),
        "keras/src/callbacks/tensorboard.py",
        proof=("epoch_loss",),
        caveat="Keras writes one point for each epoch: the mean loss of the epoch, and "
        "the rate after its last update.",
    ),
    Convention(
        "Keras",
        ("batch_learning_rate",),
        ("batch_loss",),
        "keras/src/callbacks/tensorboard.py",
        proof=("batch_steps_per_second",),
        caveat="Keras writes as batch_loss the mean loss since the start of the epoch, "
        "not the loss of the batch.",
    ),
    Convention(
        "Hugging Face Trainer",
        ("train/learning_rate",),
        ("train/loss",),
        "transformers/integrations/integration_utils.py",
        proof=("train/(grad_norm|epoch|global_step)",),
        caveat="The Hugging Face Trainer writes the mean loss since the last time it "
        "logged.",
    ),
    Convention(
        "PyTorch Lightning",
        (r"lr-[^/]+(/pg\d+)?(/[^/]+)?",),
        (r"train(ing)?[/_]loss_step", r"train(ing)?[/_]loss", "loss"),
        "lightning/pytorch/callbacks/lr_monitor.py",
    ),
    Convention(
        "Composer",
        (r"lr-[^/]+/group\d+",),
        (r"loss/train/total",),
        "composer/callbacks/lr_monitor.py",
    ),
    Convention(
        "fastai",
        (r"lr_\d+",),
        ("train_loss",),
        "fastai/callback/tensorboard.py",
    ),
    Convention(
        "Ultralytics",
        (r"lr/pg\d+",),
        ("+train/[a-z]+_loss",),
        "ultralytics/utils/callbacks/tensorboard.py",
        proof=("train/dfl_loss",),
        caveat="Ultralytics writes the parts of the loss once an epoch, as means over "
        "it; their sum is what it minimizes.",
    ),
    Convention(
        "YOLOv5",
        # The first group is that of the biases, whose warm-up falls.
        ("x/lr1", "x/lr2", "x/lr0"),
        ("+train/[a-z]+_loss",),
        "yolov5/utils/loggers/__init__.py",
        proof=("train/obj_loss",),
        caveat="YOLOv5 writes the parts of the loss once an epoch, as means over it; "
        "their sum is what it minimizes. x/lr0 is the rate of the biases.",
    ),
    Convention(
        "YOLOX",
        ("train/lr",),
        ("train/total_loss",),
        "YOLOX/yolox/core/trainer.py",
    ),
    Convention(
        "RT-DETR",
        (r"Lr/pg_\d+",),
        ("Loss/total",),
        "RT-DETR/src/solver/det_engine.py",
    ),
    Convention(
        "detectron2",
        ("lr",),
        ("total_loss",),
        "detectron2/engine/train_loop.py",
        proof=("eta_seconds",),
        caveat="detectron2 writes medians of the last 20 iterations.",
    ),
    Convention(
        "TensorFlow Object Detection API",
        ("learning_rate",),
        ("Loss/total_loss",),
        "models/research/object_detection/model_lib_v2.py",
    ),
    Convention(
        "TensorFlow Object Detection API",
        ("LearningRate/LearningRate/learning_rate",),
        ("Losses/TotalLoss",),
        "models/research/object_detection/legacy/trainer.py",
    ),
    Convention(
        "TensorFlow Model Garden",
        ("learning_rate",),
        ("training_loss",),
        "models/official/core/base_trainer.py",
    ),
    Convention(
        "MMEngine",
        ("(train/)?lr", "(train/)?learning_rate", "(train/)?base_lr"),
        ("(train/)?loss",),
        "mmengine/hooks/runtime_info_hook.py",
    ),
    Convention(
        "Megatron-LM",
        ("learning-rate",),
        ("lm loss",),
        "megatron/training/training.py",
    ),
    Convention(
        "GPT-NeoX",
        ("train/learning_rate",),
        ("train/lm_loss",),
        "gpt-neox/megatron/logging.py",
    ),
    Convention(
        "DeepSpeed",
        ("Train/Samples/lr",),
        ("Train/Samples/train_loss",),
        "deepspeed/runtime/engine.py",
        proof=("Train/Samples/train_loss",),
        caveat="DeepSpeed counts samples, not steps.",
    ),
    Convention(
        "torchtitan",
        ("lr", "optim/lr"),
        ("loss_metrics/global_avg_loss",),
        "torchtitan/components/metrics.py",
    ),
    Convention(
        "NeMo",
        ("lr",),
        ("reduced_train_loss", "train_loss"),
        "nemo/collections/nlp/models/language_modeling/megatron_gpt_model.py",
    ),
    Convention(
        "sd-scripts",
        # Where the optimizer finds its own rate, `lr` is a factor of it.
        (r"lr/d\*lr/.+", r"lr/d\*lr", "lr/unet", r"lr/group\d+", "lr/textencoder.*"),
        ("loss/current", "loss/average", "loss"),
        "sd-scripts/train_network.py",
    ),
    Convention(
        "diffusers",
        ("lr",),
        ("train_loss",),
        "diffusers/examples/text_to_image/train_text_to_image.py",
    ),
    Convention(
        "VITS",
        ("learning_rate",),
        ("loss/g/total",),
        "vits/train.py",
    ),
    Convention(
        "Coqui TTS",
        (r"(.+_)?TrainIterStats/(current_)?lr(_\d+)?",),
        ("(.+_)?TrainIterStats/(avg_)?loss",),
        "trainer/logging/base_dash_logger.py",
    ),
    Convention(
        "ESPnet",
        (r"(train/)?optim\d+_lr\d+",),
        ("(train/)?loss",),
        "espnet2/train/trainer.py",
    ),
    Convention(
        "WeNet",
        (r"train/lr(_\d+)?",),
        ("train/train_loss", "train/loss"),
        "wenet/utils/train_utils.py",
    ),
    Convention(
        "OpenNMT-py",
        ("progress/lr",),
        ("progress/xent",),
        "onmt/utils/statistics.py",
    ),
    Convention(
        "AllenNLP",
        (r"learning_rate/.+",),
        ("loss/loss_train", "train_loss/batch_loss"),
        "allennlp/training/callbacks/log_writer.py",
    ),
    Convention(
        "Catalyst",
        ("lr/_batch_", "lr/_epoch_"),
        ("loss/_batch_", "loss/_epoch_"),
        "catalyst/loggers/tensorboard.py",
    ),
    Convention(
        "Stable-Baselines3",
        ("train/learning_rate",),
        ("train/loss", "train/actor_loss", "train/policy_loss"),
        "stable_baselines3/common/on_policy_algorithm.py",
    ),
    Convention(
        "CleanRL",
        ("charts/learning_rate",),
        ("losses/policy_loss", "losses/actor_loss", "losses/td_loss", "losses/qf_loss"),
        "cleanrl/cleanrl/ppo.py",
    ),
    Convention(
        "RLlib",
        (r".*learner(_stats)?/(.+/)?cur_lr",),
        (r".*learner(_stats)?/(.+/)?total_loss",),
        "rllib/algorithms/ppo/ppo_torch_policy.py",
    ),
    Convention(
        "RSL-RL",
        ("Loss/learning_rate",),
        ("Loss/surrogate(_loss)?",),
        "rsl_rl/runners/on_policy_runner.py",
    ),
    Convention(
        "TRL",
        ("ppo/learning_rate",),
        ("ppo/loss/total",),
        "trl/trainer/ppo_trainer.py",
    ),
    Convention(
        "skrl",
        (r"Learning / Learning rate",),
        (r"Loss / Policy loss",),
        "skrl/agents/torch/ppo/ppo.py",
    ),
    Convention(
        "T5X",
        ("learning_rate",),
        ("loss", "cross_ent_loss"),
        "t5x/trainer.py",
    ),
    Convention(
        "MaxText",
        ("learning/current_learning_rate",),
        ("learning/loss",),
        "MaxText/metric_logger.py",
    ),
)
