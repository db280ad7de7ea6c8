"""Logs every batch of a Lightning training with a callback."""

import lightning
import torch

from lr_plugin import RunWriter


class LearningRateLogger(lightning.Callback):
    """Records the rate and the loss of every batch in a folder."""

    def __init__(self, folder: str):
        self._run = RunWriter(folder)
        self._rate = 0.0

    def on_train_batch_start(self, trainer, module, batch, batch_idx):
        # Lightning moves the schedule on before it says that the batch has ended.
        self._rate = trainer.optimizers[0].param_groups[0]["lr"]

    def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
        step = trainer.fit_loop.total_batch_idx
        self._run.log(step, learning_rate=self._rate, loss=outputs["loss"])

    def teardown(self, trainer, module, stage):
        self._run.close()


class Regression(lightning.LightningModule):
    """A line through points."""

    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(8, 1)

    def training_step(self, batch):
        x, y = batch
        return torch.nn.functional.mse_loss(self.line(x), y)

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def main() -> None:
    x = torch.randn(1024, 8)
    data = torch.utils.data.TensorDataset(x, x.sum(1, keepdim=True))
    trainer = lightning.Trainer(
        max_epochs=3,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        accelerator="cpu",
        callbacks=[LearningRateLogger("logs/lightning")],
    )
    trainer.fit(Regression(), torch.utils.data.DataLoader(data, batch_size=32))
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
