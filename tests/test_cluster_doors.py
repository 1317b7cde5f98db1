"""What may listen where a sweep looks for its cluster: no scheduler, something silent, something else, TLS."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from tests.sweep_worlds import written
from tests.test_sweep_cluster import WORKER, Cluster

pytestmark = pytest.mark.slow

pytest.importorskip("distributed", reason="Dask is not installed")

GREETING = (17).to_bytes(8, "little") + b"x" * 17


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Something of this machine that does as it likes with each who connects; its host and port."""
    ended = threading.Event()

    def serve() -> None:
        kept = []
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            kept.append(connection)
            with_answer = threading.Thread(target=_answered, args=(answer, connection), daemon=True)
            with_answer.start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        ended.set()


def _answered(answer: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError):
        answer(connection)


def silent(_connection: socket.socket) -> None:
    """Say nothing."""


def other_banner(connection: socket.socket) -> None:
    """Greet as another service does."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


def hangs_up(connection: socket.socket) -> None:
    """Close at once."""
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def greets_and_stops(connection: socket.socket) -> None:
    """Greet with a length as Dask does, then with what is none of its messages."""
    connection.sendall(GREETING)


def trickles(connection: socket.socket) -> None:
    """Send a byte now and then, so that something always comes."""
    for _ in range(60):
        connection.sendall(b"\x01")
        time.sleep(0.9)


def lines_of(address: str, *options: str) -> list[str]:
    """What a sweep says that looks for its cluster there; it is refused."""
    arguments = ["sweep", "small.toml", "--vary", "months=6,12", "--out", "out", "--cluster", address, *options]
    result = CliRunner().invoke(program, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


@pytest.fixture(autouse=True)
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (silent, "what listens there says nothing, which no scheduler does"),
        (other_banner, "what listens there is something else"),
        (hangs_up, "what listens there hangs up"),
        (trickles, "what listens there says nothing, which no scheduler does"),
    ],
)
def test_what_is_no_scheduler_is_one_line(
    answer: Callable[[socket.socket], None], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchpoint.study.sweep.run.GREETING_SECONDS", 1.0)
    with listening(answer) as place:
        (line,) = lines_of(f"tcp://{place}")
    assert line == f"--cluster tcp://{place}: no scheduler answers: {why}"


def test_what_greets_like_a_scheduler_and_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchpoint.study.sweep.run.JOIN_SECONDS", 3.0)
    with listening(greets_and_stops) as place:
        (line,) = lines_of(f"tcp://{place}")
    assert line.startswith(f"--cluster tcp://{place}: no scheduler answers: ")


def test_a_web_server_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("switchpoint.study.sweep.run.GREETING_SECONDS", 1.0)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (line,) = lines_of(f"tcp://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert line.endswith(": no scheduler answers: what listens there says nothing, which no scheduler does")


def test_the_program_itself_ends_within_ten_seconds() -> None:
    """A process of its own: whatever thread still waits for an answer does not keep it."""
    command = [sys.executable, "-m", "switchpoint", "sweep", "small.toml", "--vary", "months=6,12", "--out", "out"]
    with listening(silent) as place:
        done = subprocess.run([*command, "--cluster", f"tcp://{place}"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("--cluster")


@pytest.mark.parametrize("how", ["tls", "ucx"])
def test_what_needs_more_than_an_address_is_refused_before_anything_connects(how: str) -> None:
    def connected(_connection: socket.socket) -> None:
        met.append(how)

    met: list[str] = []
    with listening(connected) as place:
        (line,) = lines_of(f"{how}://{place}")
    assert line.startswith("--cluster")
    assert met == []


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_is_none(port: str) -> None:
    (line,) = lines_of(f"tcp://127.0.0.1:{port}")
    assert "it is no address" in line


class TestCertificates:
    """Encrypted connections, with certificates of one's own."""

    def test_tls_needs_a_folder_and_nothing_else_takes_one(self, tmp_path: Path) -> None:
        (line,) = lines_of("tls://127.0.0.1:9")
        assert line.startswith("--cluster-security: is missing: the folder with ca.pem, cert.pem and key.pem")
        (line,) = lines_of("tcp://127.0.0.1:9", "--cluster-security", str(tmp_path))
        assert line == "--cluster-security: has no meaning with tcp://; a scheduler with TLS has tls://"

    def test_a_folder_has_a_cluster(self, tmp_path: Path) -> None:
        options = ["--vary", "months=6,12", "--out", "out", "--cluster-security", str(tmp_path)]
        result = CliRunner().invoke(program, ["sweep", "small.toml", *options])
        assert result.stderr == "--cluster-security: has no meaning without --cluster tls://HOST:PORT\n"

    def test_missing_and_broken_files_are_named(self, tmp_path: Path) -> None:
        found = lines_of("tls://127.0.0.1:9", "--cluster-security", str(tmp_path))
        assert found == [
            f"--cluster-security: {tmp_path / n} does not exist" for n in ("ca.pem", "cert.pem", "key.pem")
        ]
        for name in ("ca.pem", "cert.pem", "key.pem"):
            (tmp_path / name).write_text("no certificate")
        (line,) = lines_of("tls://127.0.0.1:9", "--cluster-security", str(tmp_path))
        assert line.startswith(f"--cluster-security: {tmp_path} holds no usable certificates: ")

    def test_a_plain_listener_at_an_encrypted_address(
        self, certificates: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("switchpoint.study.sweep.run.GREETING_SECONDS", 1.0)
        with listening(silent) as place:
            (line,) = lines_of(f"tls://{place}", "--cluster-security", str(certificates))
        assert line.startswith(f"--cluster tls://{place}: no scheduler answers: ")

    def test_a_sweep_over_tls_and_nobody_of_another_authority(
        self, tmp_path: Path, root: Path, certificates: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("switchpoint.study.sweep.run.GREETING_SECONDS", 60.0)
        with ExitStack() as stack:
            cluster = Cluster(tmp_path, root, stack, protocol="tls", **told(certificates))
            cluster.start(
                [*WORKER, "--protocol", "tls", cluster.address, "--local-directory", str(tmp_path), "--no-nanny"]
            )
            options = ["--cluster", cluster.address, "--cluster-security", str(certificates)]
            result = CliRunner().invoke(
                program, ["sweep", "small.toml", "--vary", "months=6,12", "--out", "out", *options]
            )
            (line,) = lines_of(cluster.address, "--cluster-security", str(signed(tmp_path / "others")))
        assert cluster.address.startswith("tls://")
        assert (result.exit_code, result.stdout) == (0, "out: 2 points, 4 rows; switchpoint summarise out\n"), (
            result.stderr
        )
        assert line.startswith(f"--cluster {cluster.address}: no scheduler answers: TLS fails: ")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of one's own, and a certificate that it signed."""
    return signed(tmp_path_factory.mktemp("signed") / "certificates")


def signed(folder: Path) -> Path:
    """Make an authority, and a key with a certificate of it, by the commands that the documentation names."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the certificates")
    folder.mkdir()
    new = "openssl req -newkey rsa:2048 -nodes"
    for command in (
        f"{new} -x509 -days 2 -subj /CN=authority -keyout ca.key -out ca.pem",
        f"{new} -subj /CN=switchpoint -keyout key.pem -out request.pem",
        "openssl x509 -req -days 2 -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem",
    ):
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, timeout=60)
    return folder


def told(folder: Path) -> dict[str, str]:
    """The settings with which Dask's own programs take certificates."""
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    settings = {f"{tls}CA_FILE": "ca.pem", "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}
    paths = {f"{tls}{role}__{kind}": name for role in ("SCHEDULER", "WORKER", "CLIENT") for kind, name in PAIR.items()}
    return {key: str(folder / name) if name.endswith(".pem") else name for key, name in (settings | paths).items()}


PAIR = {"CERT": "cert.pem", "KEY": "key.pem"}
