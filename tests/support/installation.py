"""A whole installation as `specie up` runs it, in a state folder of its own, with processes that can be killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2

START_SECONDS = 300.0
SESSION_COOKIE = "specie_session"
# Whoever logged in more than five minutes ago is asked for the password again before some acts.
FRESH_SECONDS = 120.0


class Installation:
    """`specie up` on a free port. Use as a context manager; everything ends with it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = state / "up.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._sessions: dict[str, tuple[float, str]] = {}

    def __enter__(self) -> "Installation":
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SPECIE_") and name != "DATABASE_URL"
        }
        environment |= {
            "SPECIE_STATE": str(self.state),
            "SPECIE_PORT": str(self.port),
            "SPECIE_PRIVATE_TARGETS": "true",
            "SPECIE_LOG_LEVEL": "warning",
            # The load comes from one address on purpose.
            "SPECIE_RATE_LIMIT_ADDRESS": "1000000",
            "SPECIE_RATE_LIMIT_ACTOR": "1000000",
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "specie.app.cli", "up", "--demo"],
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self.wait_until_ready(START_SECONDS)
        except BaseException:
            # A start that failed must not go on beside the tests that follow.
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def api_key(self, owner: str) -> str:
        """The demo's API key of the `merchant` or of the whole `sandbox`."""
        kept = json.loads((self.state / "secrets" / "demo.json").read_text())
        return str(kept["api_keys"][owner])

    def password(self, login: str) -> str:
        """The password of a demo login, by the name before the `@` of its address."""
        kept = json.loads((self.state / "secrets" / "demo.json").read_text())
        return str(kept["passwords"][login])

    def session(self, login: str) -> str:
        """The session cookie of a demo login, who logged in a moment ago."""
        began, cookie = self._sessions.get(login, (float("-inf"), ""))
        if time.monotonic() - began < FRESH_SECONDS:
            return cookie
        who = {"email": f"{login}@warung-kopi.example", "password": self.password(login)}
        answer = httpx2.post(f"{self.url}/api/v1/auth/login", json=who, headers={"Origin": self.url})
        cookie = answer.raise_for_status().cookies[SESSION_COOKIE]
        self._sessions[login] = time.monotonic(), cookie
        return cookie

    def wait_until_ready(self, seconds: float) -> float:
        """Wait for /health/ready; returns how long it took."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            try:
                if httpx2.get(f"{self.url}/health/ready", timeout=2).status_code == 200:
                    return time.monotonic() - started
            except httpx2.HTTPError:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"not ready after {seconds:g} s:\n{self._log.read_text()[-4000:]}")

    def kill(self, kind: str) -> bool:
        """SIGKILL the process of a kind: `api`, `worker`, `simulator` or `postgres`. Whether there was one."""
        assert self._process is not None
        victims = [pid for pid, command in _descendants(self._process.pid) if _is(kind, command)]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return bool(victims)


def _is(kind: str, command: str) -> bool:
    if kind == "postgres":
        # The postmaster alone: its children then end by themselves, as in a crash.
        return "/postgres" in command.split(" ", maxsplit=1)[0] and " -D " in command
    return command.startswith(f"specie {kind}")


def _descendants(pid: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return found
    for child in children:
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except FileNotFoundError:
            continue
        found += [(child, command), *_descendants(child)]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
