"""The pieces of the drills; the drills themselves take minutes and are held by `specie assay drill`."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from specie.app.cli import app
from specie.app.cli.drills import SITES, disk, obstacle
from specie.app.cli.drills.fail_over import _children
from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.moved_clock import follow, set_clock
from specie.assay.drills import DRILLS
from specie.assay.flood import Flood, pour
from specie.assay.profile import Profile
from specie.assay.quiet import p95
from specie.assay.report import Report
from specie.assay.verdict import Verdict
from specie.kernel import clock

LONGEST_LOAD_SECONDS = 45


def test_every_drill_is_listed_has_an_installation_and_is_short() -> None:
    listed = json.loads(CliRunner().invoke(app, ["assay", "drill", "--json"]).stdout)
    assert set(listed) == set(DRILLS) == set(SITES)
    for drill in DRILLS.values():
        assert drill.profile.calm + drill.profile.faults <= LONGEST_LOAD_SECONDS
        assert drill.profile.is_strict
        # Every trouble that is planned must have happened for the drill to count.
        planned = {fault.action for fault in drill.faults}
        assert planned <= set(drill.profile.least), drill.name


def test_a_drill_that_cannot_be_held_says_so_and_is_no_success(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert obstacle("rolling-upgrade", None) == (
        "an older version is needed; name a folder with its `specie` and `migrations` by --old"
    )
    assert "holds no specie" in (obstacle("rolling-upgrade", tmp_path) or "")
    monkeypatch.setattr(disk.os, "geteuid", lambda: 1000)
    told = CliRunner().invoke(app, ["assay", "drill", "disk-full"])
    assert told.exit_code == ExitCode.SETTINGS
    assert "disk-full was NOT held: a small disk has to be mounted, which only root may do" in told.output
    assert CliRunner().invoke(app, ["assay", "drill", "flood"]).exit_code == ExitCode.USAGE


def test_a_moved_clock_moves_wall_time_alone(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    set_clock(file, 7_200)
    follow(file)
    try:
        true, steady = clock.datetime.now(clock.UTC), clock.monotonic()
        assert timedelta(hours=2) <= clock.machine_now() - true < timedelta(hours=2, minutes=1)
        set_clock(file, -3_600)
        assert timedelta(hours=-1) <= clock.machine_now() - true < timedelta(minutes=-59)
        assert abs(clock.machine_timestamp() - (true.timestamp() - 3_600)) < 60
        assert 0 <= clock.monotonic() - steady < 60
    finally:
        clock.shift_by(None)
    assert abs(clock.machine_now() - clock.datetime.now(clock.UTC)) < timedelta(minutes=1)


def test_the_children_of_a_process_are_found() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in _children(os.getpid())
        child.communicate(b"\n")


def test_a_drill_with_an_answer_nobody_can_act_on_has_not_passed() -> None:
    strict = Profile("flood", 0, 0, 0, 0, 1, 0.0, {}, is_strict=True)
    for answers, wrong in (
        ({"503 unavailable": 3, "201": 9}, []),
        ({"500 internal_error": 1}, ["1 answers were 500 internal_error"]),
        ({"502 without a problem document": 2}, ["2 answers were 502 without a problem document"]),
    ):
        verdict = Verdict()
        verdict.told["transfer refused insufficient_funds"] = 1
        report = Report("flood", 1, {}, [], is_drill=True, answers=answers)
        report.weigh(strict, verdict)
        assert report.findings["odd"] == wrong
        assert report.passed is (wrong == [])
        assert "specie assay drill flood --seed 1" in report.page()


async def test_the_noise_is_counted_by_its_answers_and_ends_by_itself() -> None:
    asked = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while await reader.readuntil(b"\r\n\r\n") == b"GET / HTTP/1.1\r\n\r\n":
            asked += 1
            if asked == 10:
                break
            told = "200 OK" if asked < 5 else "429 Wait" if asked == 5 else "429 Wait\r\nRetry-After: 1"
            writer.write(f"HTTP/1.1 {told}\r\nContent-Length: 2\r\n\r\nok".encode())
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    heard = await pour(Flood("127.0.0.1", port, "GET / HTTP/1.1", 0.5, 1000.0))
    server.close()
    assert (heard.answers["200"], heard.without_retry_after, heard.cut) == (4, 1, 1)
    assert 10 < heard.sent == asked <= 500


@pytest.mark.parametrize(("times", "found"), [([1.0], 1.0), (range(1, 101), 95), (range(20, 0, -1), 19)])
def test_95_of_100_did_not_wait_longer(times: list[float], found: float) -> None:
    assert p95(times) == found
