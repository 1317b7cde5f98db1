"""Usage added up while it streams by: per hour and model, whatever the number of rows."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from switchpoint.owndata.cells import Mask
from switchpoint.owndata.privacy import is_plain_name
from switchpoint.owndata.usage_format import MEASURES, Rows

HOUR = 3_600
QUARTER = 900
"""Seconds of a bucket where a zone is off by part of an hour."""
FULL = 500_000
"""Sums that are kept apart before they are put together."""
UNNAMED = "rows without a name that can be said"
MOST_MODELS = 5_000


class TooManyModels(ValueError):  # noqa: N818 - says what is wrong with the file
    """The column of the model holds something else."""


class UsageSums:
    """Sums of rows by bucket of time and model.

    Attributes:
        rows: that went in, bad ones and those left out not counted.
        finer: whether any row begins at another time than midnight, UTC.
        left_out: rows that are no usage by what they are, with their number and dollars.
        said: figures that are told beside the table.
    """

    def __init__(self, bucket_s: int = HOUR) -> None:
        self._bucket = bucket_s
        self._models: dict[str, int] = {}
        self._parts: list[pd.DataFrame] = []
        self._held = 0
        self.rows = 0
        self.finer = False
        self.has_model = False
        self.left_out: dict[str, tuple[int, float]] = {}
        self.said: dict[str, float] = defaultdict(float)

    def add(self, rows: Rows, take: Mask) -> None:
        """Add those rows that are to be taken and are usage.

        Raises:
            TooManyModels: more models than any provider has.
        """
        self.rows += int(take.sum())
        self._note(rows, take)
        take = take & rows.kept_rows()
        if not take.any():
            return
        when = rows.when[take]
        self.finer = self.finer or bool((when % 86_400).any())
        frame = pd.DataFrame({"bucket": when // self._bucket, "model": self._codes(rows)[take]})
        for name in MEASURES:
            if name in rows.measures:
                frame[name] = rows.measures[name][take]
        self._parts.append(_sum(frame))
        self._held += len(self._parts[-1])
        if self._held > FULL:
            self._parts = [_sum(pd.concat(self._parts))]
            self._held = len(self._parts[0]) // 2

    def table(self) -> pd.DataFrame:
        """One row per bucket and model: when (datetime64, UTC), model and the measures that the files have."""
        if not self._parts:
            return pd.DataFrame({"when": pd.Series(dtype="datetime64[s]"), "model": pd.Series(dtype=str)})
        found = _sum(pd.concat(self._parts))
        names = np.array(list(self._models), dtype=object)
        seconds = (found.pop("bucket") * self._bucket).to_numpy()
        found["model"] = names[found["model"].to_numpy()]
        found.insert(0, "when", seconds.astype("datetime64[s]"))
        return found

    def _codes(self, rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        if rows.model is None:
            return np.full(len(rows.when), self._code(""))
        self.has_model = True
        return np.array([self._code(name) for name in rows.model.values], dtype=np.int64)[rows.model.codes]

    def _code(self, name: str) -> int:
        if len(self._models) > MOST_MODELS:
            raise TooManyModels
        return self._models.setdefault(name, len(self._models))

    def _note(self, rows: Rows, take: Mask) -> None:
        for name, values in rows.said.items():
            self.said[name] += float(values[take].sum())
        for which, names, dollars in rows.left_out:
            which = which & take
            for code in np.unique(names.codes[which]):
                those = which & (names.codes == code)
                label = names.values[code] if is_plain_name(names.values[code]) else UNNAMED
                number, paid = self.left_out.get(label, (0, 0.0))
                self.left_out[label] = (number + int(those.sum()), paid + float(np.nansum(dollars[those])))


def _sum(frame: pd.DataFrame) -> pd.DataFrame:
    """Sums by bucket and model; NaN only where no row says."""
    return frame.groupby(["bucket", "model"], sort=True).sum(min_count=1).reset_index()
