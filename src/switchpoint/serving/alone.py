"""A request that a replica serves alone."""

from __future__ import annotations

from switchpoint.serving.capacity import Question


def lone_seconds(question: Question) -> float:
    """Seconds from arrival to the last token: time to first token, and a step for each further one."""
    steps, output = question.steps, max(question.output_tokens, 1.0)
    first = float(steps.prefill(question.input_tokens)) + steps.efficiencies.request_ms * 1e-3
    return first + output * float(steps.decode(1.0, question.input_tokens + output / 2))
