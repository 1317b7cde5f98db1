"""Workers of a Dask cluster, behind the same interface as the processes of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from switchpoint.study.sweep.conduct import Crew
from switchpoint.study.sweep.faults import SweepError
from switchpoint.study.sweep.manifest import code_hash

ADDRESS = re.compile(r"(tcp|tls|ucx)://[^/\s]+:\d{1,5}")
JOIN_SECONDS = 30
"""How long to wait for the scheduler, and then for a first worker."""


@contextmanager
def crew_at(address: str) -> Iterator[Crew]:
    """The workers of a scheduler such as `tcp://10.0.0.5:8786`.

    Raises:
        SweepError: where Dask is not installed, the scheduler does not answer, no worker joins, or one runs another
            version.
    """
    try:
        from distributed import Client
    except ImportError:
        raise SweepError('--cluster: needs Dask; install "switchpoint[cluster]"') from None
    if not ADDRESS.fullmatch(address):
        why = "it is no address; one looks like tcp://10.0.0.5:8786"
        raise SweepError(f"--cluster {address}: no scheduler answers: {why}")
    try:
        client = Client(address, timeout=JOIN_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as reason:
        why = str(reason).splitlines()[0] if str(reason) else type(reason).__name__
        raise SweepError(f"--cluster {address}: no scheduler answers: {why}") from None
    try:
        yield _crew(client, address)
    finally:
        client.close(timeout=5)


def _crew(client: object, address: str) -> Crew:
    from distributed import Client

    assert isinstance(client, Client)
    try:
        client.wait_for_workers(1, timeout=JOIN_SECONDS)
    except (TimeoutError, OSError):
        raise SweepError(f"--cluster {address}: the scheduler has no workers; dask worker {address} adds one") from None
    _same_code(client.run(code_hash))
    executor: Executor = client.get_executor(pure=False)
    return Crew(sum(client.nthreads().values()), lambda: executor)


def _same_code(hashes: dict[str, str]) -> None:
    other = [worker for worker, code in hashes.items() if code != code_hash()]
    if other:
        raise SweepError(
            f"--cluster: {len(other)} of {len(hashes)} workers run another version of switchpoint than this machine, "
            f"such as {other[0]}; install the same on all"
        )
