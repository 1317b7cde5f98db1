"""PNG, SVG, PDF of a chart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from switchpoint.files import folder_to_write
from switchpoint.scenario.toml_writer import save_files

_DEFINED = re.compile(r'<clipPath id="([^"]+)"')
_USED = re.compile(r'(<clipPath id="|url\(#)([^")]+)(["\)])')
SCALE = 2
"""Pixels of a PNG per pixel of the chart."""
Spec = Mapping[str, Any]


def png(spec: Spec, scale: float = SCALE) -> bytes:
    """A chart as PNG; `scale` is pixels of it per pixel of the chart."""
    return _as_png(_drawing(spec), scale)


def svg(spec: Spec) -> bytes:
    """A chart as SVG."""
    return _drawing(spec).encode("utf-8")


def pdf(spec: Spec) -> bytes:
    """A chart as PDF, its fonts inside."""
    return _as_pdf(_drawing(spec))


def in_formats(spec: Spec, kinds: Iterable[str]) -> dict[str, bytes]:
    """A chart by kind ("png", "svg", "pdf"), drawn once for all of them."""
    drawing = _drawing(spec)
    return {kind: FORMATS[kind](drawing) for kind in kinds}


def _drawing(spec: Spec) -> str:
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(still(spec), allowed_base_urls=[])
    return number_clip_paths(text)


def _as_png(drawing: str, scale: float = SCALE) -> bytes:
    import vl_convert

    data: bytes = vl_convert.svg_to_png(drawing, scale=scale)
    return data


def _as_pdf(drawing: str) -> bytes:
    import vl_convert

    data: bytes = vl_convert.svg_to_pdf(drawing)
    return data


def number_clip_paths(text: str, prefix: str = "clip") -> str:
    """An SVG whose clip paths are numbered from 0, whatever was drawn before it; `prefix` tells several apart.

    >>> number_clip_paths('<clipPath id="clip17"/><g clip-path="url(#clip17)"/>', "bill-")
    '<clipPath id="bill-0"/><g clip-path="url(#bill-0)"/>'
    """
    names = {name: f"{prefix}{number}" for number, name in enumerate(dict.fromkeys(_DEFINED.findall(text)))}
    return _USED.sub(lambda found: f"{found[1]}{names.get(found[2], found[2])}{found[3]}", text)


FORMATS: Mapping[str, Callable[[str], bytes]] = {"png": _as_png, "svg": str.encode, "pdf": _as_pdf}
"""Formats of pictures, and what makes them of a drawing."""


def still(spec: Spec) -> dict[str, Any]:
    """A specification without the layers that only a pointer shows, which on paper are nothing but weight.

    >>> still({"layer": [{"mark": "line"}, {"mark": "rule", "params": [{"name": "near"}]}]})
    {'layer': [{'mark': 'line'}]}
    """
    told = dict(spec)
    hidden = {view for param in told.pop("params", []) for view in param.get("views", [])}
    if "layer" in told:
        layers = told["layer"]
        told["layer"] = [layer for layer in layers if "params" not in layer and layer.get("name") not in hidden]
    return told


def with_width(spec: Spec, width: int) -> dict[str, Any]:
    """A specification drawn so many pixels wide, without room around it."""
    told = dict(spec)
    if "hconcat" not in told:
        told["width"] = width
    return {**told, "padding": 4, "background": "transparent"}


def save_chart(chart: Any, folder: Path, name: str) -> list[Path]:
    """Write one chart into a folder, as NAME.png and NAME.svg, each file whole.

    Returns:
        The files that were written.
    """
    return save_charts({name: chart}, folder)


def save_charts(drawn: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write some charts into a folder, as NAME.png and NAME.svg, all of them or none.

    Returns:
        The files that were written.
    """
    files = {folder_to_write(folder) / name: data for name, data in chart_files(drawn).items()}
    save_files("charts", files, overwrite=True)
    return list(files)


def chart_files(drawn: Mapping[str, Any]) -> dict[str, bytes]:
    """Some charts as pictures, by the name of the file."""
    told = {name: in_formats(chart.to_dict(), ("png", "svg")) for name, chart in drawn.items()}
    return {f"{name}.{kind}": data for name, kinds in told.items() for kind, data in kinds.items()}
