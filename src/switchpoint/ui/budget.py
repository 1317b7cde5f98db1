"""Capacities that one session may ask for: counted, and simulated beside the server.

Capacity simulations are the dearest question that a few letters of a link can ask, so they are counted by session, run
one at a time in a process of their own beside the server, and end when their visitor leaves.
"""

from __future__ import annotations

import time
from concurrent.futures import Executor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from switchpoint import interrupt
from switchpoint.errors import CannotCompute
from switchpoint.serving import capacity_cache
from switchpoint.serving.capacity import Capacity, Question, measure
from switchpoint.study import workers

MOST_CAPACITIES, WITHIN_SECONDS = 60, 300
"""Capacity simulations of a session, and the time in which it may ask for so many."""
LOOK_SECONDS = 0.1
ASKED = "_capacities_asked"


def install() -> None:
    """Have long work of this process ask whether its visitor is there, and capacities simulated beside it."""
    if capacity_cache.elsewhere is not simulate_capacity:
        interrupt.ask_between_steps(leave_with_visitor, has_visitor)
        capacity_cache.elsewhere = simulate_capacity


def has_visitor() -> bool:
    """Whether this thread works for a visitor."""
    return get_script_run_ctx(suppress_warning=True) is not None


def leave_with_visitor() -> None:
    """Leave where the visitor of this run has left or has asked for something newer."""
    if has_visitor():
        st.session_state.get(ASKED)  # Streamlit ends a run that nobody waits for whenever it looks into its state


def simulate_capacity(question: Question) -> Capacity:
    """The capacity, found beside the server while the visitor waits.

    Raises:
        CannotCompute: where the session has asked for too many.
    """
    if not has_visitor():
        return measure(question)
    _count_another()
    with interrupt.waiting() as name:
        try:
            return _waited_for(name, question)
        except BrokenProcessPool:
            _worker.cache_clear()
            return _waited_for(name, question)


def _waited_for(name: str, question: Question) -> Capacity:
    future = workers.hand_over(_worker(), interrupt.while_waited_for, name, measure, question)
    try:
        while True:
            try:
                found: Capacity = future.result(LOOK_SECONDS)
                return found
            except TimeoutError:
                interrupt.pause()
    finally:
        future.cancel()


def _count_another() -> None:
    now = time.monotonic()
    asked = [when for when in st.session_state.get(ASKED, ()) if now - when < WITHIN_SECONDS]
    if len(asked) >= MOST_CAPACITIES:
        wait = WITHIN_SECONDS - (now - asked[0])
        what = f"took {MOST_CAPACITIES} simulations of what a replica carries within {WITHIN_SECONDS // 60} minutes"
        raise CannotCompute(
            ("candidates",),
            f"{what}, as many as the app makes for one visitor. State requests_per_second_per_replica, or try again "
            f"in {wait:.0f} s",
        )
    st.session_state[ASKED] = (*asked, now)


@lru_cache(maxsize=1)
def _worker() -> Executor:
    """The process that simulates: one for all sessions, first come, first served."""
    return workers.single()
