"""A scenario whose every name tries to be more than text, for the pages and for a browser."""

from switchpoint.scenario.examples import examples

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
    """A story with a name in place of its own and of each of its candidates."""
    text = examples()[story].read_text(encoding="utf-8")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    lines = []
    for line in text.splitlines():
        if line.startswith("name = "):
            line = f'name = "{quoted}"'
        elif line.startswith("summary = "):
            line = f'summary = "{SUMMARY}"'
        for number, known in enumerate(("own-8b", "hosted-open")):
            line = line.replace(f"[candidates.{known}", f'[candidates."{number} {quoted}"')
        lines.append(line)
    return "\n".join(lines)
