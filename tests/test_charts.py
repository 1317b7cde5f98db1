"""Charts say what the numbers say, in the app and as files."""

import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from switchpoint import charts
from switchpoint.charts.bill import bill_lines, purchases, savings_to_date
from switchpoint.charts.projects import planned_candidate, steps
from switchpoint.charts.takeaways import bill_takeaway, lead
from switchpoint.charts.vega import DARK, FONT, LIGHT, POINTS, ROW
from switchpoint.decision.case import simulate
from switchpoint.decision.result import JudgedWorld
from switchpoint.export import pictures
from switchpoint.horizon import MONTH_DAYS, NEVER
from switchpoint.scenario.catalogue_check import load_checked
from switchpoint.scenario.toml_writer import examples
from switchpoint.text import day

pytestmark = pytest.mark.slow

EXAMPLES = examples()
every_example = pytest.mark.parametrize("name", EXAMPLES)


def result_of(name: str, *overrides: str) -> JudgedWorld:
    return JudgedWorld(simulate(load_checked(EXAMPLES[name], overrides).scenario))


def marks(spec: dict, kind: str) -> list[dict]:
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]


def rows(layer: dict, spec: dict) -> list[dict]:
    data = layer["data"]
    return data["values"] if "values" in data else spec["datasets"][data["name"]]


class TestCostChart:
    @every_example
    def test_its_title_is_the_takeaway_and_every_layer_has_data(self, name: str) -> None:
        result = result_of(name)
        spec = charts.cost_chart(result).to_dict()
        assert " ".join(spec["title"]["text"]) == bill_takeaway(result)
        assert bill_takeaway(result) in spec["description"]
        assert all(rows(layer, spec) for layer in spec["layer"])

    def test_the_takeaway_names_threat_and_cutover(self) -> None:
        result = result_of("support-copilot")
        own, clock = result.case.outlook("own-8b"), result.case.clock
        takeaway = bill_takeaway(result)
        assert day(clock.date_of(result.case.threat)) in takeaway
        assert day(clock.date_of(own.cutover)) in takeaway
        assert takeaway.endswith("brings it back below")

    def test_the_bill_crosses_the_limit_on_the_threat_day(self) -> None:
        result = result_of("support-copilot")
        lines = {line.name: line.values for line in bill_lines(result, LIGHT)}
        threat = result.case.threat
        assert lines["Staying"][threat] >= lines["Limit"][threat] * (1 - 1e-9)
        assert lines["Staying"][threat - 1] < lines["Limit"][threat - 1]
        assert lines["Staying"][-1] == pytest.approx(result.case.stay[-28:].mean() * MONTH_DAYS)

    @every_example
    def test_no_two_labels_share_a_row_and_lines_stay_below_them(self, name: str) -> None:
        spec = charts.cost_chart(result_of(name)).to_dict()
        places = sorted(row["y"] for layer in marks(spec, "text")[:1] for row in rows(layer, spec))
        assert all(b - a >= ROW for a, b in itertools.pairwise(places))
        (line,) = marks(spec, "line")
        top = line["encoding"]["y"]["scale"]["domain"][1]
        drawn = [row["value"] for row in rows(line, spec) if row["line"] != "Limit"]
        band = (places[-1] + ROW / 2 if places else 0) / spec["height"]
        assert max(drawn) <= top * (1 - band)

    def test_purchases_are_marked_and_make_no_spike(self) -> None:
        result = result_of("enterprise-bought-gpus")
        bought = result.case.outlook("bought-70b")
        assert any(outlook is bought for outlook, _, _ in purchases(result))
        spent = bought.ledger.flow.sum() + bought.ledger.capital.sum() - bought.ledger.end_credit
        assert spent == pytest.approx(bought.total)
        spec = charts.cost_chart(result).to_dict()
        (points,) = marks(spec, "point")
        assert "buys GPUs for $" in rows(points, spec)[0]["what"]

    def test_a_policy_that_never_starts_shows_no_path(self) -> None:
        result = result_of("support-copilot", "decision.policy=never")
        names = [line.name for line in bill_lines(result, LIGHT)]
        assert names == ["Staying", "own-8b, were it live", "Limit"]

    def test_long_horizons_stay_small(self) -> None:
        result = result_of("support-copilot", "months=240", 'usage.growth={curve="constant"}')
        spec = charts.cost_chart(result).to_dict()
        for layer in marks(spec, "line"):
            lines = {row["line"] for row in rows(layer, spec)}
            assert len(rows(layer, spec)) <= len(lines) * (POINTS + 20)

    @pytest.mark.parametrize(
        "change",
        [
            "usage.requests_per_day=0",
            "candidates.own-8b.coverage=0",
            "revenue.usd_per_month=1e12",
            "months=1",
            "current.usd_per_mtok={input=0,output=0}",
            "candidates.own-8b.project.pass_probability=[0]",
            "candidates.own-8b.project.started=2026-11-01",
        ],
    )
    def test_odd_scenarios_are_drawn(self, change: str) -> None:
        for chart in charts.charts(result_of("support-copilot", change)).values():
            assert chart.to_dict()["title"]["text"]

    def test_names_that_vega_would_read_as_paths_are_drawn(self) -> None:
        text = EXAMPLES["support-copilot"].read_text(encoding="utf-8").replace("own-8b]", "\"gpt-4.1[x] 'y'\"]")
        text = text.replace("own-8b.", "\"gpt-4.1[x] 'y'\".")
        from switchpoint.scenario.catalogue_check import load_text_checked

        result = JudgedWorld(simulate(load_text_checked(text).scenario))
        spec = charts.cost_chart(result).to_dict()
        assert {row["line"] for row in rows(marks(spec, "line")[0], spec)} >= {"gpt-4.1[x] 'y'"}


class TestOtherCharts:
    def test_savings_end_where_the_totals_say(self) -> None:
        result = result_of("support-copilot")
        own = result.case.outlook("own-8b")
        assert savings_to_date(own)[-1] == pytest.approx(result.case.stay.sum() - own.total)
        assert savings_to_date(own)[own.break_even.day] == pytest.approx(0, abs=result.case.stay.max())

    def test_the_plan_ends_at_cutover_and_its_steps_touch(self) -> None:
        result = result_of("support-copilot")
        best = lead(result)
        assert best is not None
        found = steps(planned_candidate(result))
        assert [step.name for step in found][-2:] == ["Shadow", "Ramp up"]
        assert found[-1].after == best.milestone("cutover", best.starts.advised_start)
        tail = [step for step in found if step.kind != "people and data"]
        assert all(one.after == other.first for one, other in itertools.pairwise(tail))

    def test_an_abandoned_project_has_no_plan(self) -> None:
        result = result_of("support-copilot", "candidates.own-8b.project.pass_probability=[0]")
        assert result.case.outlook("own-8b").cutover == NEVER
        assert not charts.has_plan(result)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts") / "new"
    pictures.save_charts(charts.charts(result_of("support-copilot")), folder)
    return folder


class TestFiles:
    def test_each_chart_is_written_twice_and_nothing_else(self, folder: Path) -> None:
        names = ("cash", "cost", "cost-per-1000-requests", "plan", "saving", "waterfall")
        assert sorted(file.name for file in folder.iterdir()) == sorted(
            f"{name}.{kind}" for name in names for kind in ("png", "svg")
        )

    def test_the_svg_holds_its_text(self, folder: Path) -> None:
        text = " ".join(ET.parse(folder / "cost.svg").getroot().itertext())
        for word in (
            "The bill passes its limit on",
            "Dollars a month",
            "Staying",
            "own-8b",
            "Limit",
            "$20k",
            "Break-even",
        ):
            assert word in text

    @pytest.mark.parametrize("name", ["cost", "cost-per-1000-requests", "saving", "plan"])
    def test_the_png_shows_ink_where_its_title_stands(self, folder: Path, name: str) -> None:
        image = np.asarray(Image.open(folder / f"{name}.png").convert("RGB"))
        assert image.shape[1] > 1900
        assert (image[20:110].max(axis=2) < 90).sum() > 500

    def test_the_font_falls_back_to_a_generic_one(self) -> None:
        assert FONT.endswith("sans-serif")


class TestLook:
    def test_colours_are_those_of_the_app(self, root: Path) -> None:
        import tomllib

        theme = tomllib.loads((root / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
        for look in (LIGHT, DARK):
            stated = theme[look.name]
            assert list(look.series) == stated["chartCategoricalColors"]
            assert (look.ground, look.ink) == (stated["backgroundColor"], stated["textColor"])

    def test_many_candidates_repeat_colours_but_never_take_that_of_staying(self) -> None:
        assert LIGHT.colour(0) not in {LIGHT.colour(place) for place in range(1, 20)}
