"""`switchpoint new NAME --bill …`: a scenario from a bill, with candidates from the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from switchpoint.ranking.from_bill import KnownOfBill


@dataclass(frozen=True)
class BillOptions:
    """What was typed after `switchpoint new NAME`; None for what was not."""

    bill: float | None = None
    provider: str | None = None
    model: str | None = None
    requests_per_day: float | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    growth: str | None = None
    revenue: float | None = None
    limit: float | None = None
    limit_share: float | None = None

    @property
    def stated_options(self) -> list[str]:
        """The options that were typed, as they are typed."""
        return [f"--{each.name.replace('_', '-')}" for each in fields(self) if getattr(self, each.name) is not None]


def known_of(options: BillOptions) -> KnownOfBill:
    """What the options say.

    Raises:
        BadParameter: naming the option that is missing or wrong.
    """
    from switchpoint.ranking.from_bill import KnownOfBill

    for name in ("provider", "model"):
        if getattr(options, name) is None:
            raise typer.BadParameter(f"is needed beside {options.stated_options[0]}", param_hint=f"--{name}")
    for name in ("bill", "requests_per_day", "input_tokens", "output_tokens", "limit", "limit_share"):
        _check_positive(name, getattr(options, name))
    return KnownOfBill(
        provider=options.provider or "",
        model=options.model or "",
        bill_usd_per_month=options.bill,
        requests_per_day=options.requests_per_day,
        input_tokens=options.input_tokens,
        output_tokens=options.output_tokens,
        growth_per_month=None if options.growth is None else _growth(options.growth),
        revenue_usd_per_month=options.revenue,
        limit_usd_per_month=options.limit,
        limit_share_of_revenue=options.limit_share,
    )


def _check_positive(name: str, value: float | None) -> None:
    from math import isfinite

    if value is not None and not (isfinite(value) and 0 < value <= 1e12):
        raise typer.BadParameter(f"must be a number above 0; got {value:g}", param_hint=f"--{name.replace('_', '-')}")


def _growth(text: str) -> float:
    from switchpoint.scenario.growth_words import growth_per_month

    try:
        return growth_per_month(text)
    except ValueError as fault:
        raise typer.BadParameter(str(fault), param_hint="--growth") from None


def new_from_bill(path: Path, options: BillOptions, *, force: bool) -> None:
    """Write the scenario of a bill, and say what is assumed, first.

    Raises:
        ScenarioError: where it would not be right, or cannot be written.
        CannotCompute: where bill, volume and tokens do not determine it.
    """
    from switchpoint.cli.typer_program import progress_bar
    from switchpoint.ranking.bill_text import FEW, assumed_first, bill_scenario_text
    from switchpoint.ranking.from_bill import scenario_from_bill
    from switchpoint.ranking.rank import rank
    from switchpoint.scenario.catalogue_check import load_text_checked
    from switchpoint.scenario.toml_writer import save_text
    from switchpoint.study.workers import cores

    made = scenario_from_bill(path.stem, known_of(options))
    with progress_bar("Looking through the catalogue") as told:
        ranking = rank(made.scenario, jobs=cores(), progress=told, simulated=FEW)
    text, chosen = bill_scenario_text(made, ranking)
    load_text_checked(text, str(path))
    save_text(path, text, overwrite=force)
    lines = [f"{path}: written. What is not yours, to look at first:"]
    lines += [f"- {line}" for line in assumed_first(made, ranking)]
    lines += [f"Candidates: {'; '.join(each.offer.title for each in chosen) or 'none found that is cheaper'}."]
    typer.echo("\n".join([*lines, f"`switchpoint run {path}` gives the dated answer."]))
