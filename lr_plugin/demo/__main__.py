"""The command `python -m lr_plugin.demo`."""

import argparse
import shlex

from lr_plugin.demo import write_demo


def main(args: list[str] | None = None) -> None:
    """Parses the command line and writes the runs."""
    parser = argparse.ArgumentParser(
        prog="python -m lr_plugin.demo", description="Writes example runs."
    )
    parser.add_argument("logdir", help="directory for the runs; created if needed")
    parser.add_argument(
        "--num_runs",
        type=int,
        default=6,
        help="how many runs the search has that is among the examples (default: 6)",
    )
    parser.add_argument(
        "--long_steps",
        type=int,
        default=1_000_000,
        help="iterations of the long run; 0 leaves it out (default: 1000000)",
    )
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    options = parser.parse_args(args)
    if options.num_runs < 0 or options.long_steps < 0:
        parser.error("--num_runs and --long_steps must be 0 or more.")
    runs = write_demo(
        options.logdir,
        num_runs=options.num_runs,
        long_steps=options.long_steps,
        seed=options.seed,
    )
    print(f"Wrote {len(runs)} runs to {options.logdir}: {', '.join(runs)}.")
    print(f"To see them: tensorboard --logdir {shlex.quote(options.logdir)}")


if __name__ == "__main__":
    main()
