"""Whether a scenario can be priced: every name that it takes from the catalogue is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from switchpoint.scenario.access import NO_FILES, Disk, Files
from switchpoint.scenario.errors import MOST_SHOWN, Fault, Keys, ScenarioError, dotted_path
from switchpoint.scenario.load import Loaded, asked_first, load, load_source, load_text
from switchpoint.scenario.paths import Override
from switchpoint.scenario.schema import Scenario
from switchpoint.scenario.toml_source import TomlSource
from switchpoint.scenario.toml_writer import tree_of
from switchpoint.text import join_names

if TYPE_CHECKING:
    from switchpoint.catalog import RoutePrice


CHANGES = "with_"
"""What faults name in place of a file where a change is wrong."""
Told = Iterator[tuple[Keys, str]]


def load_checked(path: File | str, overrides: Sequence[Override] = ()) -> Loaded:
    """Read a scenario file whose every name is in the catalogue, with `path=value` overrides on top.

    Raises:
        ScenarioError: with every fault, of the file and of the names in it.
    """
    return check_names(lambda: load(path, overrides))


def load_text_checked(
    text: str, name: str = "scenario.toml", overrides: Sequence[str] = (), files: Files = NO_FILES
) -> Loaded:
    """Read a scenario from text as `load_checked` reads one from a file; it may refer to `files`, at first to none.

    Raises:
        ScenarioError: with every fault, of the text and of the names in it.
    """
    return check_names(lambda: load_text(text, name, overrides, files))


def catalogue_faults(loaded: Loaded) -> tuple[Fault, ...]:
    """Names in a scenario that the catalogue does not know, each with its line and the nearest known name."""
    return _faults(loaded.source)


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """A scenario with the values of some dotted paths replaced, and everything checked anew.

    Raises:
        ScenarioError: with every fault; those of a value name the change, numbered from 1.
        TypeError: where the changes are no mapping.
    """
    if not isinstance(changes, Mapping):
        raise TypeError(f'takes values by path, such as {{"usage.growth.per_month": 0.05}}; got {changes!r:.80}')
    source = TomlSource(tree_of(scenario), {(): (CHANGES, 1)})
    overrides = [(path, _as_read(value)) for path, value in changes.items()]
    try:
        return check_names(lambda: load_source("", CHANGES, source, overrides, Disk())).scenario
    except ScenarioError as error:
        raise ScenarioError(replace(fault, file=CHANGES) for fault in error.faults) from None


def _as_read(value: Any) -> Any:
    """A value of Python as a file would give it: numpy's numbers as numbers, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): _as_read(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_read(each) for each in value]
    return value.item() if hasattr(value, "item") else value


def check_names(read: Callable[[], Loaded]) -> Loaded:
    """What is read, if every name in it is in the catalogue.

    Raises:
        ScenarioError: with every fault, of what is read and of the names in it.
    """
    try:
        loaded = read()
    except ScenarioError as error:
        if error.source is None:
            raise
        told = {(fault.file, fault.line, fault.field) for fault in error.faults}
        more = [fault for fault in _faults(error.source) if (fault.file, fault.line, fault.field) not in told]
        raise ScenarioError([*error.faults, *more], error.source) from None
    if faults := catalogue_faults(loaded):
        raise ScenarioError(asked_first(faults, loaded.source, loaded.name), loaded.source)
    return loaded


def _faults(source: TomlSource) -> tuple[Fault, ...]:
    told = islice(_catalogue_says(source.tree), MOST_SHOWN)
    return tuple(source.fault(path, message, dotted_path(path)) for path, message in told)


def _catalogue_says(tree: Mapping[str, Any]) -> Told:
    """What the catalogue says of each name; a tree with faults is looked through as far as it can be read."""
    start = tree.get("start")
    as_of = start if type(start) is date else date.today()
    yield from _names_of(("current",), _table(tree, "current"), as_of)
    for name, candidate in _table(tree, "candidates").items():
        path = ("candidates", name)
        if isinstance(candidate, dict):
            yield from _names_of(path, candidate, as_of)
            training = _table(_table(candidate, "project"), "training")
            yield from _fleet((*path, "project", "training"), training)


def _names_of(path: Keys, route: Mapping[str, Any], as_of: date) -> Told:
    """Names of a candidate or of the current route, of whichever kind it is."""
    if isinstance(route.get("model"), dict):
        yield from _model((*path, "model"), route.get("model"))
        yield from _heads((*path, "fleet", "gpus_per_replica"), route)
    yield from _route(path, route, as_of)
    yield from _fleet((*path, "fleet"), _table(route, "fleet"))


def _route(path: Keys, route: Mapping[str, Any], as_of: date) -> Told:
    provider, model = route.get("provider"), route.get("model")
    if not isinstance(provider, str) or not isinstance(model, str) or "usd_per_mtok" in route:
        return
    from switchpoint.catalog import CatalogError, route_price
    from switchpoint.catalog.token_prices import TOO_OLD, stale

    asked, tier = route.get("as_of"), route.get("service_tier")
    try:
        price = route_price(provider, model, asked if type(asked) is date else as_of)
        if isinstance(tier, str):
            route_price(provider, model, as_of, None, tier)
    except CatalogError as unknown:
        wrong = "provider" if str(unknown).startswith("unknown provider") else "model"
        yield (*path, "service_tier" if f"no {tier} price" in str(unknown) else wrong), str(unknown)
        return
    if asked is None and stale(price, as_of, TOO_OLD):
        yield (*path, "model"), too_old(price)


def too_old(price: RoutePrice) -> str:
    """The fault of a price that nobody has compared for more than a year."""
    first = price.tiers[0].price
    return (
        f"is priced by a list that was last compared on {price.checked} (${first.input:g} in, ${first.output:g} out), "
        f"more than a year before; state usd_per_mtok, or as_of = {price.checked} to take that price"
    )


def _fleet(path: Keys, fleet: Mapping[str, Any]) -> Told:
    from switchpoint.catalog import CatalogError, gpu, rent

    name, provider = fleet.get("gpu"), fleet.get("provider")
    if not isinstance(name, str):
        return
    try:
        gpu(name)
    except CatalogError as unknown:
        yield (*path, "gpu"), str(unknown)
        return
    if "usd_per_gpu_hour" in fleet or "purchase_usd_per_gpu" in fleet:
        return
    try:
        rent(name, provider if isinstance(provider, str) else None, fleet.get("spot") is True)
    except CatalogError as unknown:
        yield (*path, "provider" if "provider" in fleet else "gpu"), str(unknown)


def _model(path: Keys, model: Any) -> Told:
    from switchpoint.catalog import CatalogError
    from switchpoint.catalog import model as open_model

    base = model.get("base") if isinstance(model, dict) else None
    if not isinstance(base, str):
        return
    try:
        open_model(base)
    except CatalogError as unknown:
        yield (*path, "base"), str(unknown)


def _heads(path: Keys, candidate: Mapping[str, Any]) -> Told:
    """A number of GPUs over which the model's attention heads cannot be shared out."""
    from switchpoint.catalog import CatalogError
    from switchpoint.catalog import model as open_model

    base, gpus = _table(candidate, "model").get("base"), _table(candidate, "fleet").get("gpus_per_replica")
    if not isinstance(base, str) or type(gpus) is not int or gpus < 1:
        return
    try:
        known = open_model(base)
    except CatalogError:
        return
    if not known.splits_over(gpus):
        sizes = join_names([str(size) for size in known.replica_sizes], "or")
        yield path, f"must divide the {known.heads} attention heads of {known.key}: {sizes}; got {gpus}"


def _table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = tree.get(key)
    return inner if isinstance(inner, dict) else {}
