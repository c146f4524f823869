"""Who has lost phone and recovery codes is let in again by those in charge, and by nobody whose affair it is not."""

from pathlib import Path

import psycopg
import pyotp
import pytest
from fastapi import FastAPI

from specie.identity import jobs  # noqa: F401 - registers the job
from specie.identity.model import Role
from specie.identity.scopes import system_scope
from specie.identity.service import add_member
from specie.kernel.ids import UserId
from specie.platform.jobs import JobContext, registered
from tests.identity.callers import Visitor, code
from tests.identity.people import Installation, Person, has_second_factor, person
from tests.identity.test_team import at_work, member_of


async def locked_out(app: FastAPI, house: Installation, role: Role = Role.FINANCE) -> tuple[Person, Visitor]:
    """Somebody with a second factor that nobody has any more, and a session of theirs that runs."""
    who = await person(house, role)
    visitor = Visitor(app)
    await visitor.log_in(who)
    seed = (await visitor.write("POST", "/auth/totp/enrol", {})).json()["seed"]
    await visitor.write("POST", "/auth/totp/confirm", {"code": pyotp.TOTP(seed).now()})
    assert await has_second_factor(house, who)
    return who, visitor


async def path_of(visitor: Visitor, who: Person) -> str:
    return f"/members/{await member_of(visitor, who)}/second-factor"


async def test_an_owner_lets_a_colleague_in_again_whose_sessions_end(app: FastAPI, house: Installation) -> None:
    who, session = await locked_out(app, house)
    assert code(await Visitor(app).log_in(who)) == (401, "second_factor_required")
    owner = await at_work(app, house, Role.OWNER)
    assert (await owner.write("DELETE", await path_of(owner, who))).status_code == 204
    assert code(await session.get("/me")) == (401, "session_revoked")
    again = Visitor(app)
    assert (await again.log_in(who)).status_code == 200
    assert (await again.write("POST", "/auth/totp/enrol", {})).status_code == 200


async def test_it_is_in_the_audit_log_and_the_person_is_told(
    app: FastAPI, house: Installation, outbox: Path, superuser_connection: psycopg.Connection
) -> None:
    who, _ = await locked_out(app, house)
    owner = await at_work(app, house, Role.OWNER)
    await owner.write("DELETE", await path_of(owner, who))
    [noted] = (await owner.get("/audit?action=member.totp_remove&limit=1")).json()["data"]
    assert noted["before"] == {"user_id": str(UserId(who.id.uuid))}
    await _run_jobs(app, house, superuser_connection)
    letters = letters_to(outbox, who)
    assert ["second factor has been removed" in letter for letter in letters] == [True]


def letters_to(outbox: Path, who: Person) -> list[str]:
    letters = [path.read_text() for path in outbox.glob("*.eml")]
    return [letter for letter in letters if who.email in letter]


async def _run_jobs(app: FastAPI, house: Installation, connection: psycopg.Connection) -> None:
    """Run what waits for identity, as the worker would."""
    # The queue's own triggers name its tables without their schema.
    connection.execute("set search_path to jobs")
    queued = connection.execute(
        "delete from procrastinate_jobs where task_name like 'identity.%' returning task_name, args"
    ).fetchall()
    connection.execute("reset search_path")
    services = {"identity": app.state.services["identity"], "mail": app.state.services["mail"]}
    for name, args in queued:
        context = JobContext(house.db, system_scope(house.tenant), services)
        await registered(name)(context, **args["arguments"])


async def test_an_admin_does_not_reach_an_owner(app: FastAPI, house: Installation) -> None:
    who, _ = await locked_out(app, house, Role.OWNER)
    admin = await at_work(app, house, Role.ADMIN)
    assert code(await admin.write("DELETE", await path_of(admin, who))) == (403, "role_too_high")
    assert await has_second_factor(house, who)


async def test_nobody_rids_themselves_of_it_without_a_code(app: FastAPI, house: Installation) -> None:
    who, session = await locked_out(app, house, Role.OWNER)
    refused = await session.write("DELETE", await path_of(session, who))
    assert code(refused) == (403, "own_second_factor")
    assert await has_second_factor(house, who)


@pytest.mark.parametrize("elsewhere", ["a neighbour", "live"])
async def test_whose_people_also_work_elsewhere_are_out_of_reach(
    app: FastAPI, house: Installation, neighbour: Installation, elsewhere: str
) -> None:
    who, _ = await locked_out(app, house)
    owner = await at_work(app, house, Role.OWNER)
    if elsewhere == "live":
        await owner.write("POST", "/me/tenant", {"tenant_id": str(house.tenant.twin_id)})
    else:
        async with neighbour.db.begin(system_scope(neighbour.tenant)) as uow:
            await add_member(uow, who.id, Role.VIEWER)
    assert code(await owner.write("DELETE", await path_of(owner, who))) == (403, "works_elsewhere")
    assert await has_second_factor(house, who)


async def test_who_has_none_keeps_their_sessions(app: FastAPI, house: Installation) -> None:
    who = await person(house, Role.FINANCE)
    visitor = Visitor(app)
    await visitor.log_in(who)
    owner = await at_work(app, house, Role.OWNER)
    assert code(await owner.write("DELETE", await path_of(owner, who))) == (409, "totp_not_enrolled")
    assert (await visitor.get("/me")).status_code == 200


async def test_an_open_session_alone_removes_and_sets_up_none(
    app: FastAPI, house: Installation, superuser_connection: psycopg.Connection
) -> None:
    who, _ = await locked_out(app, house)
    boss = await person(house, Role.OWNER)
    owner = Visitor(app)
    await owner.log_in(boss)
    path = await path_of(owner, who)
    superuser_connection.execute(
        "update specie.session set step_up_at = step_up_at - interval '1 hour' where user_id = %s", [boss.id.uuid]
    )
    assert code(await owner.write("DELETE", path)) == (403, "step_up_required")
    assert code(await owner.write("POST", "/auth/totp/enrol", {})) == (403, "step_up_required")
    assert await has_second_factor(house, who)
