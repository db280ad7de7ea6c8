"""Writes the logs in this folder with the libraries that people use.

    pip install tensorboardX==2.6.5 clu==0.0.12 tensorflow==2.21.0 keras==3.15.1
    pip install torch==2.14.1 lightning==2.6.6 transformers==5.24.0 accelerate==1.15.0
    cd tests/lr_plugin && python foreign_logs/write.py foreign_logs [lightning ...]

Each is a run of some dozens of points, as the library's own documentation logs a
training. They are kept because the libraries are no requirement of the tests.
"""

import math
import sys
from pathlib import Path

NUM_STEPS = 60
STEPS_PER_EPOCH = 20


def rate_at(step: int) -> float:
    return 1e-3 * 0.5 * (1 + math.cos(math.pi * step / NUM_STEPS))


def loss_at(step: int) -> float:
    return 2.3 * math.exp(-step / 30) + 0.1 * math.sin(step)


def write_tensorboardx(logdir: Path) -> None:
    """A loss at each step, a rate at each epoch's first, curves of add_scalars."""
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(logdir)) as writer:
        writer.add_text("config", "batch_size: 64")
        for step in range(NUM_STEPS):
            if step % STEPS_PER_EPOCH == 0:
                writer.add_scalar("optim/lr", rate_at(step), step)
            loss = math.nan if step == 50 else loss_at(step)
            writer.add_scalar("train/loss", loss, step, summary_description="mean")
            writer.add_scalars("Accuracy", {"train": step / 60, "val": step / 70}, step)


def write_clu(logdir: Path) -> None:
    """What `clu.metric_writers` makes of the scalars of a step, and a text."""
    from clu import metric_writers

    writer = metric_writers.SummaryWriter(str(logdir))
    writer.write_texts(0, {"config": "batch_size=64"})
    for step in range(0, NUM_STEPS, 5):
        values = {"learning_rate": rate_at(step), "train_loss": loss_at(step)}
        writer.write_scalars(step, values)
        if step % STEPS_PER_EPOCH == 0:
            writer.write_scalars(step, {"eval_loss": loss_at(step) + 0.1})
    writer.flush()


def write_keras(logdir: Path) -> None:
    """What Keras' callback writes of a fit with a schedule and validation data."""
    import keras
    import numpy as np

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    schedule = keras.optimizers.schedules.CosineDecay(0.1, NUM_STEPS)
    model.compile(keras.optimizers.SGD(schedule), "mse")
    x = np.random.default_rng(0).normal(size=(64, 4))
    y = x.sum(axis=1)
    callback = keras.callbacks.TensorBoard(str(logdir), write_graph=False)
    fit = {"validation_data": (x[:16], y[:16]), "verbose": 0, "batch_size": 16}
    model.fit(x, y, epochs=6, callbacks=[callback], **fit)


def write_tensorflow_1(logdir: Path) -> None:
    """What the sessions of TensorFlow 1 write: summaries merged into one event."""
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        rate, loss = v1.placeholder(tf.float32, []), v1.placeholder(tf.float32, [])
        v1.summary.scalar("learning_rate", rate)
        v1.summary.histogram("weights", tf.linspace(0.0, loss, 9))
        v1.summary.scalar("loss_1", loss)
        merged = v1.summary.merge_all()
        writer = v1.summary.FileWriter(str(logdir))
        for step in range(0, NUM_STEPS, 2):
            feed = {rate: rate_at(step), loss: loss_at(step)}
            writer.add_summary(session.run(merged, feed), step)
        writer.close()


def write_tensorflow_2(logdir: Path) -> None:
    """The learning rate of TensorBoard's guide, logged by hand beside the loss."""
    import tensorflow as tf

    with tf.summary.create_file_writer(str(logdir)).as_default():
        for step in range(NUM_STEPS):
            tf.summary.scalar("learning rate", data=rate_at(step), step=step)
            tf.summary.scalar("training loss", data=loss_at(step), step=step)
            tf.summary.scalar("epoch", data=step // STEPS_PER_EPOCH, step=step)


def write_lightning(logdir: Path) -> None:
    """Two groups' rates of LearningRateMonitor, and a loss by step and by epoch."""
    import lightning
    import torch
    from lightning.pytorch.callbacks import LearningRateMonitor
    from lightning.pytorch.loggers import TensorBoardLogger

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.body, self.head = torch.nn.Linear(4, 4), torch.nn.Linear(4, 1)

        def training_step(self, batch):
            loss = self.find_loss(batch)
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch):
            self.log("val_loss", self.find_loss(batch))

        def find_loss(self, batch):
            x, y = batch
            return torch.nn.functional.mse_loss(self.head(self.body(x)), y)

        def configure_optimizers(self):
            groups = [
                {"params": self.body.parameters(), "lr": 1e-2},
                {"params": self.head.parameters(), "lr": 1e-3},
            ]
            adam = torch.optim.Adam(groups)
            cosine = torch.optim.lr_scheduler.CosineAnnealingLR(adam, NUM_STEPS)
            return [adam], [{"scheduler": cosine, "interval": "step"}]

    lightning.seed_everything(0)
    x = torch.randn(STEPS_PER_EPOCH * 4, 4)
    examples = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    trainer = lightning.Trainer(
        max_steps=NUM_STEPS,
        log_every_n_steps=5,
        logger=TensorBoardLogger(logdir.parent, name=logdir.name, version=""),
        callbacks=[LearningRateMonitor("step")],
        enable_checkpointing=False,
        accelerator="cpu",
    )
    loaders = [torch.utils.data.DataLoader(examples, batch_size=4) for _ in range(2)]
    trainer.fit(Module(), *loaders)


def write_transformers(logdir: Path) -> None:
    """What TensorBoardCallback of the Hugging Face Trainer writes, with evaluations."""
    import torch
    import transformers

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x, labels):
            predicted = self.layer(x)[:, 0]
            return torch.nn.functional.mse_loss(predicted, labels), predicted

    transformers.set_seed(0)
    x = torch.randn(STEPS_PER_EPOCH * 4, 4)
    examples = [{"x": one, "labels": one.sum()} for one in x]
    arguments = transformers.TrainingArguments(
        output_dir="trainer_output",
        max_steps=NUM_STEPS,
        per_device_train_batch_size=4,
        learning_rate=0.05,
        warmup_steps=10,
        logging_steps=5,
        eval_strategy="epoch",
        save_strategy="no",
        report_to="none",
        use_cpu=True,
    )
    transformers.Trainer(
        Model(),
        arguments,
        train_dataset=examples,
        eval_dataset=examples,
        callbacks=[
            transformers.integrations.TensorBoardCallback(
                torch.utils.tensorboard.SummaryWriter(str(logdir))
            )
        ],
    ).train()


WRITERS = {
    "tensorboardx": write_tensorboardx,
    "clu": write_clu,
    "keras": write_keras,
    "tensorflow_1": write_tensorflow_1,
    "tensorflow_2": write_tensorflow_2,
    "lightning": write_lightning,
    "transformers": write_transformers,
}


if __name__ == "__main__":
    for name in sys.argv[2:] or WRITERS:
        WRITERS[name](Path(sys.argv[1]) / name)
