"""Charts that no program edits, as sharp pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pptx.util import Inches

from switchpoint.export.pictures import png, sized

PIXELS = 80
"""Pixels of a chart per inch of a slide: letters of 12 pixels have 11 points."""
SHARP = 3
"""Pixels of the picture per pixel of the chart."""
AROUND = 80
"""Pixels that axes and legend take of a chart's height."""
Place = tuple[float, float, float, float]


def draw_picture(slide: Any, spec: Mapping[str, Any], place: Place, alt: str) -> Any:
    """Draw a chart into a slide, as wide as its place; `place` is left, top, width and height in inches."""
    left, top, width, height = place
    image = io.BytesIO(png(_fitted(spec, width, height), SHARP))
    shape = slide.shapes.add_picture(image, Inches(left), Inches(top))
    scale = min(Inches(width) / shape.width, Inches(height) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    shape._element.nvPicPr.cNvPr.set("descr", alt)
    return shape


def _fitted(spec: Mapping[str, Any], width: float, height: float) -> dict[str, Any]:
    """A specification that is drawn to the size of its place, inches, or lower where it is meant to be."""
    most = round(height * PIXELS)
    natural = spec.get("height")
    tall = min(most, natural + AROUND) if isinstance(natural, (int, float)) else most
    return {
        **sized(spec, round(width * PIXELS)),
        "height": tall,
        "autosize": {"type": "fit", "contains": "padding"},
    }
