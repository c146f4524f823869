"""`specie up`: the whole platform from one command, in the foreground."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import typer

from specie.app.cli import nursery
from specie.app.cli.database import prepared
from specie.app.cli.demo import login_line, seeded
from specie.app.cli.output import Json, answer
from specie.app.cli.serve import listen
from specie.app.cli.supervisor import Child, Supervisor, child_environment
from specie.kernel.clock import monotonic
from specie.platform.config import Settings, load_settings
from specie.platform.postgres import EmbeddedPostgres

LOOPBACK = "127.0.0.1"
_DATABASE_LOOK_SECONDS = 2.0


def up_command(
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty installation with demo data; webhooks may reach this machine.")
    ] = False,
    json: Json = False,
) -> None:
    """Run database, API and worker until Ctrl-C."""
    settings = load_settings()
    # The owner's URL only migrates: no process that serves is to have it, not even in what it was started with.
    os.environ.pop("SPECIE_OWNER_URL", None)
    listener = listen(settings, json)
    # Port 0 in the settings means that the system has just chosen one.
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    say = partial(typer.echo, err=True)
    if not settings.uses_embedded_database:
        _run(settings, listener, demo, json, tick=lambda: None, say=say)
        return
    server = EmbeddedPostgres(settings.state)
    started = server.start(die_with_parent=True) == "started"
    try:
        settings = prepared(server, settings)
        _run(settings, listener, demo, json, tick=_database_watch(server, say), say=say)
    finally:
        if started:
            server.stop()


def _run(
    settings: Settings,
    listener: socket.socket,
    demo: bool,
    json: bool,
    *,
    tick: Callable[[], None],
    say: Callable[[str], None],
) -> None:
    if not settings.owner_url:
        say("SPECIE_OWNER_URL is not set, so the schema is taken as it is.")
    built_in = not settings.simulator_url and not settings.is_production
    settings = settings.model_copy(update={"simulator_url": settings.simulator_url or _simulator_url(settings)})
    if demo:
        settings = _quiet_for_demo(_opened_for_demo(settings))
    # What the start needs takes a hundred megabytes, which the supervisor would keep: another process has them.
    with nursery.elsewhere() as other:
        logins = other.submit(_make_ready, settings, demo).result()
    _announce(settings, logins, json)
    Supervisor(_children(settings, listener, built_in), tick, say).run()


def _make_ready(settings: Settings, demo: bool) -> list[dict[str, str]]:
    """Bring the schema up to date and make the demo data where wanted; returns the demo's logins."""
    if settings.owner_url:
        from specie.platform import migrate

        migrate.upgrade(settings.owner_url)
    return seeded(settings) if demo else []


def _opened_for_demo(settings: Settings) -> Settings:
    """Let webhooks reach this machine, where the simulated shop and the developer's own receivers are.

    Only where nobody but this machine can ask for it, and unless the operator has decided otherwise.
    """
    decided = "private_targets" in settings.model_fields_set
    if decided or settings.is_production or settings.host != LOOPBACK:
        return settings
    return settings.model_copy(update={"private_targets": True})


def _quiet_for_demo(settings: Settings) -> Settings:
    """Log no more than warnings, so that the logins stay in sight; unless the operator has decided otherwise."""
    if "log_level" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"log_level": "warning"})


def _announce(settings: Settings, logins: list[dict[str, str]], json: bool) -> None:
    lines = [f"Specie is at {settings.public_url}", f"Its files are in {settings.state}"]
    lines += [login_line(login) for login in logins]
    data: dict[str, Any] = {"url": settings.public_url, "state": str(settings.state), "logins": logins}
    answer(json, data, "\n".join(lines))


def _children(settings: Settings, listener: socket.socket, with_simulator: bool) -> list[Child]:
    environment = child_environment(
        DATABASE_URL=settings.database_url,
        SPECIE_SYSTEM_URL=settings.system_url,
        SPECIE_AUDITOR_URL=settings.auditor_url,
        SPECIE_STATE=str(settings.state),
        SPECIE_PORT=str(settings.port),
        SPECIE_SIMULATOR_URL=settings.simulator_url,
        SPECIE_LOG_LEVEL=settings.log_level,
        SPECIE_PRIVATE_TARGETS=str(settings.private_targets).lower(),
    )
    # Every API process accepts from the same socket, so one of them restarting refuses nobody.
    api = [Child(f"api {number}", ["api"], environment, listener) for number in range(1, settings.api_processes + 1)]
    others = [Child("worker", ["worker"], environment)]
    if with_simulator:
        others.append(Child("simulator", ["simulator", "--host", LOOPBACK], environment))
    return [*api, *others]


def _simulator_url(settings: Settings) -> str:
    """Where the built-in simulator will listen: ten ports above the API, or elsewhere when that one is taken.

    The same place at every start, because the pages of open payments have been handed out with it.
    """
    for port in (settings.port + 10, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError, OverflowError):
                trial.bind((LOOPBACK, port))
                return f"http://{LOOPBACK}:{trial.getsockname()[1]}"
    raise AssertionError("a free port can always be had")


def _database_watch(server: EmbeddedPostgres, say: Callable[[str], None]) -> Callable[[], None]:
    looked_at = monotonic()

    def watch() -> None:
        nonlocal looked_at
        if monotonic() - looked_at < _DATABASE_LOOK_SECONDS:
            return
        looked_at = monotonic()
        if not server.is_ready():
            say("The database has stopped; it starts again.")
            server.start(die_with_parent=True)

    return watch
