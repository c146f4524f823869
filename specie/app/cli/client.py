"""The commands that talk to a running platform do so as anybody would: over its API, with an API key."""

import uuid
from types import TracebackType
from typing import Annotated, Any, Self

import httpx2
import typer

from specie.app.cli import saved_key
from specie.platform.config import SettingsInvalid, load_settings

API = "/api/v1"
_SECONDS = 30.0

Url = Annotated[str, typer.Option("--url", envvar="SPECIE_URL", help="The platform; default: the one of the settings.")]
Key = Annotated[str, typer.Option("--key", envvar="SPECIE_API_KEY", help="An API key (spc_…).", show_default=False)]


class Refused(Exception):
    """The API said no; `problem` is its problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        code = problem.get("code", str(status))
        super().__init__(f"{code}: {problem.get('detail') or problem.get('title', 'refused')}")
        self.problem = problem


class Unreachable(Exception):
    """Nothing answers at the address, or it breaks off."""


class Client:
    """One platform and one key."""

    def __init__(self, url: str, key: str) -> None:
        """Without a key the saved one is used, at its platform and at no other; without a URL the settings name it.

        Raises SettingsInvalid when there is no key, or none for this platform.
        """
        kept = {} if key else saved_key.read()
        if not key and not kept:
            raise SettingsInvalid("SPECIE_API_KEY: give --key, set this variable to an API key, or run `specie login`")
        if kept and url and url.rstrip("/") != kept["url"]:
            raise SettingsInvalid(f"SPECIE_API_KEY: the kept key is for {kept['url']}; give the one for {url}")
        key = key or kept["key"]
        self.url = (url or kept.get("url") or load_settings().public_url).rstrip("/")
        self.is_live = key.startswith("spc_live_")
        self.http = httpx2.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {key}"}, timeout=_SECONDS, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    def get(self, path: str, /, **parameters: Any) -> Any:
        """Read. Raises Refused or Unreachable."""
        return self.ask("GET", path, params=parameters)

    def post(self, path: str, body: dict[str, Any] | None = None, *, timeout: float = _SECONDS) -> Any:
        """Do something, under a fresh idempotency key; `timeout` is in seconds. Raises Refused or Unreachable."""
        return self.ask("POST", path, json=body or {}, headers=fresh_key(), timeout=timeout)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send one request below /api/v1 and return the answer's JSON; None for an empty one."""
        answer = self.answered(method, path, **options)
        return answer.json() if answer.content else None

    def answered(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send one request below /api/v1 and return the answer as it came. Raises Refused or Unreachable."""
        try:
            answer = self.http.request(method, f"{API}{path}", **options)
        except httpx2.HTTPError as error:
            raise Unreachable(f"{self.url} does not answer ({type(error).__name__})") from error
        if answer.is_error:
            raise Refused(answer.status_code, _problem(answer))
        return answer


def fresh_key() -> dict[str, str]:
    """The header under which one thing happens once."""
    return {"Idempotency-Key": f"cli-{uuid.uuid4()}"}


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
