"""Budgets: how much the postings of a person or of a key may move in a day and in thirty days.

They are rolling allowances with a floor, drawn on in the very entry that moves the money, so no race can pass them.
What has happened already, and what the platform does by itself, draws on none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from specie.kernel.ids import ApiKeyId, InvalidId
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.ledger import budget_store
from specie.ledger.journal import Command
from specie.ledger.model import Budget
from specie.platform.pipeline import Connection, Rows, Statement, pipelined

_LIMITED = frozenset({ActorKind.USER, ActorKind.API_KEY})

Known = Sequence[tuple[Budget, frozenset[UUID]]]


async def limited(connection: Connection, scope: Scope, commands: Sequence[Command]) -> Sequence[Command]:
    """The same commands, each drawing on the budgets of whoever gave it."""
    if not any(_draws(command, scope) for command in commands):
        return commands
    [rows] = await pipelined(connection, [known_to(scope, givers(scope, commands))])
    return attached(rows, scope, commands)


@dataclass(frozen=True, slots=True)
class Givers:
    """Who gave commands: the texts of the actors, and which of them are API keys."""

    actors: frozenset[str]
    keys: frozenset[UUID]


def givers(scope: Scope, commands: Sequence[Command]) -> Givers:
    """Whoever gave the commands; those without a scope of their own are the scope's."""
    actors = {(command.scope or scope).actor for command in commands}
    keys = (_key_of(actor) for actor in actors)
    return Givers(frozenset(map(str, actors)), frozenset(key for key in keys if key is not None))


def known_to(scope: Scope, by: Givers) -> Statement:
    """Reads the budgets that the commands of these may draw on; `attached` takes the answer."""
    return budget_store.of_tenant(scope.tenant_id.uuid, list(by.keys))


def attached(rows: Rows, scope: Scope, commands: Sequence[Command]) -> Sequence[Command]:
    """The same commands, each with those of the budgets read that are its giver's."""
    known = budget_store.with_hands(rows)
    return [_with_budgets(command, scope, known) for command in commands] if known else commands


def _with_budgets(command: Command, scope: Scope, known: Known) -> Command:
    if not _draws(command, scope):
        return command
    actor = (command.scope or scope).actor
    own = [budget for budget, hands in known if budget.actor == str(actor) or _key_of(actor) in hands]
    return replace(command, draft=replace(command.draft, budgets=own)) if own else command


def _draws(command: Command, scope: Scope) -> bool:
    draft = command.draft
    return (command.scope or scope).actor.kind in _LIMITED and not draft.is_fact and not draft.was_counted


def _key_of(actor: Actor) -> UUID | None:
    if actor.kind is not ActorKind.API_KEY:
        return None
    try:
        return ApiKeyId.parse(actor.id).uuid
    except InvalidId:
        return None
