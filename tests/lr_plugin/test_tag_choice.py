"""What programs call the rate and the loss of a training, and what people do."""

import re

import pytest

from lr_plugin.reader.foreign.conventions import CONVENTIONS
from lr_plugin.reader.foreign.tag_choice import PLUS, choose_tags
from lr_plugin.reader.foreign.tag_roles import find_role

# By program: the tag of the rate, that of the loss, and what it logs beside them.
LOGS = [
    ("Keras", "epoch_learning_rate", "epoch_loss", ["epoch_accuracy"]),
    ("Keras", "epoch_learning_rate", "epoch_loss", ["batch_loss", "batch_accuracy"]),
    (
        "Keras, two optimizers",
        "epoch_learning_rate_adam",
        "epoch_loss",
        ["epoch_learning_rate_sgd"],
    ),
    ("Keras", "batch_learning_rate", "batch_loss", ["batch_steps_per_second"]),
    ("Lightning", "lr-Adam", "train_loss", ["lr-Adam-momentum", "epoch", "val_loss"]),
    ("Lightning", "lr-SGD/pg1", "train_loss_step", ["lr-SGD/pg2", "train_loss_epoch"]),
    ("Lightning", "lr-AdamW-1", "train/loss", ["lr-AdamW-1-weight_decay"]),
    ("Lightning", "optim/lr-Adam/pg1", "train_loss", ["optim/lr-Adam/pg1-momentum"]),
    ("HF", "train/learning_rate", "train/loss", ["eval/loss", "train/train_loss"]),
    ("fastai", "lr_0", "train_loss", ["lr_1", "mom_0", "valid_loss", "wd_0"]),
    ("Composer", "lr-AdamW/group0", "loss/train/total", ["metrics/train/Accuracy"]),
    (
        "Ultralytics",
        "lr/pg0",
        "train/box_loss + train/cls_loss + train/dfl_loss",
        [
            "lr/pg1",
            "train/box_loss",
            "train/cls_loss",
            "train/dfl_loss",
            "val/box_loss",
        ],
    ),
    (
        "Ultralytics, segments",
        "lr/pg0",
        "train/box_loss + train/cls_loss + train/dfl_loss + train/seg_loss",
        [
            *("train/box_loss", "train/cls_loss", "train/dfl_loss", "train/seg_loss"),
            *("val/box_loss", "metrics/mAP50(B)", "lr/pg1", "lr/pg2"),
        ],
    ),
    (
        "YOLOv5",
        "x/lr1",
        "train/box_loss + train/cls_loss + train/obj_loss",
        ["x/lr0", "x/lr2", "train/box_loss", "train/obj_loss", "train/cls_loss"],
    ),
    ("YOLOX", "train/lr", "train/total_loss", ["train/iou_loss", "train/conf_loss"]),
    (
        "RT-DETR",
        "Lr/pg_0",
        "Loss/total",
        ["Lr/pg_1", "Loss/loss_vfl", "Loss/loss_bbox"],
    ),
    ("detectron2", "lr", "total_loss", ["loss_cls", "loss_box_reg", "eta_seconds"]),
    ("OD API", "learning_rate", "Loss/total_loss", ["Loss/localization_loss"]),
    ("estimator", "learning_rate", "loss", ["global_step/sec", "loss_1"]),
    ("Model Garden", "learning_rate", "training_loss", ["validation_loss"]),
    ("OD API 1", "LearningRate/LearningRate/learning_rate", "Losses/TotalLoss", []),
    ("Flax", "train_learning_rate", "train_loss", ["eval_loss", "steps_per_second"]),
    ("MMEngine", "lr", "loss", ["base_lr", "data_time", "loss_cls", "momentum"]),
    ("mmcv", "learning_rate", "train/loss", ["momentum", "val/bbox_mAP"]),
    (
        "Megatron-LM",
        "learning-rate",
        "lm loss",
        [
            *("learning-rate vs samples", "lm loss vs samples", "batch-size"),
            *("lm loss validation", "loss-scale", "grad-norm", "iteration-time"),
        ],
    ),
    ("GPT-NeoX", "train/learning_rate", "train/lm_loss", ["validation/lm_loss"]),
    (
        "DeepSpeed",
        "Train/Samples/lr",
        "Train/Samples/train_loss",
        ["Train/Samples/loss_scale"],
    ),
    (
        "torchtitan",
        "lr",
        "loss_metrics/global_avg_loss",
        ["loss_metrics/global_max_loss", "validation_metrics/loss", "grad_norm"],
    ),
    (
        "torchtitan, two optimizers",
        "lr/AdamW",
        "loss_metrics/global_avg_loss",
        ["lr/Muon/0", "lr/Muon/1", "loss_metrics/global_max_loss"],
    ),
    ("NeMo", "lr", "reduced_train_loss", ["val_loss", "global_step", "epoch"]),
    (
        "sd-scripts",
        "lr/unet",
        "loss/current",
        ["lr/textencoder", "loss/average", "loss/epoch"],
    ),
    ("sd-scripts, SDXL", "lr/unet", "loss", ["lr/text_encoder1", "avr_loss"]),
    ("sd-scripts", "lr/d*lr/unet", "loss/current", ["lr/unet", "loss/average"]),
    ("VITS", "learning_rate", "loss/g/total", ["loss/d/total", "loss/g/mel"]),
    (
        "Coqui TTS",
        "TrainIterStats/current_lr",
        "TrainIterStats/loss",
        ["TrainIterStats/loss_mel", "TrainEpochStats/avg_loss", "EvalStats/avg_loss"],
    ),
    (
        "Coqui TTS, a GAN",
        "TrainIterStats/current_lr_0",
        "TrainIterStats/loss",
        ["TrainIterStats/current_lr_1", "TrainIterStats/loss_gen"],
    ),
    ("ESPnet", "optim0_lr0", "loss", ["loss_ctc", "loss_att", "acc"]),
    ("WeNet", "train/lr_0", "train/train_loss", ["train/lr_1", "cv/loss"]),
    ("OpenNMT-py", "progress/lr", "progress/xent", ["progress/ppl", "valid/xent"]),
    (
        "AllenNLP",
        "learning_rate/encoder.weight",
        "train/batch_loss",
        ["learning_rate/head.bias", "train/batch_loss_mov_avg", "train/loss"],
    ),
    ("Catalyst", "lr/batch", "loss/batch", ["momentum/batch", "loss/epoch"]),
    (
        "SB3",
        "train/learning_rate",
        "train/loss",
        ["train/value_loss", "train/policy_gradient_loss", "rollout/ep_rew_mean"],
    ),
    ("SB3 SAC", "train/learning_rate", "train/actor_loss", ["train/critic_loss"]),
    (
        "CleanRL",
        "charts/learning_rate",
        "losses/policy_loss",
        ["losses/value_loss", "losses/entropy", "losses/clipfrac", "charts/SPS"],
    ),
    (
        "RLlib",
        "ray/tune/info/learner/default_policy/learner_stats/cur_lr",
        "ray/tune/info/learner/default_policy/learner_stats/total_loss",
        ["ray/tune/info/learner/default_policy/learner_stats/vf_loss"],
    ),
    (
        "RLlib 2",
        "ray/tune/learners/default_policy/default_optimizer_learning_rate",
        "ray/tune/learners/default_policy/total_loss",
        [
            "ray/tune/learners/default_policy/policy_loss",
            "ray/tune/learners/default_policy/vf_loss",
        ],
    ),
    (
        "rl_games",
        "info/last_lr",
        "losses/a_loss",
        ["info/lr_mul", "losses/c_loss", "losses/entropy", "losses/bounds_loss"],
    ),
    (
        "RSL-RL",
        "Loss/learning_rate",
        "Loss/surrogate",
        ["Loss/value_function", "Loss/entropy", "Policy/mean_noise_std"],
    ),
    ("TRL", "ppo/learning_rate", "ppo/loss/total", ["ppo/loss/policy"]),
    ("TRL", "train/lr", "train/loss/policy_avg", ["train/loss/value_avg"]),
    (
        "skrl, SAC",
        "Learning / Policy learning rate",
        "Loss / Policy loss",
        ["Learning / Critic learning rate", "Loss / Critic loss"],
    ),
    ("skrl", "Learning / Learning rate", "Loss / Policy loss", ["Loss / Value loss"]),
    ("T5X", "learning_rate", "loss", ["z_loss", "cross_ent_loss", "weight_sum"]),
    ("MaxText", "learning/current_learning_rate", "learning/loss", ["perf/step_time"]),
    ("MAE", "lr", "train_loss", []),
    ("clu", "learning_rate", "train_loss", ["steps_per_sec"]),
    ("diffusers", "lr", "loss", []),
    ("fairseq", "lr", "loss", ["ppl", "wps", "gnorm", "loss_scale"]),
    ("by hand", "LR", "Loss/train", ["Accuracy", "Loss/val"]),
    ("by hand", "Learning Rate", "Train Loss", []),
    ("by hand", "learning rate", "training loss", []),
    ("by hand", "train/lr", "train/total_loss", []),
    ("by hand", "lr_G", "loss_G", ["lr_D", "loss_D"]),
    ("by hand", "lr/G", "loss/G", ["lr/D", "loss/D", "loss/G_adv"]),
    ("by hand", "lr", "loss/student", ["loss/teacher", "loss/kd"]),
    ("by hand", "lr", None, ["losses/entropy", "losses/kl"]),
    ("by hand", "lr", "loss_unscaled", ["loss_scaled", "loss_scale"]),
    ("by hand", "lr/epoch", "loss/epoch", ["acc/epoch"]),
    ("by hand", "hyperparams/learning_rate", "losses/train_loss", ["losses/val_loss"]),
    ("by hand", "Train/Learning_Rate", "Train/Loss_iter", ["Train/Loss_epoch"]),
    ("by hand", "optim/lr", "train/loss", ["eval/lr", "eval/loss"]),
    ("by hand", "learningRate", "trainLoss", ["valLoss"]),
    ("by hand", "actor/lr", "actor/loss", ["critic/lr", "critic/loss"]),
    ("by hand", "opt/lr", "CrossEntropyLoss", ["dice_loss"]),
    ("by hand", "lr", None, ["accuracy", "color", "loss_weight", "test/loss"]),
]


@pytest.mark.parametrize(("program", "rate", "loss", "others"), LOGS)
def test_the_rate_and_the_loss_of_a_log_are_chosen(program, rate, loss, others):
    tags = {rate, *([] if loss is None or PLUS in loss else [loss]), *others}

    choice = choose_tags(frozenset(tags), {})

    assert choice.rates[0] == rate
    assert next(iter(choice.losses), None) == loss


@pytest.mark.parametrize(
    "tag",
    [
        *("lr-Adam-momentum", "lr-Adam-weight_decay", "accuracy", "color", "val_loss"),
        *("mom_0", "eval/lr", "psnr_lr", "lr_decay", "blr", "train/loss", "LRFinder"),
        *("info/lr_mul", "lr-Adam/pg1-momentum"),
    ],
)
def test_other_tags_are_no_rate(tag):
    assert choose_tags(frozenset([tag]), {}).rates == []


@pytest.mark.parametrize(
    "tag", ["val_loss", "eval/loss", "epoch_val_loss", "gloss", "cv/loss"]
)
def test_losses_of_other_data_are_no_training_loss(tag):
    assert choose_tags(frozenset([tag, "lr"]), {}).losses == []


@pytest.mark.parametrize(
    ("tag", "metric"),
    [
        *(
            ("val_loss", "val_loss"),
            ("eval/loss", "val_loss"),
            ("Loss/val", "val_loss"),
        ),
        *(
            ("val/f1", "val_f1"),
            ("eval/f1_score", "val_f1_score"),
            ("R2/val", "val_r2"),
            ("val/mIoU", "val_miou"),
            ("val/mAP50-95", "val_map_50_95"),
        ),
        *(("validation/epoch_loss", "val_loss"), ("eval_accuracy", "val_accuracy")),
        *(("lm loss validation", "val_loss"), ("EvalStats/avg_loss", "val_stats_loss")),
    ],
)
def test_validation_is_named_as_keras_names_it(tag, metric):
    assert (find_role(tag).kind, find_role(tag).metric) == ("validation", metric)


@pytest.mark.parametrize("tag", ["epoch", "train/epoch", "info/epochs"])
def test_an_epoch_is_no_mean_over_one(tag):
    choice = choose_tags(frozenset([tag, "lr", "loss/step", "loss/epoch"]), {})
    assert (choice.epoch, choice.losses[0]) == (tag, "loss/step")


def test_every_program_in_the_table_has_a_source_and_patterns():
    for convention in CONVENTIONS:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+: ([\w.-]+/)*\w+\.py", convention.source)
        for pattern in (*convention.rates, *convention.losses, *convention.proof):
            re.compile(pattern.removeprefix("+"))
        assert bool(convention.caveat) <= bool(convention.proof)


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda c: c.program)
def test_every_program_in_the_table_has_a_log_that_fits_it(convention):
    def fits(patterns, tag):
        return any(
            re.fullmatch(pattern.removeprefix("+"), part)
            for pattern in patterns
            for part in tag.split(PLUS)
        )

    assert any(
        fits(convention.rates, rate) and fits(convention.losses, loss)
        for _, rate, loss, _ in LOGS
        if loss is not None
    )


def test_a_program_is_named_only_where_it_is_that_program():
    tags = {"train/learning_rate", "train/loss"}
    assert choose_tags(frozenset(tags), {}).caveat == ""
    assert "Hugging Face" in choose_tags(frozenset({*tags, "train/epoch"}), {}).caveat


def test_the_user_chooses_first():
    tags = frozenset(["lr", "optim/lr", "loss", "nll", "train/loss"])

    choice = choose_tags(tags, {"learning_rate": "optim/lr", "loss": "nll"})

    assert (choice.rates[0], choice.losses[0]) == ("optim/lr", "nll")
    assert choice.may_stand_in == 1


def test_any_tag_may_be_chosen_as_the_rate():
    choice = choose_tags(frozenset(["eta", "loss"]), {"learning_rate": "eta"})
    assert (choice.rates, choice.losses) == (["eta"], ["loss"])


def test_no_loss_may_be_chosen():
    assert choose_tags(frozenset(["lr", "loss"]), {"loss": ""}).losses == []


def test_a_chosen_tag_that_a_run_does_not_have_counts_for_nothing():
    choice = choose_tags(frozenset(["lr", "loss"]), {"learning_rate": "a", "loss": "b"})
    assert (choice.rates, choice.losses) == (["lr"], ["loss"])


@pytest.mark.parametrize(
    ("tag", "metric"),
    [
        *(("epoch_accuracy", "accuracy"), ("train/accuracy", "accuracy")),
        *(("train_acc_epoch", "acc"), ("Accuracy/train", "accuracy")),
        *(("train_loss_epoch", "loss"), ("epoch_loss", "loss"), ("loss/epoch", "loss")),
        # On which data is not said; of batches; a part of the loss.
        *(("accuracy", ""), ("metrics/mAP50(B)", ""), ("train_loss", "")),
        *(("train_loss_step", ""), ("train/box_loss_epoch", "")),
    ],
)
def test_metrics_of_the_training_are_named_as_keras_names_them(tag, metric):
    assert find_role(tag).metric == metric
