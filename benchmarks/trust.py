"""Attacks what is read and served, and prints what was lost or shown wrongly.

    python benchmarks/trust.py [--logs=600] [--checkpoints=1500] [--clients=180]
        [--fits=500]

Damages event files and checkpoints, one damage each, opens connections to a real
`tensorboard` that ask for large answers and never read, and records hundreds of fits in
one process. Takes some minutes.
"""

import argparse

from attacks.damaged_checkpoints import attack_checkpoints
from attacks.damaged_logs import attack_logs
from attacks.many_fits import repeat_fits
from attacks.stuck_clients import attack_server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=int, default=600)
    parser.add_argument("--checkpoints", type=int, default=1500)
    parser.add_argument("--clients", type=int, default=180)
    parser.add_argument("--fits", type=int, default=500)
    flags = parser.parse_args()
    if flags.fits:
        counts = repeat_fits(flags.fits)
        shown = [f"{name} {a} and {b}" for name, (a, b) in counts.items()]
        print(f"{flags.fits} fits: after the tenth and the last, {', '.join(shown)}")
    if flags.checkpoints:
        failed, wrong, fell_back = attack_checkpoints(flags.checkpoints)
        print(
            f"checkpoints: {flags.checkpoints} damages: {failed} crashes, {wrong} with "
            f"a wrong number, {fell_back} times the one before was used",
            flush=True,
        )
    if flags.logs:
        for loader in ("fast", "python"):
            failed, wrong, lossy, told = attack_logs(flags.logs, loader)
            print(
                f"event files, {loader} loader: {flags.logs} damages: {failed} errors, "
                f"{wrong} with a wrong number, {lossy} lost rows, {told} of these told "
                "in a notice",
                flush=True,
            )
    if flags.clients:
        found = attack_server(flags.clients)
        print(
            f"stuck clients: {flags.clients}: memory {found['before_mb']:.0f} MB "
            f"before, {found['during_mb']:.0f} during, {found['after_mb']:.0f} after; "
            f"the longest wait of others {found['longest_wait_secs']:.2f} s"
        )


if __name__ == "__main__":
    main()
