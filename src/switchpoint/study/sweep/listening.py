"""Whether a Dask scheduler listens at an address, asked before Dask is: it waits long for what is none."""

from __future__ import annotations

import socket
import ssl
import time

LONGEST_GREETING = 1_000_000
"""Bytes; a scheduler's takes a few hundred."""


class NoSchedulerError(Exception):
    """No scheduler listens there; the message ends a sentence."""


def greeted(host: str, port: int, seconds: float, certificates: ssl.SSLContext | None = None) -> None:
    """Make sure that what listens greets as Dask does: unasked, with the length of what it says first.

    Args:
        host: name or address.
        port: its port.
        seconds: for everything together.
        certificates: for a connection with TLS.

    Raises:
        NoSchedulerError: where nothing listens, or something else.
    """
    until = time.monotonic() + seconds
    try:
        with socket.create_connection((host, port), timeout=seconds) as plain:
            if certificates is None:
                _read_length(plain, until)
                return
            with certificates.wrap_socket(plain, server_hostname=host) as encrypted:
                _read_length(encrypted, until)
    except ssl.SSLError as reason:
        raise NoSchedulerError(f"TLS fails: {reason.reason or reason}") from None
    except TimeoutError:
        raise NoSchedulerError("what listens there says nothing, which no scheduler does") from None
    except (OSError, ValueError) as reason:
        raise NoSchedulerError(getattr(reason, "strerror", None) or str(reason)) from None


def _read_length(connection: socket.socket, until: float) -> None:
    """Read the eight bytes with which each message of Dask begins: its length, the lowest byte first."""
    held = b""
    while len(held) < 8:
        connection.settimeout(max(until - time.monotonic(), 0.01))
        piece = connection.recv(8 - len(held))
        if not piece:
            raise NoSchedulerError("what listens there hangs up")
        held += piece
    if not 0 < int.from_bytes(held, "little") <= LONGEST_GREETING:
        raise NoSchedulerError("what listens there is something else")
