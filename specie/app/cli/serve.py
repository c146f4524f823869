"""`specie api` and `specie worker`: one process each, to run by hand, by a container or by `specie up`."""

import asyncio
import socket
from typing import Annotated

import typer

from specie.app.cli.exit_codes import ExitCode
from specie.app.cli.output import Json, answer, complain
from specie.platform.config import Settings, SettingsInvalid, load_settings

API = "specie.app.api:create_app"
GRACE_SECONDS = 20


def api_command(
    fd: Annotated[int | None, typer.Option(help="Serve on this inherited listening socket.")] = None,
    json: Json = False,
) -> None:
    """Serve the HTTP API."""
    import uvicorn

    from specie.platform.joined_writes import OnePieceProtocol

    settings = with_database(load_settings())
    listener = socket.socket(fileno=fd) if fd is not None else listen(settings, json)
    config = uvicorn.Config(
        API,
        factory=True,
        http=OnePieceProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        # Forwarded addresses are judged by the platform's own edge, from SPECIE_TRUSTED_PROXIES.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if fd is None:
        url = f"http://{settings.host}:{listener.getsockname()[1]}"
        answer(json, {"url": url}, f"The API listens on {url}")
    uvicorn.Server(config).run(sockets=[listener])


def worker_command(
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the worker of this machine works; exit 6 when not.")
    ] = False,
    json: Json = False,
) -> None:
    """Run background jobs, the event publisher and the sweeps."""
    if check:
        _check_worker(load_settings(), json)
        return
    settings = with_database(load_settings())
    if not settings.system_url:
        raise SettingsInvalid("SPECIE_SYSTEM_URL: the worker needs it for sweeps across tenants")
    from specie.app.worker import run

    answer(json, {"worker": "started"}, "The worker has started.")
    asyncio.run(run(settings))


def _check_worker(settings: Settings, json: bool) -> None:
    from specie.app import worker_health

    faults = worker_health.faults(settings.state)
    text = "\n".join(f"The worker is stuck: {fault}." for fault in faults) or "The worker works."
    answer(json, {"healthy": not faults, "faults": faults}, text)
    if faults:
        raise typer.Exit(ExitCode.CHECK_FAILED)


def with_database(settings: Settings) -> Settings:
    """Return the settings. Raises SettingsInvalid when they name no database server to share."""
    if settings.uses_embedded_database:
        raise SettingsInvalid("DATABASE_URL: needed here; `specie up` runs everything with an embedded database")
    return settings


def listen(settings: Settings, json: bool) -> socket.socket:
    """Open the API's listening socket; leaves with exit code 7 when the port is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        reason = f"Cannot listen on {settings.host} port {settings.port} ({error.strerror}); set SPECIE_PORT."
        complain(json, "port_taken", reason)
        raise typer.Exit(ExitCode.PORT_TAKEN) from error
    listener.listen(1024)
    return listener
