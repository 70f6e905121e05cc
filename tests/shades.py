"""Pictures of one tone each, for tests of what looks alike."""

from __future__ import annotations

from pathlib import Path

from PIL import Image


def write_shades(folder: Path) -> None:
    """Write eight, from dark to light, in turns into two class folders."""
    for label in ("crack", "sound"):
        (folder / label).mkdir(parents=True)
    for number in range(8):
        tone = Image.new("L", (64, 64), 20 + 25 * number)
        tone.save(folder / ("crack", "sound")[number % 2] / f"{number}.png")
