"""Verifications that two people decide: nothing changes before the second one's yes, and limits follow it."""

from dataclasses import replace

import pytest

from specie import approvals, parties
from specie.approvals import Approval, ApprovalImpossible, MakerCannotDecide
from specie.approvals import service as deciding
from specie.kernel.ids import UserId
from specie.kernel.scope import Actor, ActorKind, Scope
from specie.parties import KycState, Party, review
from specie.parties.documents import Files, upload
from specie.parties.errors import KycCannotMove, KycWaits
from specie.parties.model import KycEvent
from specie.platform.db import Database
from tests.parties.conftest import VAULT
from tests.parties.test_parties import PDF, create, get
from tests.support.scopes import fresh_scope


async def submitted(database: Database, files: Files, scope: Scope) -> Party:
    made = await create(database, scope)
    await upload(files, scope, made.id, kind="identity", declared_name="id.pdf", data=PDF)
    async with database.begin(scope) as uow:
        return await parties.submit_kyc(uow, VAULT, made.id, {})


async def say(database: Database, maker: Scope, asked: Approval, decision: object = deciding.approve) -> None:
    checker = replace(maker, actor=Actor(ActorKind.USER, str(UserId.new())))
    async with database.begin(checker) as uow:
        await decision(uow, asked.id, "looked at the passport")  # type: ignore[operator]


async def decide(database: Database, scope: Scope, party: Party, verdict: KycEvent, reason: str) -> Party | Approval:
    async with database.begin(scope) as uow:
        return await review.decide(uow, VAULT, party.id, verdict, reason)


async def test_a_verification_waits_for_the_second_person_and_then_carries_the_first_ones_reason(
    database: Database, files: Files
) -> None:
    approvals.on_decided(parties.KYC_KIND, lambda uow, approval: parties.kyc_decided(uow, VAULT, approval))
    maker = fresh_scope()
    async with database.begin(maker) as uow:
        await approvals.set_rule(uow, parties.KYC_KIND, is_needed=True)
    party = await submitted(database, files, maker)

    asked = await decide(database, maker, party, KycEvent.REJECT, "the picture is blurred")
    assert isinstance(asked, Approval)
    with pytest.raises(KycWaits):
        await decide(database, maker, party, KycEvent.APPROVE, "")
    with pytest.raises(MakerCannotDecide):
        async with database.begin(maker) as uow:
            await deciding.approve(uow, asked.id, "my own")
    assert (await get(database, maker, party.id)).kyc_state is KycState.SUBMITTED
    await say(database, maker, asked)

    rejected = await get(database, maker, party.id)
    assert (rejected.kyc_state, rejected.kyc_reason) == (KycState.REJECTED, "the picture is blurred")
    with pytest.raises(KycCannotMove):
        await decide(database, maker, party, KycEvent.APPROVE, "")
    async with database.begin(maker) as uow:
        await parties.submit_kyc(uow, VAULT, party.id, {})
    again = await decide(database, maker, party, KycEvent.APPROVE, "")
    assert isinstance(again, Approval)
    await say(database, maker, again, deciding.refuse)
    assert (await get(database, maker, party.id)).kyc_state is KycState.SUBMITTED
    last = await decide(database, maker, party, KycEvent.APPROVE, "")
    assert isinstance(last, Approval)
    await say(database, maker, last)
    assert (await get(database, maker, party.id)).tier == "verified"


async def test_without_the_rule_one_person_decides_and_a_decision_overtaken_is_impossible(
    database: Database, files: Files
) -> None:
    approvals.on_decided(parties.KYC_KIND, lambda uow, approval: parties.kyc_decided(uow, VAULT, approval))
    maker = fresh_scope()
    party = await submitted(database, files, maker)
    async with database.begin(maker) as uow:
        await approvals.set_rule(uow, parties.KYC_KIND, is_needed=True)
    asked = await decide(database, maker, party, KycEvent.APPROVE, "")
    assert isinstance(asked, Approval)
    async with database.begin(maker) as uow:
        await parties.erase(uow, party.id, reason="asked for it")
        await approvals.set_rule(uow, parties.KYC_KIND, is_needed=False)
        await parties.approve_kyc(uow, VAULT, party.id, None)

    with pytest.raises(ApprovalImpossible):
        await say(database, maker, asked)
    other = await submitted(database, files, maker)
    assert isinstance(await decide(database, maker, other, KycEvent.APPROVE, ""), Party)
