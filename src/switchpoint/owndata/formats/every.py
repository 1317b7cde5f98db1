"""All formats of usage files, in the order in which they are documented: a new one is a file, and a line here."""

from __future__ import annotations

from switchpoint.owndata.formats.plain_csv import PLAIN
from switchpoint.owndata.usage_format import UsageFormat

FORMATS: tuple[UsageFormat, ...] = (PLAIN,)
