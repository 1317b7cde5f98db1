"""Names and texts of others are text on every page: no element is given one that Markdown would read as more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from switchpoint.ui.field_editor import places
from switchpoint.ui.widgets import plain
from tests.hostile_names import HOST, IMAGE, TRICKS, hostile_text
from tests.test_app import shown

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("decide", "your_data", "uncertainty", "readiness", "serving", "compare", "assumptions", "export")
AS_IT_IS = {
    ("Selectbox", "options"),
    ("Selectbox", "default_values"),
    ("MultiSelect", "options"),
    ("Selectbox", "raw_value"),
    ("MultiSelect", "raw_values"),
    ("TextInput", "default"),
    ("TextInput", "value"),
    ("TextArea", "default"),
    ("TextArea", "value"),
    ("Code", "code_text"),
}
"""What Streamlit shows letter by letter: choices of lists, text that is typed, code."""
UNSEEN = {"id", "user_key", "alt", "url", "form_id", "file_name", "fragment_id", "spec", "query_param_key"}
SHOWN_IN_CANVAS = {"Arrow", "ArrowVegaLiteChart", "ArrowData", "NamedDataSet"}


def strings(message: Any) -> Iterator[tuple[str, str, str]]:
    """Kind of element, field and text of everything that a message says."""
    kind = message.DESCRIPTOR.name
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if field.type == field.TYPE_MESSAGE and hasattr(each, "ListFields"):
                yield from strings(each)
            elif isinstance(each, str) and field.name not in UNSEEN and (kind, field.name) not in AS_IT_IS:
                yield kind, field.name, each


def nodes(node: Any) -> Iterator[Any]:
    proto = getattr(node, "proto", None)
    if proto is not None and hasattr(proto, "ListFields"):
        yield proto
    for child in getattr(node, "children", {}).values():
        yield from nodes(child)


def said(app: AppTest) -> list[tuple[str, str, str]]:
    shown = (proto for proto in nodes(app._tree) if proto.DESCRIPTOR.name not in SHOWN_IN_CANVAS)
    cells = (str(cell) for table in app.table for cell in [*table.value.columns, *table.value.to_numpy().ravel()])
    return [*(each for proto in shown for each in strings(proto)), *(("Table", "cell", cell) for cell in cells)]


def is_tame(text: str, name: str) -> bool:
    """Whether no name stands in a text as Markdown would read it."""
    rest = text.replace(plain(name), "")
    if plain(f"x {name}") == f"x {name}":  # it is more than text at the beginning of a line only
        return not any(line.startswith(name) for line in rest.splitlines())
    return name not in rest and IMAGE not in rest and f"//{HOST}" not in rest.replace("\u2060//", "")


SEEN_EVERYWHERE = ("image", "www", "html", "numbered")
"""A mark within a text, an address, a tag, and a mark at the beginning of a line. The first page tames every trick;
what another page does not tame as it does lets one of these through."""


@pytest.mark.parametrize("trick", TRICKS)
def test_no_page_renders_a_name(trick: str) -> None:
    name = TRICKS[trick]
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state["draws"] = 64
    app.run()
    app.file_uploader(key="upload").upload(f"{name.replace('/', '-')}.toml", hostile_text(name).encode()).run()
    assert shown(app.selectbox, "scenario").value == name
    shown(app.number_input, "usage.requests_per_day").set_value(90_000).run()
    app.button(key="save").click().run()
    seen = 0
    for page in PAGES if trick in SEEN_EVERYWHERE else PAGES[:1]:
        app.switch_page(f"app_pages/{page}.py").run()
        assert not app.exception
        for kind, field, text in said(app):
            assert is_tame(text, name), (page, kind, field, text)
            seen += name in text.replace("\\", "").replace("\u2060", "")
    assert seen > (20 if trick in SEEN_EVERYWHERE else 10)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_fault_quotes_a_name_as_text(trick: str) -> None:
    name = TRICKS[trick]
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    text = hostile_text(name).replace("requests_per_day", "request_per_day")
    app.file_uploader(key="upload").upload("x.toml", text.encode() + b'\n["' + b"x" * 3 + b'"]\n').run()
    assert app.error
    for kind, field, told in said(app):
        assert is_tame(told, name), (kind, field, told)


DIALOGS = (
    ("cards menu {}", "Rename"),
    ("what_if_add", "Start on a day"),
    ("what_if_add", "Hiring takes"),
    ("add_candidate", "GPUs of your own"),
)


@pytest.mark.parametrize("trick", ["html", "heading"])
def test_no_dialog_renders_a_name(trick: str) -> None:
    name = TRICKS[trick]
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    app.file_uploader(key="upload").upload("x.toml", hostile_text(name).encode()).run()
    app.button(key="pin").click().run()
    shown(app.number_input, "usage.requests_per_day").set_value(9_000).run()
    for key, option in DIALOGS:
        app.menu_button(key=key.format(f"0 {name}")).click(option).run()
        assert not app.exception
        for kind, field, text in said(app):
            assert is_tame(text, name), (key, kind, field, text)
    app.button(key="find field").click().run()
    chosen = next(each for each in places(app.session_state["_view"].edited) if each.endswith("coverage"))
    app.selectbox(key="found field").set_value(chosen).run()
    app.button(key="save").click().run()
    app.text_input(key="variant_name").set_value(name[:60])
    app.button(key="save variant").click().run()
    app.switch_page("app_pages/compare.py").run()
    assert not app.exception
    for kind, field_name, text in said(app):
        assert is_tame(text, name), (kind, field_name, text)
