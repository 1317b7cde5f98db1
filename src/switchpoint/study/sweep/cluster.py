"""Workers of a Dask cluster, behind the same interface as the processes of this machine."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from switchpoint.study.sweep.conduct import Crew
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.listening import NoSchedulerError, greeted
from switchpoint.study.sweep.manifest import code_hash

if TYPE_CHECKING:
    from distributed import Client

ADDRESS = re.compile(r"(?P<how>tcp|tls|ucx|ucxx)://(?P<host>[^/\s\[\]]+|\[[^/\s\[\]]+\]):(?P<port>\d{1,5})")
JOIN_SECONDS = 9.0
"""How long it may take until the scheduler has answered, a first worker has joined, and all are known to be alike."""
GREETING_SECONDS = 4.0
"""How long whatever listens may take to say that it is a scheduler."""
LEAVE_SECONDS = 1.0
CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
"""Files of a folder of certificates: whom to trust, who one is, and the key to that."""
Made = TypeVar("Made")


@contextmanager
def crew_at(address: str, security: Path | None = None) -> Iterator[Crew]:
    """The workers of a scheduler such as `tcp://10.0.0.5:8786`.

    Args:
        address: where the scheduler listens.
        security: a folder with ca.pem, cert.pem and key.pem; a scheduler at `tls://` needs one, no other takes one.

    Raises:
        SweepError: where Dask is not installed, no scheduler answers, no worker joins, or one runs another version;
            within `JOIN_SECONDS`, whatever listens there.
    """
    if find_spec("distributed") is None:
        raise SweepError('--cluster: needs Dask; install "switchpoint[cluster]"')
    place = _place(address)
    certificates = _certificates(place["how"], security)
    until = time.monotonic() + JOIN_SECONDS
    try:
        greeted(place["host"].strip("[]"), int(place["port"]), min(GREETING_SECONDS, JOIN_SECONDS), certificates)
    except NoSchedulerError as reason:
        raise SweepError(f"--cluster {address}: no scheduler answers: {reason}") from None
    client = _within(until, address, lambda: _client(address, security, until - time.monotonic()))
    try:
        yield _crew(client, address, until)
    finally:
        client.close(timeout=LEAVE_SECONDS)


def _place(address: str) -> re.Match[str]:
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 65_536:
        why = "it is no address; one looks like tcp://10.0.0.5:8786"
        raise SweepError(f"--cluster {address}: no scheduler answers: {why}")
    if found["how"].startswith("ucx") and not any(map(find_spec, ("distributed_ucxx", "ucxx", "ucp"))):
        raise SweepError(f"--cluster {address}: {found['how']} needs ucxx, which is not installed; tcp and tls do not")
    return found


def _certificates(how: str, folder: Path | None) -> ssl.SSLContext | None:
    """What proves to either side who the other is; None for a connection without encryption."""
    if how != "tls":
        if folder is not None:
            raise SweepError(f"--cluster-security: has no meaning with {how}://; a scheduler with TLS has tls://")
        return None
    if folder is None:
        wanted = f"the folder with {CA}, {CERTIFICATE} and {KEY}"
        raise SweepError(f"--cluster-security: is missing: {wanted}, which a scheduler at tls:// asks for")
    missing = [str(folder / name) for name in (CA, CERTIFICATE, KEY) if not (folder / name).is_file()]
    if missing:
        raise SweepError(*(f"--cluster-security: {file} does not exist" for file in missing))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # workers come and go under any address; the authority vouches for them
    try:
        context.load_verify_locations(folder / CA)
        context.load_cert_chain(folder / CERTIFICATE, folder / KEY, password=_no_password)
    except (OSError, ValueError) as reason:
        raise SweepError(f"--cluster-security: {folder} holds no usable certificates: {_first_line(reason)}") from None
    return context


def _no_password() -> str:
    """Refuse a key that asks for a password: nobody may be there to type it."""
    raise ValueError(f"{KEY} asks for a password")


def _client(address: str, security: Path | None, seconds: float) -> Client:
    from distributed import Client, Security

    keys = {
        "tls_ca_file": str(security / CA),
        "tls_client_cert": str(security / CERTIFICATE),
        "tls_client_key": str(security / KEY),
        "require_encryption": True,
    } if security is not None else {}  # fmt: skip
    return Client(address, timeout=seconds, set_as_default=False, security=Security(**keys) if keys else None)


def _crew(client: Client, address: str, until: float) -> Crew:
    try:
        client.wait_for_workers(1, timeout=max(until - time.monotonic(), 0.1))
    except (TimeoutError, OSError):
        raise SweepError(f"--cluster {address}: the scheduler has no workers; dask worker {address} adds one") from None
    _same_code(_within(until, address, lambda: client.run(code_hash)))
    executor: Executor = client.get_executor(pure=False)
    return Crew(sum(client.nthreads().values()), lambda: executor)


def _within(until: float, address: str, act: Callable[[], Made]) -> Made:
    """What comes of something, or one line where it fails or takes too long: Dask's own limits do not cover it all."""
    made: list[Made] = []
    reason: list[Exception] = []

    def acted() -> None:
        try:
            made.append(act())
        except Exception as fault:
            reason.append(fault)

    thread = threading.Thread(target=acted, daemon=True)
    thread.start()
    thread.join(max(until - time.monotonic(), 0.1))
    if made:
        return made[0]
    why = _first_line(reason[0]) if reason else "what listens there greets as a scheduler, then says nothing"
    raise SweepError(f"--cluster {address}: no scheduler answers: {why}")


def _first_line(reason: Exception) -> str:
    return str(reason).splitlines()[0] if str(reason).strip() else type(reason).__name__


def _same_code(hashes: dict[str, str]) -> None:
    other = [worker for worker, code in hashes.items() if code != code_hash()]
    if other:
        raise SweepError(
            f"--cluster: {len(other)} of {len(hashes)} workers run another version of switchpoint than this machine, "
            f"such as {other[0]}; install the same on all"
        )
