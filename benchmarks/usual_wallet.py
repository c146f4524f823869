"""The usual way: FastAPI, SQLAlchemy's ORM, one session and one transaction per request.

Run as `uvicorn benchmarks.usual_wallet:app`; the database's address comes from USUAL_WALLET_URL.
"""

import os
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, ForeignKey, MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(
    os.environ["USUAL_WALLET_URL"].replace("postgresql://", "postgresql+psycopg://"), pool_size=16
)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    """Base of the models."""

    metadata = MetaData(schema="peer")


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger)


class Transfer(Base):
    __tablename__ = "transfer"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    debit: Mapped[int]
    credit: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)


class Entry(Base):
    __tablename__ = "entry"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("peer.transfer.id"))
    account_id: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)


class TransferIn(BaseModel):
    debit: int
    credit: int
    amount: int = Field(gt=0)


class TransferOut(BaseModel):
    id: UUID
    debit: int
    credit: int
    amount: int


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


@app.post("/transfers", status_code=201)
async def transfer(body: TransferIn, db: Annotated[AsyncSession, Depends(session)]) -> TransferOut:
    """Lock both accounts in order, move the money, write the rows, commit."""
    async with db.begin():
        query = select(Account).where(Account.id.in_([body.debit, body.credit])).order_by(Account.id).with_for_update()
        accounts = {account.id: account for account in await db.scalars(query)}
        debit, credit = accounts[body.debit], accounts[body.credit]
        if debit.balance < body.amount:
            raise HTTPException(422, "insufficient funds")
        debit.balance -= body.amount
        credit.balance += body.amount
        moved = Transfer(id=uuid4(), debit=body.debit, credit=body.credit, amount=body.amount)
        db.add(moved)
        await db.flush()
        db.add(Entry(transfer_id=moved.id, account_id=debit.id, amount=-body.amount, balance=debit.balance))
        db.add(Entry(transfer_id=moved.id, account_id=credit.id, amount=body.amount, balance=credit.balance))
    return TransferOut(id=moved.id, debit=body.debit, credit=body.credit, amount=body.amount)
