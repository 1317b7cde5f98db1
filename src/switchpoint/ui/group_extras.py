"""What stands among the inputs of a group at the left that is no single number: the model of a route, a menu."""

from __future__ import annotations

from switchpoint.scenario.candidates import ApiCandidate, HostedCandidate
from switchpoint.ui.candidate_dialogs import menu_below
from switchpoint.ui.model_choice import route_row
from switchpoint.ui.session import View

PRICE = "Current price"


def above(view: View, title: str, candidate: str) -> None:
    """What stands above the numbers of a group.

    Args:
        view: what is worked on.
        title: of the group.
        candidate: that it belongs to, if any.
    """
    if candidate:
        if _is_listed(view, candidate):
            route_row(view, ("candidates", candidate))
    elif title == PRICE:
        route_row(view, ("current",))


def _is_listed(view: View, candidate: str) -> bool:
    """Whether a candidate is paid by the token, so that it has a provider and a model."""
    scenario = view.scenario or (view.loaded and view.loaded.scenario)
    spec = scenario.candidates.get(candidate) if scenario else None
    if isinstance(spec, HostedCandidate):
        return spec.endpoint is None
    return isinstance(spec, ApiCandidate)


def below(view: View, candidate: str) -> None:
    """What stands below them."""
    if candidate:
        menu_below(view, candidate)
