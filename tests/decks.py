"""What must hold of the slides of every deck."""

import itertools
from typing import Any

from pptx.util import Inches

from switchpoint.export.deck.template import HEIGHT, WIDTH

SLACK = Inches(0.02)


def assert_laid_out(deck: Any) -> None:
    """Everything lies within its slide, and nothing overlaps."""
    for number, slide in enumerate(deck.slides, 1):
        boxes = [
            (shape.name, shape.left, shape.top, shape.left + shape.width, shape.top + shape.height)
            for shape in slide.shapes
            if not shape.name.startswith("Card")
        ]
        for box in boxes:
            assert box[1] >= 0, (number, box)
            assert box[3] <= Inches(WIDTH) + SLACK, (number, box)
            assert box[4] <= Inches(HEIGHT) + SLACK, (number, box)
        for one, other in itertools.combinations(boxes, 2):
            across = min(one[3], other[3]) - max(one[1], other[1])
            down = min(one[4], other[4]) - max(one[2], other[2])
            assert across <= SLACK or down <= SLACK, (number, one, other)
