"""Named places where a test may kill, fail or stall the process.

In production `crash_point` is one test of a module attribute. A trap is set by a test, or by a start-up that
calls `from_environment`; nothing else reads the environment.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping

Trap = Callable[[str], None]

_HANG_SECONDS = 20.0
_trap: Trap | None = None


class TrapSprung(RuntimeError):
    """Raised by the `raise` action; no code catches it by name."""


def crash_point(name: str) -> None:
    """Mark a place worth crashing at, such as `payments.charge.sent`. Does nothing unless a trap is set."""
    if _trap is not None:
        _trap(name)


def install(trap: Trap | None) -> None:
    """Set the trap every crash point of this process calls with its name; None takes it away."""
    global _trap
    _trap = trap


def from_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Set the trap that SPECIE_CRASH_POINT names as `name:action[:nth]`; without the variable do nothing.

    Actions: `kill` (SIGKILL to this process), `raise` (TrapSprung), `hang` (20 s). `nth` counts from 1.
    Raises ValueError for anything else.
    """
    value = environment.get("SPECIE_CRASH_POINT", "")
    if value:
        install(_parse(value))


def _parse(value: str) -> Trap:
    name, _, rest = value.partition(":")
    action, _, nth = rest.partition(":")
    if not name or action not in _ACTIONS or not (nth or "1").isdecimal() or int(nth or "1") < 1:
        raise ValueError(f"SPECIE_CRASH_POINT must be name:kill|raise|hang[:nth], not {value!r}")
    return _counted(name, _ACTIONS[action], int(nth or "1"))


def _counted(wanted: str, action: Trap, nth: int) -> Trap:
    passes = 0
    lock = threading.Lock()

    def trap(name: str) -> None:
        nonlocal passes
        if name != wanted:
            return
        with lock:
            passes += 1
            sprung = passes == nth
        if sprung:
            action(name)

    return trap


def _kill(_name: str) -> None:
    # SIGKILL leaves no chance to clean up, which is the point: the process dies as it does in a power cut.
    os.kill(os.getpid(), signal.SIGKILL)


def _raise(name: str) -> None:
    raise TrapSprung(name)


def _hang(_name: str) -> None:
    time.sleep(_HANG_SECONDS)


_ACTIONS: dict[str, Trap] = {"kill": _kill, "raise": _raise, "hang": _hang}
