"""Budgets: how much the postings of a person or of a key may move in a day and in thirty days.

They are rolling allowances with a floor, drawn on in the very entry that moves the money, so no race can pass them.
What has happened already, and what the platform does by itself, draws on none.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from specie.kernel.ids import ApiKeyId, InvalidId
from specie.kernel.scope import ActorKind, Scope
from specie.ledger import budget_store
from specie.ledger.journal import Command
from specie.ledger.model import Budget
from specie.ledger.store import Connection, Cursor

_LIMITED = frozenset({ActorKind.USER, ActorKind.API_KEY})

Known = Sequence[tuple[Budget, frozenset[UUID]]]


async def limited(connection: Connection, scope: Scope, commands: Sequence[Command]) -> Sequence[Command]:
    """The same commands, each drawing on the budgets of whoever gave it."""
    if not any(_draws(command, scope) for command in commands):
        return commands
    return attached(await budget_store.read(await ask(connection, scope, commands)), scope, commands)


async def ask(connection: Connection, scope: Scope, commands: Sequence[Command]) -> Cursor:
    """Ask for the budgets that commands may draw on; `attached` takes the answer."""
    keys = {_key_of(command, scope) for command in commands} - {None}
    return await budget_store.send(connection, scope.tenant_id.uuid, [key for key in keys if key is not None])


def attached(known: Known, scope: Scope, commands: Sequence[Command]) -> Sequence[Command]:
    """The same commands, each with those of the known budgets that are its giver's."""
    return [_with_budgets(command, scope, known) for command in commands] if known else commands


def _with_budgets(command: Command, scope: Scope, known: Known) -> Command:
    if not _draws(command, scope):
        return command
    actor, key = str((command.scope or scope).actor), _key_of(command, scope)
    own = [budget for budget, hands in known if budget.actor == actor or key in hands]
    return replace(command, draft=replace(command.draft, budgets=own)) if own else command


def _draws(command: Command, scope: Scope) -> bool:
    draft = command.draft
    return (command.scope or scope).actor.kind in _LIMITED and not draft.is_fact and not draft.was_counted


def _key_of(command: Command, scope: Scope) -> UUID | None:
    actor = (command.scope or scope).actor
    if actor.kind is not ActorKind.API_KEY:
        return None
    try:
        return ApiKeyId.parse(actor.id).uuid
    except InvalidId:
        return None
