"""What one hears of a page: every input has a name, every chart says what it shows, headings have an order."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.horizon import horizon_of
from switchpoint.ui.draw_facts import date_fact
from switchpoint.ui.navigation import PAGES
from switchpoint.ui.terms import TERMS
from tests.test_app_names import nodes

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
UNNAMED_KINDS = {"Markdown", "Heading", "Html", "Alert", "Progress", "Space", "Spinner"}
OPEN = ("Usage", "Current price", "Limit", "events", "decision", "candidates.own-8b")


@pytest.fixture(scope="module")
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for group in OPEN:
        app.session_state[f"inputs {group}"] = True
    return app.run()


@pytest.mark.parametrize("page", [listed.name for listed in PAGES])
def test_every_input_has_a_name_and_every_chart_says_what_it_shows(app: AppTest, page: str) -> None:
    app.switch_page(f"app_pages/{page}.py").run()
    assert not app.exception
    for proto in nodes(app._tree):
        kind = proto.DESCRIPTOR.name
        fields = {field.name for field in proto.DESCRIPTOR.fields}
        if "label" in fields and kind not in UNNAMED_KINDS and "id" in fields:
            assert proto.label.strip(), (page, kind, proto.id)
        if kind == "ArrowVegaLiteChart":
            assert len(proto.alt) > 10, page
    assert len(app.main.title) == 1, "one heading of the first level"
    assert not app.main.subheader


def test_terms_are_explained_where_they_stand(app: AppTest) -> None:
    app.switch_page("app_pages/decide.py").run()
    helps = " ".join(str(getattr(each.proto, "help", "")) for each in [*app.main.markdown, *app.sidebar.slider])
    for term in ("present value", "shadow", "ramp", "coverage"):
        line = TERMS[term]
        assert line[:1].lower() + line[1:] in helps, term


@pytest.mark.parametrize(("draws", "told"), [(256, "January 2028"), (1_000, "15 January 2028")])
def test_a_middle_of_few_draws_is_a_month(draws: int, told: str) -> None:
    clock = horizon_of(date(2027, 1, 1), 36)
    number = (date(2028, 1, 15) - date(2027, 1, 1)).days
    spread = SimpleNamespace(probability=1.0, p10=number - 90, p50=number, p90=number + 90)
    fact = date_fact(SimpleNamespace(draws=draws, clock=clock), "Limit reached", spread)
    assert fact.value == told
