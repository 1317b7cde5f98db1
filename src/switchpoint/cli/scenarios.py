"""`switchpoint new` (also from a bill), `check`, `schema` and `app`: scenario files, and the way into the app."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from switchpoint.cli.typer_program import BAD_INPUT, SetOption, program
from switchpoint.files import LARGEST_UPLOAD_MB

if TYPE_CHECKING:
    from switchpoint.ranking.from_bill import KnownOfBill
    from switchpoint.scenario.schema import Scenario


# `switchpoint new NAME --bill …` -------------------------------------------------------------------------------------


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
    from switchpoint.scenario.usage import growth_per_month

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
    from switchpoint.ranking.from_bill import scenario_from_bill
    from switchpoint.ranking.rank import rank
    from switchpoint.ranking.scenario_text import FEW, assumed_first, bill_scenario_text
    from switchpoint.scenario.catalogue_check import load_text_checked
    from switchpoint.scenario.toml_writer import refuse_existing, save_text
    from switchpoint.study.workers import cores

    made = scenario_from_bill(path.stem, known_of(options))
    if not force:
        refuse_existing(path)
    with progress_bar("Looking through the catalogue") as told:
        ranking = rank(made.scenario, jobs=cores(), progress=told, simulated=FEW)
    text, chosen = bill_scenario_text(made, ranking)
    load_text_checked(text, str(path))
    save_text(path, text, overwrite=force)
    lines = [f"{path}: written. What is not yours, to look at first:"]
    lines += [f"- {line}" for line in assumed_first(made, ranking)]
    lines += [f"Candidates: {'; '.join(each.offer.title for each in chosen) or 'none found that is cheaper'}."]
    typer.echo("\n".join([*lines, f"`switchpoint run {path}` gives the dated answer."]))


# `switchpoint new`, `check`, `schema` and `app` ----------------------------------------------------------------------

ScenarioFiles = Annotated[list[str], typer.Argument(metavar="FILE", help="Scenario files.", show_default=False)]


@program.command()
def check(
    files: ScenarioFiles,
    settings: SetOption = [],  # noqa: B006 - typer copies it
    strict: Annotated[bool, typer.Option("--strict", help="Take notes for faults.")] = False,
) -> None:
    """Say whether scenario files are right.

    Every fault comes with its line and what would be right; what is taken but worth a look is noted.
    """
    from switchpoint.cli.typer_program import notes_of, open_scenario
    from switchpoint.scenario.errors import ScenarioError

    wrong = False
    for file in files:
        try:
            loaded = open_scenario(file, settings)
            notes = notes_of(loaded, strict=strict)
        except ScenarioError as error:
            typer.echo(str(error), err=True)
            wrong = True
        else:
            typer.echo("\n".join([f"{file}: OK: {summary(loaded.scenario)}", *map(str, notes)]))
    if wrong:
        raise typer.Exit(BAD_INPUT)


def summary(scenario: Scenario) -> str:
    """What a scenario is about, in one line."""
    names = ", ".join(scenario.candidates)
    count = len(scenario.candidates)
    against = f"{count} candidate{'s' * (count != 1)}" + (f" ({names})" if names else "")
    months = f"{scenario.months} month{'s' * (scenario.months != 1)} from {scenario.start}"
    return f"{scenario.name}, {months}, {against}"


_SEPARATED = re.compile(r"[1-9]\d{0,2}(?:[.,' ]\d{3})+")
"""Numbers that some write so with a mark between thousands."""


def plain_number(text: str) -> float:
    """A number that was typed; what could be meant otherwise is said.

    Raises:
        BadParameter: where it is none.
    """
    from switchpoint.scenario.errors import shorten

    told = text.strip()
    bare = re.sub(r"\D", "", told)
    try:
        found = float(told)
    except ValueError:
        hint = f"; for {bare} leave out the marks between thousands" if _SEPARATED.fullmatch(told) else ""
        raise typer.BadParameter(f"must be a number; got {shorten(text)!r}{hint}") from None
    if _SEPARATED.fullmatch(told):
        said = f"{told} is read as {found:g}: the dot is the decimal point; if {bare} is meant, write that"
        typer.echo(said, err=True)
    return found


FromBill = Annotated[
    float | None,
    typer.Option(
        "--bill", parser=plain_number, metavar="USD", help="Write the scenario of a monthly bill.", show_default=False
    ),
]


@program.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name or path of the file; .toml is added.")],
    example: Annotated[
        str | None, typer.Option("--from", metavar="EXAMPLE", help="Copy a shipped example instead.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that exists.")] = False,
    bill: FromBill = None,
    provider: Annotated[
        str | None, typer.Option(metavar="PROVIDER", help="Who is paid today.", show_default=False)
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Model that is paid for today.", show_default=False)
    ] = None,
    requests_per_day: Annotated[
        float | None, typer.Option(parser=plain_number, metavar="N", help="Requests a day.", show_default=False)
    ] = None,
    input_tokens: Annotated[
        float | None,
        typer.Option(parser=plain_number, metavar="N", help="Input tokens of a request.", show_default=False),
    ] = None,
    output_tokens: Annotated[
        float | None,
        typer.Option(parser=plain_number, metavar="N", help="Output tokens of a request.", show_default=False),
    ] = None,
    growth: Annotated[
        str | None,
        typer.Option(metavar="GROWTH", help='0.1 a month, or "doubling every 8 months".', show_default=False),
    ] = None,
    revenue: Annotated[
        float | None, typer.Option(parser=plain_number, metavar="USD", help="Revenue a month.", show_default=False)
    ] = None,
    limit: Annotated[
        float | None,
        typer.Option(
            parser=plain_number, metavar="USD", help="The bill may be at most so much a month.", show_default=False
        ),
    ] = None,
    limit_share: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="The bill may be at most this share of revenue: 0.15.", show_default=False),
    ] = None,
) -> None:
    """Write a scenario to start from.

    It is a short one with comments, a copy of a shipped example, or one from a bill: of the bill, the requests a day
    and the tokens of a request two are enough, candidates come from the catalogue, and all that is assumed is listed.
    """
    from switchpoint.scenario.errors import is_utf8
    from switchpoint.scenario.toml_writer import example_text, save_text, starter_text

    path = Path(name) if name.endswith(".toml") else Path(f"{name}.toml")
    if path.stem.strip(". ") in ("", "toml") or not is_utf8(path.stem):
        typer.echo(f"NAME: must be a file name such as ours.toml; got {name!r}", err=True)
        raise typer.Exit(BAD_INPUT)
    options = BillOptions(
        bill, provider, model, requests_per_day, input_tokens, output_tokens, growth, revenue, limit, limit_share
    )
    if options.stated_options:
        if example:
            raise typer.BadParameter(
                f"copies an example; it goes without {options.stated_options[0]}", param_hint="--from"
            )
        new_from_bill(path, options, force=force)
        return
    save_text(path, example_text(example) if example else starter_text(path.stem), overwrite=force)
    typer.echo(f"{path}: written; `switchpoint check {path}` reads it")


@program.command()
def schema(
    sweep: Annotated[bool, typer.Option("--sweep", help="That of study files, which `sweep` takes.")] = False,
) -> None:
    """Print the JSON Schema of scenario files.

    With units and help texts, for editors and other programs.
    """
    import json

    from switchpoint.scenario.introspection import json_schema
    from switchpoint.scenario.schema import Scenario
    from switchpoint.study.sweep.study_file import Study

    typer.echo(json.dumps(json_schema(Study if sweep else Scenario), indent=1, ensure_ascii=False))


ADDRESS = "127.0.0.1"
HOSTS = (ADDRESS, "localhost")
"""Names under which a browser of this machine asks for it; any other is a page elsewhere that pretends to be it."""
SECURITY = {
    "server.address": ADDRESS,
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "server.xsrfCookieSameSite": "lax",
    "server.maxUploadSize": str(LARGEST_UPLOAD_MB),
    "server.enableStaticServing": "false",
    "server.enableAgentApi": "false",
    "client.showErrorDetails": "type",
    "browser.gatherUsageStats": "false",
    # Else Streamlit offers, over the verdict, to install files for the reader's coding agent into the app's folder.
    "logger.hideWelcomeMessage": "true",
}
"""Settings that keep the app to this machine and to itself; flags, so that they win over every file of settings."""


@program.command()
def app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of this machine to serve the app on.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """Open the app in a browser.

    Only this machine can reach it.
    """
    import subprocess

    script = app_script()
    if script is None:
        typer.echo("switchpoint: app.py is missing from this installation; install the package again", err=True)
        raise typer.Exit(BAD_INPUT)
    typer.echo(f"Switchpoint is at http://{ADDRESS}:{port} on this machine; Ctrl+C ends it.")
    # In the app's own folder: Streamlit takes settings, and Python modules, from where it is started.
    raise typer.Exit(subprocess.call(app_command(script, port, browser), cwd=script.parent))


def app_command(script: Path, port: int, browser: bool) -> list[str]:
    """The command that serves the app, at this machine's own address."""
    own = {
        "server.port": str(port),
        "server.headless": str(not browser).lower(),
        "server.corsAllowedOrigins": f"http://{ADDRESS}:{port}",
        "client.allowedOrigins": f"http://{ADDRESS}:{port}",
    }
    stated = [*(SECURITY | own).items(), *(("server.allowedHosts", host) for host in HOSTS)]
    flags = (f"--{name}={value}" for name, value in stated)
    return [sys.executable, "-m", "streamlit", "run", str(script), *flags]


def app_script() -> Path | None:
    """Where app.py is: inside the installed package, or at the top of a checkout."""
    package = Path(str(files("switchpoint")))
    places = (package / "shipped" / "app.py", package.parents[1] / "app.py")
    return next((place for place in places if place.is_file()), None)
