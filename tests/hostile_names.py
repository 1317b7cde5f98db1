"""A scenario whose every name tries to be more than text, for the pages and for a browser."""

import tomllib

from switchpoint.scenario.toml_writer import examples, text_of

HOST = "evil.example"
IMAGE = f"![i](http://{HOST}/a.png)"
TRICKS = {
    "image": IMAGE,
    "link": f"[here](http://{HOST}/b)",
    "address": f"see http://{HOST}/c",
    "www": f"www.{HOST}",
    "mail": f"a@{HOST}",
    "html": f"<img src=//{HOST}/d>",
    "colour": ":red[red] :material/bolt: :smile:",
    "formula": "$x^2$ and `code` ~~gone~~ **bold**",
    "heading": "# heading",
    "numbered": "12. twelfth",
}
SUMMARY = f"{IMAGE} http://{HOST}/summary"


def hostile_text(name: str, story: str = "support-copilot") -> str:
    """A story with a name in place of its own and of each of its candidates, the first of which is there twice."""
    tree = tomllib.loads(examples()[story].read_text(encoding="utf-8"))
    candidates = [*tree["candidates"].values()]
    named = {f"{number} {name}": each for number, each in enumerate([candidates[0], *candidates])}
    return text_of({**tree, "name": name, "summary": SUMMARY, "candidates": named})
