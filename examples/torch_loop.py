"""Logs a PyTorch training loop: the rate of each group of weights before its step."""

import torch

from lr_plugin import RunWriter

NUM_STEPS = 500


def main() -> None:
    torch.manual_seed(0)
    body, head = torch.nn.Linear(8, 16), torch.nn.Linear(16, 1)
    optimizer = torch.optim.AdamW(
        [{"params": body.parameters()}, {"params": head.parameters(), "lr": 1e-2}],
        lr=1e-3,
    )
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, NUM_STEPS)
    with RunWriter("logs/torch") as run:
        for step in range(NUM_STEPS):
            x = torch.randn(32, 8)
            error = head(torch.relu(body(x))) - x.sum(1, keepdim=True)
            loss = error.square().mean()
            optimizer.zero_grad()
            loss.backward()
            # Before the scheduler moves on: these are the rates of this very update.
            rate, head_rate = scheduler.get_last_lr()
            optimizer.step()
            scheduler.step()
            rates = {"learning_rate:head": head_rate}
            run.log(step, learning_rate=rate, loss=loss, **rates)
    print("To see it: tensorboard --logdir logs")


if __name__ == "__main__":
    main()
