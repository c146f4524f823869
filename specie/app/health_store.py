"""The smallest questions to the database."""

from sqlalchemy import text

from specie.platform.db import Database, UnitOfWork


async def ping(db: Database) -> None:
    """Answer one query. Raises Unavailable."""

    async def work(uow: UnitOfWork) -> None:
        await uow.execute(text("select 1"))

    await db.run(None, work, label="health.ping")


async def revision(db: Database) -> str:
    """The revision of the schema. Raises Unavailable."""

    async def work(uow: UnitOfWork) -> str:
        return str((await uow.execute(text("select version_num from specie.schema_version"))).scalar_one())

    return await db.run(None, work, label="health.revision")
