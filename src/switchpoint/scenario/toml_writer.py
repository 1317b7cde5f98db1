"""Tree -> text, comments kept; files written whole; starter and shipped examples."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path as File
from typing import Any

import tomlkit
from tomlkit.items import InlineTable, Item, Table

from switchpoint.files import EXISTS, Content, Linked, refuse_foreign, write_set
from switchpoint.scenario.errors import Fault, Keys, ScenarioError, did_you_mean, show
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.uncertain import Choice, Pert, Range, plain

REMOVED = None
EXACT = 1e15


def tree_of(scenario: Scenario) -> dict[str, Any]:
    """What a scenario states, as plain values: what was left out in its file is left out here."""
    stated: dict[str, Any] = _without_none(scenario.model_dump(exclude_unset=True))
    return stated


def text_of(tree: Mapping[str, Any]) -> str:
    """A tree of plain values as a scenario file."""
    document = tomlkit.document()
    for key, value in _tables_last(tree):
        document.add(key, _item(value, within=None))
    return tomlkit.dumps(document)


def update_text(text: str, changes: Mapping[Keys, Any]) -> str:
    """The text with some values replaced, its comments and order kept.

    A path is a tuple such as `("usage", "growth", "per_month")`; `None` removes what stands there; tables on the way
    are made.

    >>> print(update_text("months = 36  # horizon", {("months",): 24, ("limit", "usd_per_month"): 9e3}))
    months = 24  # horizon
    <BLANKLINE>
    [limit]
    usd_per_month = 9000
    <BLANKLINE>
    """
    document: Any = tomlkit.parse(text)
    for path, value in changes.items():
        _change(document, path, value)
    return tomlkit.dumps(document)


def remark_text(text: str, remarks: Mapping[Keys, str], *sets_off: str, of_lines: bool = False) -> str:
    """The text with a remark behind some values; what stood there before is kept in front of it.

    Args:
        text: a scenario file.
        remarks: by path; one that the text does not hold is passed over, and so is one within a table on one line.
        sets_off: how every such remark begins, so that an older one is replaced; and how others do that no longer
            hold.
        of_lines: whether a remark on a value within a table on one line stands behind that table.

    >>> print(remark_text("months = 24  # assumed", {("months",): "fitted today"}, "fitted"))
    months = 24  # assumed; fitted today
    >>> remark_text("months = 24", {(0,): "no key", ("months", 0): "no table"}, "fitted")
    'months = 24'
    >>> print(remark_text("a = {b = 1} # yours", {("a", "b"): "fitted today"}, "fitted", "yours", of_lines=True))
    a = {b = 1} # fitted today
    """
    document: Any = tomlkit.parse(text)
    for path, remark in remarks.items():
        item = _item_at(document, path, of_lines)
        if item is not None:
            before = item.trivia.comment.lstrip("# ")
            for begins in sets_off:
                before = before.partition(begins)[0]
            before = before.rstrip("; ")
            item.comment("; ".join(filter(None, (before, remark))))
    return tomlkit.dumps(document)


def _item_at(document: Any, path: Keys, of_lines: bool) -> Any:
    for key in path:
        if isinstance(document, InlineTable):
            return document if of_lines and key in document else None
        if not isinstance(document, dict):
            return None
        if not isinstance(key, str) or key not in document:  # a place in a list, or a key of nobody
            return None
        document = document[key]
    return document if isinstance(document, Item) else None


def save(path: File | str, tree: Mapping[str, Any] | Scenario, *, overwrite: bool = False) -> None:
    """Write a scenario file.

    Raises:
        ScenarioError: where the file exists and may not be overwritten, or cannot be written.
    """
    stated = tree_of(tree) if isinstance(tree, Scenario) else tree
    save_text(path, text_of(stated), overwrite=overwrite)


def save_text(path: File | str, text: str, *, overwrite: bool = False) -> None:
    """Write a text file whole; see `save_bytes`."""
    save_bytes(path, text.encode("utf-8"), overwrite=overwrite)


def save_bytes(path: File | str, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file whole; see `switchpoint.files.write_set`.

    Raises:
        ScenarioError: where the file exists and may not be overwritten, is a link, or cannot be written.
    """
    save_files("file", {File(path): data}, overwrite=overwrite)


def refuse_existing(path: File) -> None:
    """Say that a file is there already, before what takes seconds is computed for it.

    Raises:
        ScenarioError: where it is.
    """
    if path.exists():
        raise ScenarioError([Fault(str(path), 1, "", EXISTS)])


def save_files(
    name: str, files: Mapping[File, Content], *, overwrite: Collection[str] | bool = False, listed: Collection[str] = ()
) -> None:
    """Write files that belong together; see `switchpoint.files.write_set`.

    Raises:
        ScenarioError: where one exists and may not be overwritten, is a link, or cannot be written.
    """
    try:
        write_set(name, files, overwrite=overwrite, listed=listed)
    except (OSError, ValueError, RuntimeError) as reason:
        raise _refusal(reason, list(files), listed) from None


def refuse_to_replace(files: Sequence[File]) -> None:
    """Say what `save_files` would say of files of one set that are there, before what takes seconds is computed for it.

    Raises:
        ScenarioError: where one may not be overwritten.
    """
    listed = [path.name for path in files]
    try:
        refuse_foreign(files, listed)
    except FileExistsError as reason:
        raise _refusal(reason, files, listed) from None


def _refusal(reason: Exception, files: Sequence[File], listed: Collection[str]) -> ScenarioError:
    first = str(files[0])
    where = first if len(files) == 1 else getattr(reason, "filename", None) or first
    why = getattr(reason, "strerror", None) or reason
    said = why if isinstance(reason, (FileExistsError, Linked)) else f"cannot be written: {why}"
    if listed and isinstance(reason, FileExistsError):
        said = f"{said}; --force overwrites it"
    return ScenarioError([Fault(str(where), 1, "", str(said))])


def _change(document: Any, path: Keys, value: Any) -> None:
    *outer, last = path
    for key in outer:
        if isinstance(document, dict) and key not in document:
            if value is REMOVED:
                return
            document[key] = tomlkit.inline_table() if isinstance(document, InlineTable) else tomlkit.table()
        document = document[key]
    if value is not REMOVED:
        document[last] = _item(value, within=document)
    elif not isinstance(document, dict) or last in document:
        del document[last]


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, (Range, Pert, Choice)):
        return _without_none(plain(value))
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)
    return [_without_none(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _item(value: Any, within: Any) -> Item:
    value = _without_none(value)
    if isinstance(value, dict):
        return _inline(value) if _is_small(value) or isinstance(within, InlineTable) else _table(value)
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value) and within is None:
        array = tomlkit.aot()
        for each in value:
            array.append(_table(each))
        return array
    if isinstance(value, list):
        line = tomlkit.array()
        for each in value:
            line.append(_inline(each) if isinstance(each, dict) else each)
        return line
    item: Item = tomlkit.item(value)
    return item


def _is_small(table: Mapping[str, Any]) -> bool:
    plain_values = all(isinstance(value, (str, int, float, date, list)) for value in table.values())
    return set(table) <= {"low", "mode", "high", "values", "weights"} and plain_values


def _table(values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in _tables_last(values):
        table.add(key, _item(value, within=None))
    return table


def _inline(values: Mapping[str, Any]) -> InlineTable:
    table = tomlkit.inline_table()
    for key, value in values.items():
        table.append(key, _item(value, within=table))
    return table


def _tables_last(values: Mapping[str, Any]) -> Sequence[tuple[str, Any]]:
    def is_table(value: Any) -> bool:
        of_tables = isinstance(value, (list, tuple)) and bool(value) and isinstance(value[0], Mapping)
        return of_tables or (isinstance(value, Mapping) and not _is_small(value))

    return sorted(values.items(), key=lambda pair: is_table(pair[1]))


STARTER = """\
#:schema switchpoint.schema.json
# For completion in an editor: switchpoint schema > switchpoint.schema.json
name = {name}
summary = "What is paid today, what could replace it, and what that takes"
start = {start}                    # first simulated day
months = 36                           # horizon, calendar months

# Wherever a number may be uncertain, say so: {{ low = 0.06, high = 0.14 }} is a 90 % range.

[usage]
requests_per_day = 60_000             # level at the start
input_tokens = 2_400                  # per request, cached ones included
cached_input_share = 0.3              # part of the input billed at the cached price
output_tokens = 350                   # per request
weekday_profile = [1, 1, 1, 1, 1, 0.4, 0.3]   # Monday first
hourly_profile = "office"             # flat, office, global, or 24 weights
[usage.growth]
curve = "compound"                    # constant, linear, compound, logistic, bass, history or plan
per_month = {{ low = 0.05, high = 0.12 }}

[revenue]
usd_per_month = 90_000
growth_per_month = 0.02

[limit]                               # what threatens unit economics; the tightest binds. Without a limit to keep,
                                      # leave the table out: the advice is then about money alone
share_of_revenue = 0.15
# usd_per_month = 20_000
# usd_per_1000_requests = 4

[current]                             # what is paid today
provider = "openai"
model = "gpt-5.4-mini"                # priced from the catalogue; or usd_per_mtok = {{ input = 0.75, output = 4.5 }}

[candidates.own-8b]                   # what could replace it: kind = "api", "hosted" or "gpu"
kind = "gpu"
coverage = 0.9                        # share of requests that it takes over
[candidates.own-8b.model]
base = "llama-3.1-8b"
precision = "fp8"
[candidates.own-8b.fleet]
gpu = "L40S"                          # rented at the catalogue's price; or state usd_per_gpu_hour
ttft_p95_s = 1.0                      # latency promise: time to the first token
tpot_p95_s = 0.05                     # and per output token
[candidates.own-8b.project]
engineers = 2
usd_per_engineer_month = 16_000
examples = 5_000                      # labelled examples
labels_per_day = 200
usd_per_example = 0.4
usd_per_iteration = 500
training_days = 2
evaluation_days = 7
pass_probability = [0.4, 0.6]         # of iteration 1, and of 2 and later
shadow_days = 14
ramp_days = 14
[candidates.own-8b.upkeep]
engineers = 0.5
retrain_every_months = 4

[decision]
# policy = "warn"                     # to see what a rule of yours comes to: never, now, warn, lead, staged, best or a
                                      # date; left out, projects start as advised
discount_rate_per_year = 0.1
"""
_FILES: tuple[Keys, ...] = (("extends",), ("usage", "growth", "file"), ("programme", "log"))


def starter_text(name: str) -> str:
    """A short scenario with comments, which begins today."""
    text = STARTER.format(name='"scenario"', start=date.today().isoformat())
    return update_text(text, {("name",): name})


def examples() -> dict[str, File]:
    """The shipped examples by name: those of the installed package, or of a checkout."""
    package = File(str(files("switchpoint")))
    folders = (package / "shipped" / "scenarios", package.parents[1] / "scenarios")
    folder = next((folder for folder in folders if folder.is_dir()), None)
    return {file.stem: file for file in sorted(folder.glob("*.toml"))} if folder else {}


def example_text(name: str) -> str:
    """The text of a shipped example; files that it refers to are named by their full path.

    Raises:
        ScenarioError: for a name that no example has.
    """
    known = examples()
    file = known.get(name.removesuffix(".toml"))
    if file is None:
        hint = did_you_mean(name, known) or (f"; there are {', '.join(known)}" if known else "; there are none")
        raise ScenarioError([Fault("--from", 1, "", f"names no example: {show(name)}{hint}")])
    text = file.read_text(encoding="utf-8")
    tree = tomllib.loads(text)
    named = {path: str(file.parent / stated) for path in _FILES if (stated := _at(tree, path))}
    return update_text(text, named)


def _at(tree: object, path: Keys) -> str | None:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, str) else None
