"""The drawing of a network: where each box, strip and word of it stands.

The figure of a page and the picture in a document draw the same boxes, so that they
cannot differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from crack.runs.architecture import Architecture, Part
from crack.runs.config import Phase

WIDTH = 360.0
"""Of the drawing. A document scales it; a page stretches it sideways only."""

STRIP_HEIGHT = 19.0

GAP = 15.0
"""Between boxes, for an arrow."""

HOW_TO_READ = (
    "Each box tells the shape of its output for one photo, its parameters and its "
    "MACs: multiply-adds, one for each weight of a convolution at each position of its "
    "output and one for each weight of the Dense layer, counted as by Howard et al. "
    "2017 (arXiv:1704.04861); other layers are not counted. Hatched: fixed. Filled: "
    "learns. Where a strip is divided, the numbers count the layers with weights. The "
    "statistics of batch normalisation are among the parameters, but learn in neither "
    "phase."
)
"""Below the drawing."""

_HEADING = 20.0
_TITLE_AT, _FACTS_AT, _STRIPS_AT = 11.0, 27.0, 37.0  # below the top of a box
_WITH_STRIPS, _WITHOUT = 61.0, 38.0  # height of a box
_NARROWEST = 0.8  # of the width; there must be room for the words
_INSET, _BETWEEN = 6.0, 4.0  # of the strips
_LEAST_SHARE = 0.3  # of a strip, so that its words fit in


@dataclass(frozen=True)
class Strip:
    """What the layers of a box do in one phase: all of them or some.

    Attributes:
        left: Of the strip.
        width: Of the strip.
        learns: Whether they learn; they are fixed otherwise.
        words: Written on it.
    """

    left: float
    width: float
    learns: bool
    words: str


@dataclass(frozen=True)
class Box:
    """A part of the network. The lower the resolution, the narrower its box.

    Attributes:
        left: Of the box.
        top: Measured downwards, as are all positions.
        width: Of the box.
        height: Of the box.
        title: Name of the part.
        about: What it is made of.
        facts: Shape of its output, parameters and multiply-adds.
        strips: By phase; none if there is nothing to learn.
    """

    left: float
    top: float
    width: float
    height: float
    title: str
    about: str
    facts: str
    strips: tuple[Strip, ...]

    @property
    def title_at(self) -> float:
        """Middle of the line with the title."""
        return self.top + _TITLE_AT

    @property
    def facts_at(self) -> float:
        """Middle of the line with the facts."""
        return self.top + _FACTS_AT

    @property
    def strips_at(self) -> float:
        """Top of the strips."""
        return self.top + _STRIPS_AT


@dataclass(frozen=True)
class NetworkDrawing:
    """A network from the photo at the top to the answer at the bottom.

    Attributes:
        height: Of the drawing; its width is `WIDTH`.
        headings: Middle and words above the strips of each phase.
        boxes: From top to bottom, an arrow from each to the next.
    """

    height: float
    headings: tuple[tuple[float, str], ...]
    boxes: tuple[Box, ...]


def network_drawing(network: Architecture) -> NetworkDrawing:
    """Return the drawing of a network."""
    top, boxes = _HEADING, []
    for part in network.parts:
        box = _box(part, network, top)
        boxes.append(box)
        top += box.height + GAP
    columns = _columns(0, WIDTH, len(network.phases))
    headings = [
        (left + width / 2, f"{phase.label.capitalize()} phase")
        for phase, (left, width) in zip(network.phases, columns, strict=True)
    ]
    return NetworkDrawing(top - GAP, tuple(headings), tuple(boxes))


@dataclass(frozen=True)
class NetworkPicture:
    """What a document shows of a network.

    Attributes:
        drawing: To be drawn at any scale.
        totals: A sentence with the numbers of parameters that learn.
        alt: The drawing in words.
    """

    drawing: NetworkDrawing
    totals: str
    alt: str


def picture_of(network: Architecture) -> NetworkPicture:
    """Return what a document shows of a network."""
    return NetworkPicture(
        network_drawing(network), totals_in_words(network), drawing_in_words(network)
    )


def in_millions(multiply_adds: int) -> str:
    """Write a number of multiply-adds, with its unit."""
    if multiply_adds < 100_000:
        return f"{multiply_adds:,} MACs"
    return f"{multiply_adds / 1e6:.1f} M MACs"


def shape_words(shape: tuple[int, ...]) -> str:
    """Write the shape of an output, such as "10 × 10 × 96"."""
    return " × ".join(f"{length:,}" for length in shape)


def totals_in_words(network: Architecture) -> str:
    """Return how many parameters there are, and how many learn, in a sentence."""
    said = []
    for phase in network.phases:
        learning, head = network.trained(phase), network.head.trained(phase)
        above = f"{learning - head:,} + {head:,}" if learning > head else f"{head:,}"
        said.append(f"{above} learn in the {phase.label} phase")
    return (
        f"Of {network.parameters:,} parameters, {' and '.join(said)}. "
        f"A photo takes {in_millions(network.multiply_adds)}."
    )


def drawing_in_words(network: Architecture) -> str:
    """Return what the drawing shows, for a reader who cannot see it."""
    parts = []
    for part in network.parts:
        phases = [
            f"{_learning_words(part, phase)} in the {phase.label} phase"
            for phase in network.phases
            if part.with_weights
        ]
        said = ", ".join([shape_words(part.shape), *phases])
        parts.append(f"{part.title}: {said}")
    return "The network from the photo to the answer. " + "; ".join(parts) + "."


def _learning_words(part: Part, phase: Phase) -> str:
    learning = part.learning(phase)
    if 0 < learning < part.with_weights:
        return f"{learning} of {part.with_weights} layers with weights learn"
    return "learns" if learning else "fixed"


def _box(part: Part, network: Architecture, top: float) -> Box:
    side = part.shape[0] if len(part.shape) > 1 else 1
    largest = network.parts[0].shape[0]
    share = _NARROWEST + (1 - _NARROWEST) * math.log(side) / math.log(largest)
    width = WIDTH * share
    left = (WIDTH - width) / 2
    facts = shape_words(part.shape)
    if part.parameters:
        multiply_adds = in_millions(part.multiply_adds)
        facts += f"; {part.parameters:,} parameters; {multiply_adds}"
    strips = tuple(_strips(part, network, left, width)) if part.with_weights else ()
    height = _WITH_STRIPS if strips else _WITHOUT
    return Box(left, top, width, height, part.title, part.about, facts, strips)


def _columns(left: float, width: float, number: int) -> list[tuple[float, float]]:
    """Return left and width of the strips of each phase in a box."""
    room = width - 2 * _INSET - (number - 1) * _BETWEEN
    each = room / number
    return [(left + _INSET + n * (each + _BETWEEN), each) for n in range(number)]


def _strips(
    part: Part, network: Architecture, left: float, width: float
) -> Iterator[Strip]:
    """Yield a strip for each phase, two where a part is cut by the freeze point."""
    columns = _columns(left, width, len(network.phases))
    for phase, (start, room) in zip(network.phases, columns, strict=True):
        learning = part.learning(phase)
        fixed = part.with_weights - learning
        if not (learning and fixed):
            learns = learning > 0
            yield Strip(start, room, learns, "learns" if learns else "fixed")
            continue
        share = fixed / part.with_weights
        cut = room * min(max(share, _LEAST_SHARE), 1 - _LEAST_SHARE)
        yield Strip(start, cut, False, f"{fixed} fixed")
        yield Strip(start + cut, room - cut, True, f"{learning} learn")
