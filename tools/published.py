"""The published cases: what was printed, and what Switchpoint says of the scenario files that restate them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.horizon import MONTH_DAYS
from switchpoint.scenario.catalogue_check import load_checked

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "scenarios" / "published"
SOURCES = {
    "lenovo-lp2225": "Lenovo Press LP2225 (2025), figures second-hand",
    "ict-utilisation": "RightNow-AI/inference-cost-truth, 2026-07-31, CC BY 4.0",
    "ict-break-even": "RightNow-AI/inference-cost-truth, 2026-07-31, CC BY 4.0",
    "induwara": "induwara.lk calculator defaults, 2026",
    "panaversity": "Panaversity, Economics of custom models",
    "caleta-batching": "caleta.io, 2026",
    "gigagpu": "gigagpu.com, 2026",
    "agentpedia-seven": "agentpedia.so, 2025",
    "gcp-spot-batch": "When does self-hosting an LLM start to make sense?, February 2026",
    "batch-local-llm": "zisaacson/BatchLocaLLM, COST_ANALYSIS.md, 2025",
    "xqa-back-to-an-api": "xqa.io, 31 March 2025",
    "sergiiob-ptu": "sergiiob.dev, 9 March 2026",
}


@dataclass(frozen=True)
class Case:
    """One printed number or word, with the overrides that make the file say that case.

    `within` is how far Switchpoint may be from it: half a unit of the last printed digit, unless `note` says why not.
    """

    file: str
    what: str
    printed: float | str
    read: Callable[[JudgedWorld], float | str]
    within: float = 0.0
    settings: tuple[str, ...] = ()
    unit: str = ""
    note: str = ""

    @cached_property
    def result(self) -> JudgedWorld:
        """The file with the overrides, simulated."""
        return JudgedWorld(simulate(load_checked(FOLDER / f"{self.file}.toml", self.settings).scenario))

    @property
    def says(self) -> float | str:
        """What Switchpoint says."""
        return self.read(self.result)

    @property
    def agrees(self) -> bool:
        """Whether it says what was printed."""
        says = self.says
        if isinstance(says, str) or isinstance(self.printed, str):
            return says == self.printed
        return abs(says - self.printed) <= self.within


def months_to_payback(result: JudgedWorld) -> float | str:
    """Months from project start to break-even of the only candidate."""
    (outlook,) = result.case.outlooks
    months = outlook.payback_months
    return "never" if months is None else months


def hours_to_payback(result: JudgedWorld) -> float | str:
    """The same in hours: x 30.4375 x 24."""
    months = months_to_payback(result)
    return months if isinstance(months, str) else months * MONTH_DAYS * 24


def break_even_tokens(result: JudgedWorld) -> float | str:
    """Tokens a month of 30.4375 days at which the advice to stay flips."""
    usage = result.case.scenario.usage
    tokens = float(usage.input_tokens) + float(usage.output_tokens)  # type: ignore[arg-type]
    return "never" if result.flips_at is None else result.flips_at * MONTH_DAYS * tokens


def usd_per_1000(result: JudgedWorld) -> float:
    """Dollars per 1,000 requests of the only candidate in the first month."""
    row = result.as_json()["monthly"][0]
    return float(row["own_per_1000_usd"])


def stay_usd_per_month(result: JudgedWorld) -> float:
    """The API's bill a month."""
    return float(result.case.bill[0])


def own_usd_per_month(result: JudgedWorld) -> float:
    """What the only candidate costs a month of 30.4375 days."""
    (outlook,) = result.case.outlooks
    return outlook.total / result.case.clock.days * MONTH_DAYS


def stay_usd_per_day(result: JudgedWorld) -> float:
    """What the current route costs a day."""
    return float(result.case.stay[0])


def own_usd_per_day(result: JudgedWorld) -> float:
    """What the only candidate costs a day once it is live."""
    (outlook,) = result.case.outlooks
    return float(outlook.ledger.flow[-1])


def saved_share(result: JudgedWorld) -> float:
    """Percent that the only candidate saves once it is live."""
    return 100 * (1 - own_usd_per_day(result) / stay_usd_per_day(result))


def weeks_until_live(result: JudgedWorld) -> float:
    """Weeks until the only candidate is live."""
    (outlook,) = result.case.outlooks
    return outlook.cutover / 7


def batches_to_payback(result: JudgedWorld) -> float | str:
    """Weekly batches until the only candidate is paid back."""
    months = months_to_payback(result)
    return months if isinstance(months, str) else months * MONTH_DAYS / 7


def action(result: JudgedWorld) -> str:
    """The verdict in a word."""
    return result.verdict.action.value


def possible(result: JudgedWorld) -> str:
    """Whether the only candidate can carry the load."""
    return "possible" if result.case.outlooks[0].possible else "not possible"


def plan_usd_per_month(result: JudgedWorld) -> float:
    """What the only plan costs a month of 30.4375 days once its last step carries everything."""
    (plan,) = result.case.plans
    return float(plan.cost_per_day[-1]) * MONTH_DAYS


def plan_weeks(result: JudgedWorld) -> float:
    """Weeks until its last step is live."""
    (plan,) = result.case.plans
    return plan.cutover / 7


def limit_by_summer(result: JudgedWorld) -> str:
    """Whether the bill reaches its limit before the summer that follows."""
    when = result.date(result.case.threat)
    return "yes" if when is not None and when < date(2026, 6, 21) else "no"


def _lenovo() -> list[Case]:
    cut = "2025-06-01"
    printed = {98.32: (8_556, 0.5), 77.43: (10_890, 1.0), 53.95: (15_710, 2.0), 33.00: (25_942, 10.0)}
    notes = {
        77.43: "10,890.9 is cut off, not rounded",
        53.95: "the inputs as printed give 15,708.5",
        33.00: "the inputs as printed give 25,951: its $0.87 is rounded",
    }
    cases = [
        Case(
            "lenovo-lp2225",
            f"hours to break even against ${cloud:.2f} an hour",
            hours,
            hours_to_payback,
            within,
            (f"current.usd_per_mtok.input={cloud}",),
            "hours",
            notes.get(cloud, ""),
        )
        for cloud, (hours, within) in printed.items()
    ]
    price_cut = (
        f"current.price_changes=[{{date = {cut}, factor = {33 / 98.32!r}}}]",
        f"start={cut}",
    )
    cases.append(
        Case(
            "lenovo-lp2225",
            "the same with the cut from $98.32 to $33.00 as an event on the first day",
            25_942,
            hours_to_payback,
            10.0,
            price_cut,
            "hours",
            notes[33.00],
        )
    )
    return cases


def _utilisation() -> list[Case]:
    boxes = {
        "DeepSeek-R1-0528 on 4 x MI355X": (4, 1623.57, {0.9: 1.97, 0.6: 2.95, 0.3: 5.91}),
        "MiniMax-M3 on 4 x MI355X": (4, 3817.35, {0.9: 0.84, 0.6: 1.26, 0.3: 2.51}),
        "Llama-3.3-70B on 1 x MI355X": (1, 970.62, {0.9: 0.82, 0.6: 1.24, 0.3: 2.47}),
    }
    return [
        Case(
            "ict-utilisation",
            f"{what}, used to {used:.0%}",
            usd,
            usd_per_1000,
            0.005,
            (
                f"usage.requests_per_day={speed * 86.4 * used!r}",
                f"candidates.own.fleet.gpus_per_replica={gpus}",
                f"candidates.own.fleet.requests_per_second_per_replica={speed / 1000!r}",
            ),
            "$/Mtok",
        )
        for what, (gpus, speed, printed) in boxes.items()
        for used, usd in printed.items()
    ]


def _box() -> list[Case]:
    printed = {
        30.0: (565_440_000, {0.1: False, 0.3: True, 0.6: True, 0.9: True}),
        12.0: (1_413_600_000, {0.1: False, 0.3: False, 0.6: True, 0.9: True}),
        1.2: (14_136_000_000, {0.1: False, 0.3: False, 0.6: False, 0.9: False}),
    }
    cases = []
    for usd, (tokens, can) in printed.items():
        per_day = tokens / 1000 / MONTH_DAYS
        price = f"current.usd_per_mtok.output={usd}"
        first = f"usage.requests_per_day={per_day / 100!r}"
        room = "candidates.own.fleet.target_utilisation=1"
        boundless = "candidates.own.fleet.requests_per_second_per_replica=1000"
        cases.append(
            Case(
                "ict-break-even",
                f"tokens a month at which four B200 meet ${usd:g}, whatever they can make",
                tokens,
                break_even_tokens,
                tokens * 1e-6,
                (price, first, room, boundless),
                "tokens",
            )
        )
        cases += [
            Case(
                "ict-break-even",
                f"whether they can make them for ${usd:g}, used to {used:.0%}",
                "possible" if is_possible else "not possible",
                possible,
                settings=(
                    price,
                    f"usage.requests_per_day={per_day!r}",
                    f"candidates.own.fleet.target_utilisation={used}",
                ),
            )
            for used, is_possible in can.items()
        ]
    return cases


def _induwara() -> list[Case]:
    return [
        Case("induwara", "API a month", 110.00, stay_usd_per_month, 0.005, unit="$"),
        Case("induwara", "one GPU a month", 998.46, own_usd_per_month, 0.005, unit="$"),
        Case("induwara", "tokens a month at which they meet", 1_452_300_000, break_even_tokens, 50_000, unit="tokens"),
        Case("induwara", "verdict", "stay", action),
    ]


def _panaversity() -> list[Case]:
    return [
        Case(
            "panaversity",
            f"months to pay back with {queries:,} queries a month",
            printed,
            months_to_payback,
            0.05,
            (f"usage.requests_per_day={queries / MONTH_DAYS!r}", f"candidates.custom.fleet.usd_per_month={server}"),
            "" if printed == "never" else "months",
        )
        for queries, server, printed in ((50_000, 400, "never"), (500_000, 400, "never"), (5_000_000, 800, 5.1))
    ]


def _caleta() -> list[Case]:
    return [
        Case(
            "caleta-batching",
            f"an H100 that makes {speed:,} tokens a second",
            usd,
            usd_per_1000,
            within,
            (
                f"usage.requests_per_day={speed * 86.4!r}",
                f"candidates.own.fleet.requests_per_second_per_replica={speed / 1000!r}",
            ),
            "$/Mtok",
        )
        for speed, usd, within in ((4715, 0.0949, 0.00005), (1317, 0.34, 0.005), (595, 0.75, 0.005))
    ]


def _gigagpu() -> list[Case]:
    return [
        Case(
            "gigagpu",
            f"tokens a month at which $700 meet ${usd:.2f} per million",
            tokens,
            break_even_tokens,
            within,
            (f"current.usd_per_mtok={{ input = {usd}, output = {usd} }}",),
            "tokens",
        )
        for usd, tokens, within in ((5.00, 140_000_000, 500_000), (0.30, 2_333_000_000, 500_000))
    ]


def _agentpedia() -> list[Case]:
    flat = ("usage.growth.per_month=0",)
    file = "agentpedia-seven"
    return [
        Case(file, "seven services a month", 48_200, stay_usd_per_month, 50, flat, "$"),
        Case(file, "over $100,000 a month by summer", "yes", limit_by_summer),
        Case(file, "weeks until all is moved, group after group", 12, plan_weeks, 0.5, (), "weeks"),
        Case(file, "a month once all is moved", 2_870, plan_usd_per_month, 5, (), "$"),
    ]


def _spot_batch() -> list[Case]:
    file, rate = "gcp-spot-batch", "candidates.own.fleet.requests_per_second_per_replica"
    full = "16 and 1.5 million tokens at $2 and $12 make $50"
    return [
        Case(file, "a day by the token", 48, stay_usd_per_day, 2.5, (), "$", full),
        Case(file, "a day on spot GPUs", 21, own_usd_per_day, 0.5, (), "$"),
        Case(file, "saved with an hour a day", 60, saved_share, 0.5, (f"{rate}={1500 / 3600!r}",), "%"),
        Case(file, "saved with two hours a day", 20, saved_share, 0.5, (f"{rate}={1500 / 7200!r}",), "%"),
    ]


def _batch_local_llm() -> list[Case]:
    file, free = "batch-local-llm", ("candidates.own.fleet.usd_per_kwh=0",)
    left_out = "its 64 batches leave out the power, which makes it 68"
    return [
        Case(file, "a batch at the host", 18.63, lambda result: 7 * stay_usd_per_day(result), 0.02, (), "$"),
        Case(file, "power of a batch", 0.93, lambda result: 7 * own_usd_per_day(result), 0.02, (), "$"),
        Case(file, "batches until it is paid back, without power", 64, batches_to_payback, 0.5, free, "batches"),
        Case(file, "months until it is paid back", 15, months_to_payback, 0.75, (), "months", left_out),
    ]


def _back_to_an_api() -> list[Case]:
    file = "xqa-back-to-an-api"
    return [
        Case(file, "a month on GPUs of one's own", 40_000, stay_usd_per_month, 50, (), "$"),
        Case(file, "twelve months of that", 480_000, lambda result: float(result.case.stay.sum()), 500, (), "$"),
        Case(file, "weeks until all is moved", 6, weeks_until_live, 0.5, (), "weeks"),
        Case(file, "a month by the token", 500, lambda result: own_usd_per_day(result) * MONTH_DAYS, 5, (), "$"),
    ]


def _provisioned() -> list[Case]:
    file = "sergiiob-ptu"
    year = tuple(f"candidates.units.endpoint.reserved{what}" for what in ("=20", "_usd_per_hour=0.75"))
    chosen = "volume and prices are chosen for it"
    return [
        Case(
            file,
            "units that are taken",
            20,
            lambda result: float(result.shown.case.outlooks[0].peak_replicas or 0),
            0.5,
            (),
            "units",
        ),
        Case(file, "saved at the current volume, roughly none", 0, saved_share, 5, (), "%", chosen),
        Case(file, "saved with units for a year at 25 % less", 25, saved_share, 5, year, "%"),
    ]


GROUPS = (
    _lenovo,
    _utilisation,
    _box,
    _induwara,
    _panaversity,
    _caleta,
    _gigagpu,
    _agentpedia,
    _spot_batch,
    _batch_local_llm,
    _back_to_an_api,
    _provisioned,
)
CASES: tuple[Case, ...] = tuple(case for group in GROUPS for case in group())
