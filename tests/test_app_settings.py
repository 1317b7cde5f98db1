"""The app as its command starts it, in a folder of somebody else's: whose settings hold, and what is refused."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from switchpoint.cli.scenarios import app_command
from tools.app_server import free_port, stop, wait_until_healthy
from tools.visitor import Visitor

pytestmark = pytest.mark.slow

FOREIGN = """\
[server]
address = "0.0.0.0"
enableCORS = false
enableXsrfProtection = false
maxUploadSize = 200
enableStaticServing = true
allowedHosts = []
corsAllowedOrigins = ["http://evil.example"]
[browser]
gatherUsageStats = true
"""


@contextmanager
def started(folder: Path) -> Iterator[int]:
    """The port of the app, started in a folder by its command."""
    port, log = free_port(), folder / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "switchpoint", "app", "--no-browser", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}", server, log)
        yield port
    finally:
        stop(server)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("foreign")
    (folder / ".streamlit").mkdir()
    (folder / ".streamlit" / "config.toml").write_text(FOREIGN, encoding="utf-8")
    (folder / "streamlit.py").write_text("raise SystemExit('a module of this folder was run')", encoding="utf-8")
    with started(folder) as found:
        yield found


def asked(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, {name.casefold(): value for name, value in answer.getheaders()}


def websocket(port: int, origin: str, host: str = "") -> int:
    """Status of the answer to a browser that asks for the app's socket from a page of an origin."""
    wanted = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13", "Origin": origin}
    wanted |= {"Sec_WebSocket_Key": "x3JJHMbDL1EzLkh9GBhXDw=="} | ({"Host": host} if host else {})
    return asked(port, "GET", "/_stcore/stream", **wanted)[0]


def test_a_page_elsewhere_is_refused(port: int) -> None:
    assert websocket(port, f"http://127.0.0.1:{port}") == 101
    assert websocket(port, "http://evil.example") == 403


def test_a_name_that_is_not_of_this_machine_is_refused(port: int) -> None:
    assert websocket(port, f"http://evil.example:{port}", host=f"evil.example:{port}") != 101


def test_only_this_machine_can_reach_it(port: int) -> None:
    found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
    for address in found - {"127.0.0.1"}:
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            socket.create_connection((address, port), timeout=5)


def test_an_upload_without_its_token_is_refused(port: int) -> None:
    assert asked(port, "PUT", "/_stcore/upload_file/any-session/any-file", b"x" * 1000)[0] == 403


@pytest.mark.parametrize(("size", "status"), [(3_000_000, 204), (21_000_000, 413)])
def test_an_upload_over_the_limit_is_refused_by_the_server(port: int, size: int, status: int) -> None:
    with Visitor(f"http://127.0.0.1:{port}") as visitor:
        visitor.arrive()
        cookie = asked(port, "GET", "/_stcore/health")[1]["set-cookie"].partition(";")[0]
        body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.toml"\r\n\r\n' + b"x" * size
        headers = {"Cookie": cookie, "X_Xsrftoken": cookie.partition("=")[2].strip('"')}
        headers["Content_Type"] = "multipart/form-data; boundary=b"
        path = f"/_stcore/upload_file/{visitor.session}/file"
        assert asked(port, "PUT", path, body + b"\r\n--b--\r\n", **headers)[0] == status


def test_streamlit_offers_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not over the verdict, where a coding agent is at home on the machine: a click would write into its folder."""
    skills = pytest.importorskip("streamlit.web.skills")
    flags = (flag.removeprefix("--").partition("=") for flag in app_command(tmp_path / "app.py", 8501, browser=True))
    stated = {name: value == "true" for name, _, value in flags if value in ("true", "false")}
    monkeypatch.setattr("streamlit.config.get_option", stated.get)
    monkeypatch.setattr(skills, "agent_harness_present", lambda: True)
    assert not stated["server.headless"]
    assert skills.nudge_suppression_reason(str(tmp_path))


def test_no_answer_is_open_to_pages_elsewhere(port: int) -> None:
    _, headers = asked(port, "GET", "/_stcore/health", Origin="http://evil.example")
    assert headers.get("access-control-allow-origin") not in ("*", "http://evil.example")
