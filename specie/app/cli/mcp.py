"""`specie mcp`: serve the platform to an assistant over the Model Context Protocol."""

import asyncio
from typing import Annotated

import typer

from specie.app.cli.client import Client, Key, Url
from specie.platform.config import SettingsInvalid


def mcp_command(
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Also offer tools that change something; each is rehearsed first.")
    ] = False,
    url: Url = "",
    key: Key = "",
) -> None:
    """Serve an assistant over standard input and output; it can do no more than the key."""
    try:
        from specie.app.mcp.server import serve
    except ModuleNotFoundError as missing:
        raise SettingsInvalid("install the extra first: pip install 'specie[mcp]'") from missing
    from specie.app.mcp.desk import Desk

    with Client(url, key) as client:
        asyncio.run(serve(Desk(client, allow_writes)))
