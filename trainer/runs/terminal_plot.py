"""Draws a small plot made of characters."""

import numpy as np

_WIDTH = 60
_HEIGHT = 12


def draw_in_terminal(x: np.ndarray, y: np.ndarray) -> str:
    """Draws y, from 0 up, against rising x; each column shows its highest y."""
    columns = np.minimum((x - x[0]) * _WIDTH // max(1, x[-1] - x[0]), _WIDTH - 1)
    highest = float(y.max())
    heights = np.zeros(_WIDTH, int)
    filled = np.zeros(_WIDTH, bool)
    for column, value in zip(columns.astype(int), y, strict=True):
        height = round(value / highest * (_HEIGHT - 1)) if highest > 0 else 0
        heights[column] = max(heights[column], height) if filled[column] else height
        filled[column] = True
    lines = []
    for level in reversed(range(_HEIGHT)):
        marks = np.where(filled & (heights == level), "*", " ")
        label = {_HEIGHT - 1: f"{highest:.3g}", 0: "0"}.get(level, "")
        lines.append(f"{label:>9} |{''.join(marks)}".rstrip())
    lines.append(f"{'':>9} +{'-' * _WIDTH}")
    lines.append(f"{'':>11}{x[0]:<{_WIDTH - 10}g}{x[-1]:>10g}")
    return "\n".join(lines)
