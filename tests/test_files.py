"""Reading what others wrote: regular files only, and never more than the bound."""

import os
import threading
from pathlib import Path

import pytest

from switchpoint.files import NotRegular, TooLarge, read_bytes, read_text


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    assert read_bytes(tmp_path / "a") == b"x" * 3_000_000
    (tmp_path / "b").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r")
    assert read_text(tmp_path / "b") == "one\ntwo\n"


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"held")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert read_bytes(tmp_path / "link") == b"held"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device_is_refused(device: str) -> None:
    if not Path(device).exists() or Path(device).is_file():
        pytest.skip("no such device here")
    with pytest.raises(NotRegular, match=r"^is not a file: it is a device or a pipe$"):
        read_bytes(Path(device))


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    refused: list[type[BaseException]] = []

    def read() -> None:
        try:
            read_bytes(tmp_path / "pipe")
        except OSError as reason:
            refused.append(type(reason))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(30)
    assert refused == [NotRegular]


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotRegular, match=r"^is a folder, not a file$"):
        read_bytes(tmp_path)


def test_the_bound_is_the_last_size_taken(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1_000_000)
    assert len(read_bytes(tmp_path / "a", 1_000_000)) == 1_000_000
    (tmp_path / "a").write_bytes(b"x" * 1_100_000)
    with pytest.raises(TooLarge, match=r"^must be at most 1 MB; got 1\.1 MB$"):
        read_bytes(tmp_path / "a", 1_000_000)


def test_a_file_that_tells_no_size_is_held_to_the_bound() -> None:
    endless = Path("/proc/self/environ")
    if not endless.is_file() or endless.stat().st_size:
        pytest.skip("no such file here")
    with pytest.raises(TooLarge, match="must be at most 1 bytes"):
        read_bytes(endless, 1)


@pytest.mark.parametrize("name", ["missing", "nul\0"])
def test_a_name_without_a_file_is_an_os_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(OSError, match=r"."):
        read_bytes(tmp_path / name)


def test_other_bytes_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "a")
