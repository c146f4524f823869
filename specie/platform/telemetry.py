"""Logs: one JSON object a line with the request's id, and nothing secret in it.

Values that belong to a request are bound with `structlog.contextvars.bound_contextvars(...)`; every line written
inside carries them. Lines of the standard library's loggers (uvicorn, SQLAlchemy …) take the same way.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from types import NoneType
from typing import Any, Literal

import structlog

from specie.kernel.card_numbers import may_have_card_number, passes_luhn
from specie.kernel.clock import machine_now

MASK = "***"
_KEPT_DAYS = 14
_MAX_DEPTH = 8
_SHORTEST_SECRET = len("whsec_") + 1
_SECRET_NAME = re.compile(
    r"passw|secret|token|authorization|cookie|credential|api_?key|private_?key|master_?key|signing_?key|\bpin\b|otp"
    r"|recovery_code|cvv|cvc|card_?number",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{8,}"
    r"|\bspc_(?:live|test)_[0-9A-Za-z]+"
    r"|\bwhsec_[A-Za-z0-9+/=]+"
    r"|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|(?P<user>://[^\s/:@]*:)[^\s/@]+(?=@)",
    re.IGNORECASE,
)
# Every text of every body is looked at, and almost none holds one of these: that much is cheap to see.
_SECRET_MARKS = ("spc_", "whsec_", "eyj", "://", "bearer", "basic")
# A card's number: 13 to 19 digits from 2 to 6 on, perhaps in groups, and not the middle of something longer.
_SHORTEST_CARD = 13
_CARD = re.compile(r"(?<![\w.])[2-6](?:[ -]?\d){12,18}(?![\w])")

_AS_THEY_ARE = (bool, int, float, NoneType)
# Nearly all are of the first kind, which is quicker to tell.
_MAPPINGS = (dict, Mapping)
_LISTS = (list, tuple, set, frozenset)

# Our own ids are most of what is logged, and no secret looks like one.
_ID_TEXT = re.compile(r"(?!whsec_)[a-z]{2,5}_[0-7][0-9a-hjkmnp-tv-z]{25}")

Event = MutableMapping[str, Any]


# They say several lines about each job and call; ours says one, with what matters.
_TALKATIVE = ("procrastinate", "httpx2", "httpcore2")


def configure_logs(
    *, level: str = "info", form: Literal["json", "text"] = "json", folder: Path | None = None, process: str = "specie"
) -> None:
    """Send all logs of this process to standard output and, with a folder, to `<process>.log`, rotated at midnight UTC.

    Fourteen days are kept. Two processes need two names. Call it once, at the start.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    handlers[0].setFormatter(_formatter(form))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        daily = TimedRotatingFileHandler(
            folder / f"{process}.log", when="midnight", utc=True, backupCount=_KEPT_DAYS, encoding="utf-8", delay=True
        )
        daily.setFormatter(_formatter("json"))
        handlers.append(daily)
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level.upper())
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(root.level),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Mask secrets by their name and by their look, and card numbers, at any depth. The last step before rendering."""
    return {key: MASK if is_secret(key) and value else redacted(value) for key, value in event.items()}


# The names in our logs are few and come again and again; foreign ones push each other out.
@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether what has this name is never shown."""
    return bool(_SECRET_NAME.search(name))


def redacted_text(text: str) -> str:
    """The text without keys, tokens, passwords in URLs, and card numbers."""
    if _ID_TEXT.fullmatch(text):
        return text
    lower = text.lower()
    for mark in _SECRET_MARKS:
        if mark in lower:
            text = _SECRET_TEXT.sub(lambda found: f"{found['scheme'] or found['user'] or ''}{MASK}", text)
            break
    if not may_have_card_number(text):
        return text
    return _CARD.sub(lambda found: MASK if passes_luhn(found[0]) else found[0], text)


def redacted(value: Any, is_hidden: Callable[[str], bool] = is_secret, depth: int = 0) -> Any:
    """The value without what is named as hidden or looks like a secret, at any depth, and fit for JSON."""
    if isinstance(value, str):
        return redacted_text(value) if len(value) >= _SHORTEST_SECRET else value
    if isinstance(value, _AS_THEY_ARE):
        return value
    if depth > _MAX_DEPTH:
        return MASK
    if isinstance(value, _MAPPINGS):
        return {
            _named(name): MASK if item and is_hidden(name) else redacted(item, is_hidden, depth + 1)
            for name, item in zip(map(str, value), value.values(), strict=True)
        }
    if isinstance(value, _LISTS):
        return [redacted(item, is_hidden, depth + 1) for item in value]
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    # An unknown object is logged as its text, which is searched like any other.
    return redacted_text(str(value))


@lru_cache(maxsize=4096)
def _named(name: str) -> str:
    return redacted_text(name) if len(name) >= _SHORTEST_CARD else name


def _stamp(_logger: Any, _method: str, event: Event) -> Event:
    event["timestamp"] = machine_now().isoformat().replace("+00:00", "Z")
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    _stamp,
]


def _formatter(form: str) -> logging.Formatter:
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Traces become text before redaction, because the values that caused them stand in them.
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
    )
