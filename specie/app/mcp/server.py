"""The protocol: tools listed and called over standard input and output. Needs the extra `mcp`."""

from __future__ import annotations

import asyncio
import json
from importlib.metadata import version
from typing import Any

from mcp import types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from specie.app.mcp.desk import Desk
from specie.app.mcp.tools import Tool

_INSTRUCTIONS = (
    "Specie keeps the money of this business in a double-entry ledger. Amounts are whole minor units with their "
    'currency: {"amount": 150000, "currency": "IDR"}. Ids carry a prefix, as pay_ or wal_; `explain` tells everything '
    "about any of them. Lists answer `next_cursor`; give it as `cursor` for the next page. A refusal has a stable "
    "`code` and says whether money moved. Tools that change something first only show what would happen."
)


async def serve(desk: Desk) -> None:
    """Serve an assistant until it closes its end."""

    async def listed(_: ServerRequestContext[Any], __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_shown(tool) for tool in desk.tools.values()])

    async def called(_: ServerRequestContext[Any], wanted: types.CallToolRequestParams) -> types.CallToolResult:
        outcome = await asyncio.to_thread(desk.call, wanted.name, dict(wanted.arguments or {}))
        text = json.dumps(outcome.document, ensure_ascii=False, indent=1)
        content: list[types.ContentBlock] = [types.TextContent(type="text", text=text)]
        return types.CallToolResult(content=content, structured_content=outcome.document, is_error=outcome.failed)

    server: Server[Any] = Server(
        "specie",
        version=version("specie"),
        instructions=_INSTRUCTIONS,
        on_list_tools=listed,
        on_call_tool=called,
    )
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _shown(tool: Tool) -> types.Tool:
    operation = tool.operation
    return types.Tool(
        name=operation.name,
        description=operation.purpose,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=operation.reads, destructive_hint=not operation.reads, idempotent_hint=operation.reads
        ),
    )
