"""A visitor of the app without a browser, who speaks to the server as a page does and measures when it has answered."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


class Visitor:
    """One tab; `with Visitor(...)` leaves at the end as a tab that is closed does.

    Args:
        url: of the app, such as "http://127.0.0.1:8501".
        query: the address, such as "changes=…".
        page: name of a page's script in app_pages; the first when left out.
    """

    def __init__(self, url: str, query: str = "", page: str = "") -> None:
        self.url, self.query, self.page = url, query, page
        self.numbers: dict[str, str] = {}
        self.session = ""
        self.states: dict[str, Any] = {}
        self.texts: list[str] = []

    def __enter__(self) -> Visitor:
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._connection = connect(
            address, subprotocols=["streamlit"], origin=self.url, max_size=None, proxy=None, ping_interval=None
        )
        self._socket = self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, trace)

    def arrive(self, patience: float = 300) -> float:
        """Ask for the page; seconds until it stands."""
        self._ask()
        return self._answered(patience)

    def ask(self) -> None:
        """Ask for the page and wait for nothing."""
        self._ask()

    def type(self, label: str, value: float, patience: float = 300) -> float:
        """Type a number; seconds until the page stands again."""
        self.states[self.numbers[label]] = value
        self._ask()
        return self._answered(patience)

    def _ask(self) -> None:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        for name, value in self.states.items():
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.double_value = name, value
        self._socket.send(message.SerializeToString())

    def _answered(self, patience: float) -> float:
        """Seconds until the run that was asked for has finished; a run that gave way to it does not count."""
        begin = time.perf_counter()
        while (left := begin + patience - time.perf_counter()) > 0:
            with suppress(TimeoutError):
                message = ForwardMsg()
                message.ParseFromString(self._socket.recv(timeout=left))  # type: ignore[arg-type]
                self._note(message)
                if message.WhichOneof("type") == "script_finished" and not message.script_finished:
                    return time.perf_counter() - begin
        raise TimeoutError(f"no answer within {patience:.0f} s")

    def _note(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.session = message.new_session.initialize.session_id
        if kind != "delta" or message.delta.WhichOneof("type") != "new_element":
            return
        element = message.delta.new_element
        if element.WhichOneof("type") == "number_input":
            self.numbers[element.number_input.label] = element.number_input.id
        self.texts.append(str(element))
