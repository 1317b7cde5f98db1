"""Figures of many draws as columns: rows of single draws stacked, and the columns of several chunks joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

Row = Mapping[str, Any]
"""What is kept of one draw: numbers and arrays by name, perhaps rows within rows."""
Record = TypeVar("Record")


def stacked(rows: Sequence[Row]) -> dict[str, Any]:
    """Columns from rows of the same names: numbers become shape (draws,), arrays (draws, …), rows columns in turn."""
    return {name: _stack([row[name] for row in rows]) for name in rows[0]}


def _stack(values: Sequence[Any]) -> Any:
    return stacked(values) if isinstance(values[0], Mapping) else np.array(values)


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
    return type(first)(**{each.name: _join([getattr(part, each.name) for part in parts]) for each in fields(first)})
