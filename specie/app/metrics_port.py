"""Prometheus reads each process on a port of its own, unless told otherwise on loopback: the API's shows no metrics."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
import uvicorn
from uvicorn.server import ServerState

from specie.platform.config import Settings
from specie.platform.metrics import metrics_app

_MOST_PROCESSES = 65

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def serving_metrics(settings: Settings) -> AsyncIterator[None]:
    """Serve while the block runs: the first process takes the port of the settings, each further one the next."""
    if not settings.metrics_port:
        yield
        return
    server = await _listen(settings.metrics_host, settings.metrics_port)
    try:
        yield
    finally:
        server.close()


async def _listen(host: str, first_port: int) -> asyncio.Server:
    config = uvicorn.Config(metrics_app(), lifespan="off", log_config=None, access_log=False)
    config.load()

    # uvicorn's own way to start, without its handling of signals and of a port that is taken.
    chosen: Any = config.http_protocol_class
    protocol = partial(chosen, config=config, server_state=ServerState(), app_state={})

    loop = asyncio.get_running_loop()
    for port in range(first_port, first_port + _MOST_PROCESSES):
        try:
            server = await loop.create_server(protocol, host, port)
        except OSError:
            continue
        _log.info("metrics_served", port=port)
        return server
    raise OSError(f"no port is free from {first_port} on")
