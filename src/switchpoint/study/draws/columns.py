"""Figures of many draws as columns: those of several chunks joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

Record = TypeVar("Record")


def joined(parts: Sequence[Record]) -> Record:
    """One record from those of several chunks: arrays end to end, mappings by key, dataclasses by field."""
    if len(parts) == 1:
        return parts[0]
    whole: Record = _join(parts)
    return whole


def _join(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, Mapping):
        return {key: _join([part[key] for part in parts]) for key in first}
    if isinstance(first, tuple):
        return tuple(map(_join, zip(*parts, strict=True)))
    return type(first)(**{each.name: _join([getattr(part, each.name) for part in parts]) for each in fields(first)})
