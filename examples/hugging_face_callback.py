"""Logs every update of a Hugging Face Trainer with a callback."""

import torch
import transformers

from lr_plugin import RunWriter


class LearningRateCallback(transformers.TrainerCallback):
    """Records the rate of every update and the loss of its batches in a folder.

    To be given to the Trainer with `logging_steps=1`: its loss is then that of one
    update, and not a mean over several.
    """

    def __init__(self, folder: str):
        self._run = RunWriter(folder)
        self._rate = 0.0

    def on_pre_optimizer_step(self, args, state, control, optimizer=None, **kwargs):
        self._rate = optimizer.param_groups[0]["lr"]

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            step = state.global_step - 1
            self._run.log(step, learning_rate=self._rate, loss=float(logs["loss"]))

    def on_train_end(self, args, state, control, **kwargs):
        self._run.close()


class Regression(torch.nn.Module):
    """A line through points."""

    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(8, 1)

    def forward(self, x, labels):
        return {"loss": torch.nn.functional.mse_loss(self.line(x), labels)}


def main() -> None:
    x = torch.randn(512, 8)
    trainer = transformers.Trainer(
        model=Regression(),
        args=transformers.TrainingArguments(
            output_dir="logs/outputs",
            per_device_train_batch_size=32,
            learning_rate=0.1,
            num_train_epochs=3,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            use_cpu=True,
        ),
        train_dataset=[{"x": each, "labels": each.sum()[None]} for each in x],
        callbacks=[LearningRateCallback("logs/hugging_face")],
    )
    trainer.train()
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
