"""Logs: what a line holds, and what it must never hold."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from specie.platform.telemetry import MASK, configure_logs, redact, redacted_text

CARD = "4111111111111111"


@pytest.fixture(autouse=True)
def _restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in root.handlers[:]:
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_with_time_level_and_the_requests_id(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    with structlog.contextvars.bound_contextvars(request_id="req_1"):
        structlog.get_logger("specie.x").info("paid", amount=15000)
    structlog.get_logger("specie.x").info("later")
    first, second = lines(capsys)
    assert first["event"] == "paid"
    assert (first["level"], first["logger"], first["request_id"], first["amount"]) == (
        "info",
        "specie.x",
        "req_1",
        15000,
    )
    assert first["timestamp"].endswith("Z")
    assert "request_id" not in second


def test_lines_of_the_standard_library_take_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    with structlog.contextvars.bound_contextvars(request_id="req_2"):
        logging.getLogger("uvicorn.error").warning("card %s from %s", CARD, "10.0.0.1", extra={"api_key": "abc"})
    [line] = lines(capsys)
    assert line["event"] == f"card {MASK} from 10.0.0.1"
    assert (line["level"], line["request_id"], line["api_key"]) == ("warning", "req_2", MASK)


def test_a_trace_is_searched_for_secrets_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    try:
        raise ValueError(f"declined {CARD} at postgresql://app:hunter22@db/specie")
    except ValueError:
        structlog.get_logger().exception("failed")
    [line] = lines(capsys)
    assert "ValueError" in line["exception"]
    assert CARD not in line["exception"]
    assert "hunter22" not in line["exception"]


def test_less_severe_lines_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="warning")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_text_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(form="text")
    structlog.get_logger().info("paid", password="hunter22")
    out = capsys.readouterr().out
    assert "paid" in out
    assert "hunter22" not in out


def test_a_folder_gets_a_file_that_is_rotated_daily_and_kept_fourteen_days(tmp_path: Path) -> None:
    configure_logs(folder=tmp_path / "logs", process="worker-1")
    structlog.get_logger().info("paid", card=CARD)
    [line] = (tmp_path / "logs" / "worker-1.log").read_text().splitlines()
    assert json.loads(line)["card"] == MASK
    [handler] = [item for item in logging.getLogger().handlers if hasattr(item, "backupCount")]
    assert (handler.backupCount, handler.when, handler.utc) == (14, "MIDNIGHT", True)
    (tmp_path / "logs").chmod(0o700)
    for day in range(1, 21):
        (tmp_path / "logs" / f"worker-1.log.2026-01-{day:02}").write_text("")
    handler.doRollover()
    assert len(list((tmp_path / "logs").glob("worker-1.log.*"))) == 14


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "Authorization", "cookie", "access_token", "client_secret", "api_key", "totp", "cvv"],
)
def test_a_field_with_a_telling_name_is_masked_at_any_depth(name: str) -> None:
    event = redact(None, "info", {"event": "x", name: "v4lue", "body": {"list": [{name: {"deep": "v4lue"}}]}})
    assert "v4lue" not in json.dumps(event)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("key spc_live_0123456789abcdef", "key ***"),
        ("secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "secret ***"),
        ("jwt eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln", "jwt ***"),
        ("redis://:pw123@host/0", "redis://:***@host/0"),
        (f"card {CARD}", "card ***"),
        ("card 4111 1111 1111 1111.", "card ***."),
        ("card 3782-822463-10005", "card ***"),
        ("card 6011000990139424123 ok", "card 6011000990139424123 ok"),
        ("card 4111111111111112", "card 4111111111111112"),
        ("va 880812345678901234567", "va 880812345678901234567"),
        ("pay_01jx4111111111111111", "pay_01jx4111111111111111"),
        ("wal_01jx3s5v0q8e5t9m2w4r6y8zab", "wal_01jx3s5v0q8e5t9m2w4r6y8zab"),
        ("whsec_01jx3s5v0q8e5t9m2w4r6y8zab", "***"),
        ("1763705548000000", "1763705548000000"),
        ("https://example.com/a?b=c", "https://example.com/a?b=c"),
    ],
)
def test_secrets_and_cards_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert redacted_text(text) == shown


def test_bytes_are_never_written_out() -> None:
    assert redact(None, "info", {"body": b"raw"})["body"] == "<3 bytes>"


def test_endless_nesting_ends() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    assert MASK in json.dumps(redact(None, "info", {"loop": loop}))
