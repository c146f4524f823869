"""When a delivery is tried again, when an endpoint gets a pause, when somebody is told."""

from datetime import UTC, datetime, timedelta

import pytest

from specie.webhooks.model import SCHEDULE, Alarm, Health, Outcome, after_failure, error_of, next_attempt_at

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WELL = Health(0, None, None, None)


def failed(status: int | None = 500, retry_after: timedelta | None = None) -> Outcome:
    return Outcome("https://example.com", {}, status=status, error="x", retry_after=retry_after)


def test_the_schedule_gives_ten_attempts_over_three_days() -> None:
    waits = [next_attempt_at(step, failed(), NOW, 0) for step in range(1, 11)]
    assert waits[-1] is None
    assert [wait - NOW for wait in waits if wait] == list(SCHEDULE[1:])
    assert timedelta(days=3) < sum(SCHEDULE, timedelta()) < timedelta(days=4)


def test_jitter_moves_a_retry_by_a_tenth_at_most() -> None:
    assert next_attempt_at(2, failed(), NOW, -10) == NOW + timedelta(seconds=270)
    assert next_attempt_at(2, failed(), NOW, 10) == NOW + timedelta(seconds=330)


def test_a_slow_down_is_honoured_up_to_an_hour() -> None:
    assert next_attempt_at(1, failed(429, timedelta(minutes=7)), NOW, 0) == NOW + timedelta(minutes=7)
    assert next_attempt_at(1, failed(429, timedelta(days=9)), NOW, 0) == NOW + timedelta(hours=1)
    assert next_attempt_at(1, failed(500, timedelta(minutes=7)), NOW, 0) == NOW + timedelta(seconds=5)


@pytest.mark.parametrize("status", [429, 502, 504])
def test_a_slow_down_pauses_the_whole_endpoint_at_once(status: int) -> None:
    health, alarm = after_failure(WELL, failed(status), NOW)
    assert (health.open_until, alarm) == (NOW + timedelta(seconds=30), None)


def test_the_breaker_opens_from_the_fifth_failure_and_doubles_up_to_ten_minutes() -> None:
    pauses = []
    for failures in (3, 4, 5, 6, 40):
        health, _ = after_failure(Health(failures, NOW, None, None), failed(), NOW)
        pauses.append(((health.open_until or NOW) - NOW).total_seconds())
    assert pauses == [0, 5, 10, 20, 600]


def test_a_longer_pause_is_never_shortened() -> None:
    until = NOW + timedelta(hours=1)
    health, _ = after_failure(Health(7, NOW, None, until), failed(), NOW)
    assert health.open_until == until


def test_people_are_warned_after_three_days_and_the_endpoint_is_disabled_after_five() -> None:
    def alarm(failing_days: int, warned_days: int | None) -> Alarm | None:
        warned_at = NOW - timedelta(days=warned_days) if warned_days is not None else None
        return after_failure(Health(9, NOW - timedelta(days=failing_days), warned_at, None), failed(), NOW)[1]

    assert alarm(2, None) is None
    assert alarm(3, None) is Alarm.WARN
    assert alarm(4, 1) is None
    assert alarm(5, 2) is Alarm.DISABLE


def test_nothing_is_disabled_before_the_warning_had_a_day() -> None:
    failing = NOW - timedelta(days=30)
    assert after_failure(Health(9, failing, None, None), failed(), NOW)[1] is Alarm.WARN
    assert after_failure(Health(9, failing, NOW - timedelta(hours=23), None), failed(), NOW)[1] is None


def test_gone_means_gone() -> None:
    assert after_failure(WELL, failed(410), NOW)[1] is Alarm.GONE


@pytest.mark.parametrize(
    ("status", "error"),
    [(200, None), (204, None), (301, "redirect"), (404, "http_4xx"), (500, "http_5xx"), (600, "http_5xx")],
)
def test_only_2xx_is_a_success(status: int, error: str | None) -> None:
    assert error_of(status) == error
