"""The JSON Schema of a scenario file, for editors and other programs."""

from __future__ import annotations

from typing import Any

from switchpoint.scenario.fields import BELIEF, Part
from switchpoint.scenario.schema import Scenario

NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 1}
KEYS = {"low": {"type": "number"}, "mode": {"type": "number"}, "high": {"type": "number"}}


def json_schema(root: type[Part] = Scenario) -> dict[str, Any]:
    """The schema of a kind of file, with units and help; `extends` is what only a file may say."""
    schema: dict[str, Any] = _without_null(root.model_json_schema())
    schema["properties"]["extends"] = {"type": "string", "description": "Another file that this one is laid over."}
    schema["$defs"]["Belief"] = {
        "description": "An uncertain number: a 90 % range, a PERT with minimum, mode and maximum, or a choice.",
        "anyOf": [
            _table({"low": KEYS["low"], "high": KEYS["high"]}, "low", "high"),
            _table(KEYS, *KEYS),
            _table({"values": NUMBERS, "weights": NUMBERS}, "values"),
        ],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _table(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _without_null(node: Any, *, names: bool = False) -> Any:
    """The schema without what a TOML file cannot say, and without what only repeats; `names`: its keys are names."""
    if node == BELIEF:
        return {"$ref": "#/$defs/Belief"}
    if isinstance(node, list):
        return [_without_null(each) for each in node if each != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    if names:
        return {key: _without_null(value) for key, value in node.items()}
    kept = {
        key: _without_null(value, names=key in ("properties", "$defs", "mapping"))
        for key, value in node.items()
        if key != "title" and not (key == "default" and (value is None or isinstance(value, dict)))
    }
    if "description" in kept:
        kept["description"] = " ".join(kept["description"].split())
    only = kept.get("anyOf", [])
    return {**only[0], **{k: v for k, v in kept.items() if k != "anyOf"}} if len(only) == 1 else kept
