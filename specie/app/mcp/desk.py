"""What an assistant's calls become: requests under its key, and for changes a rehearsal before the real thing."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from specie.app.cli.client import Client, Refused, Unreachable
from specie.app.mcp.tools import CONFIRM, Tool, UnknownArgument, tools

_TOLD = (
    "Nothing has happened yet. This is what would. Show it to the person you work for, and when they agree, "
    f"call the tool again with the same arguments and `{CONFIRM}`."
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call answers; `failed` when it was refused."""

    document: dict[str, Any]
    failed: bool = False


@dataclass(slots=True)
class Desk:
    """One assistant at one platform. Only what was rehearsed here, argument for argument, is ever done.

    The confirmation is the idempotency key of the real request, so confirming twice does it once.
    """

    client: Client
    writes: bool
    tools: dict[str, Tool] = field(init=False)
    _rehearsed: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        document = self.client.get("/openapi.json")
        self.tools = tools(document, writes=self.writes)

    def call(self, name: str, arguments: dict[str, Any]) -> Outcome:
        """Do what a tool does. A refusal is an answer, not an error, so that the assistant can read it."""
        tool = self.tools.get(name)
        if tool is None:
            return _failure("unknown_tool", f"there is no tool {name} here")
        given = {argument: value for argument, value in arguments.items() if value is not None}
        try:
            if tool.operation.reads:
                return Outcome(self._send(tool, given))
            return self._change(tool, given)
        except UnknownArgument as fault:
            return _failure("unknown_argument", str(fault))
        except Refused as refusal:
            return Outcome({**refusal.problem, "code": refusal.problem.get("code", "refused")}, failed=True)
        except Unreachable as silence:
            return _silent(silence, given.get(CONFIRM))

    def _change(self, tool: Tool, arguments: dict[str, Any]) -> Outcome:
        confirmed = arguments.get(CONFIRM)
        arguments = {name: value for name, value in arguments.items() if name != CONFIRM}
        wanted = json.dumps([tool.operation.name, arguments], sort_keys=True)
        if confirmed is None:
            would = self._send(tool, arguments, rehearsal=True)
            key = f"mcp-{uuid.uuid4()}"
            self._rehearsed[key] = wanted
            return Outcome({"rehearsal": True, "what_to_do": _TOLD, CONFIRM: key, "would_answer": would})
        if self._rehearsed.get(str(confirmed)) != wanted:
            return _failure("not_rehearsed", f"these arguments were not rehearsed: call without `{CONFIRM}` first")
        return Outcome(self._send(tool, arguments, key=str(confirmed)))

    def _send(
        self, tool: Tool, arguments: dict[str, Any], *, key: str | None = None, rehearsal: bool = False
    ) -> dict[str, Any]:
        path, query, body = tool.request(arguments)
        headers = {} if key is None else {"Idempotency-Key": key}
        params = {**query, "dry_run": "true"} if rehearsal else query
        answered = self.client.ask(tool.operation.method, path, params=params, json=body, headers=headers)
        return answered if isinstance(answered, dict) else {"answer": answered}


def _silent(silence: Unreachable, confirmed: str | None) -> Outcome:
    """A confirmed call may have been done though nobody heard the answer; only asking again under its key tells."""
    if confirmed is None:
        return _failure("no_answer", f"{silence}; nothing was asked for that changes anything")
    advice = f"call again with the same arguments and {CONFIRM} {confirmed} to learn what became of it"
    return Outcome({"code": "no_answer", "detail": f"{silence}; {advice}", "money_moved": None}, failed=True)


def _failure(code: str, detail: str) -> Outcome:
    return Outcome({"code": code, "detail": detail, "money_moved": False}, failed=True)
