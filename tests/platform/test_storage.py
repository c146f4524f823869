"""File storage: the same promises on disk and on a foreign S3 server."""

import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from specie.kernel.errors import StorageFull
from specie.platform import db
from specie.platform.storage import FileMissing, FileStorage, StorageUnavailable, open_storage


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """A real S3 server in a process of its own, with one bucket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(endpoint, process)
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/specie-files", method="PUT"), timeout=5)
        yield endpoint
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.skip(f"NOT TESTED ON S3: moto_server ended with code {process.returncode}")
        try:
            urllib.request.urlopen(endpoint, timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.skip("NOT TESTED ON S3: moto_server did not answer within 30 s")


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileStorage:
    if request.param == "disk":
        return open_storage(f"file://{tmp_path}/my%20files")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    return open_storage("s3://specie-files/kyc", endpoint=request.getfixturevalue("s3_endpoint"))


async def test_what_is_put_comes_back(storage: FileStorage) -> None:
    data = bytes(range(256)) * 4000
    await storage.put("ten_1/doc_1", data)
    assert await storage.get("ten_1/doc_1") == data


async def test_a_second_put_replaces_the_first(storage: FileStorage) -> None:
    await storage.put("ten_1/doc_2", b"first")
    await storage.put("ten_1/doc_2", b"second")
    assert await storage.get("ten_1/doc_2") == b"second"


async def test_an_unknown_key_is_missing(storage: FileStorage) -> None:
    with pytest.raises(FileMissing) as missing:
        await storage.get("ten_1/unknown")
    assert (missing.value.code, missing.value.status) == ("file_missing", 404)


async def test_a_deleted_file_is_missing_and_may_be_deleted_again(storage: FileStorage) -> None:
    await storage.put("ten_1/doc_3", b"x")
    await storage.delete("ten_1/doc_3")
    await storage.delete("ten_1/doc_3")
    with pytest.raises(FileMissing):
        await storage.get("ten_1/doc_3")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "A", "a.b", "a b", "ä", "a" * 201])
async def test_a_key_that_could_leave_the_folder_is_refused(tmp_path: Path, key: str) -> None:
    storage = open_storage(str(tmp_path))
    for action in (storage.get(key), storage.put(key, b""), storage.delete(key)):
        with pytest.raises(ValueError, match="storage key"):
            await action


async def test_files_on_disk_are_readable_by_us_alone(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "files"))
    await storage.put("a/b", b"x")
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "files" / "a" / "b").stat().st_mode) == 0o600


async def test_a_full_or_read_only_place_is_unavailable(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "files"))
    (tmp_path / "files" / "a").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable):
        await storage.put("a/b", b"x")


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 64 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tiny", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("NOT TESTED ON A FULL DISK: only root may mount a small one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_is_said_to_be_one_and_keeps_what_was_there(tiny_disk: Path) -> None:
    storage = open_storage(str(tiny_disk / "files"))
    await storage.put("a/small", b"x" * 1000)
    with pytest.raises(StorageFull) as refusal:
        await storage.put("a/large", b"x" * 200_000)
    assert (refusal.value.code, refusal.value.status, refusal.value.retryable) == ("storage_full", 503, True)
    assert await storage.get("a/small") == b"x" * 1000
    with pytest.raises(FileMissing):
        await storage.get("a/large")


async def test_storage_inside_a_unit_of_work_is_a_programming_error(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    token = db._open_unit_of_work.set(True)
    try:
        with pytest.raises(db.NetworkInsideTransaction):
            await storage.put("a", b"x")
    finally:
        db._open_unit_of_work.reset(token)


def test_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="s3://"):
        open_storage("ftp://host/files")
