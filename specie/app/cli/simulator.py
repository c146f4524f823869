"""`specie simulator`: the payment provider to try things with, as a process of its own."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from specie.app.cli.output import Json, answer
from specie.platform.config import load_settings

DEFAULT_PORT = 8010


def simulator_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on; default: that of SPECIE_SIMULATOR_URL.")] = 0,
    admin_token: Annotated[
        str, typer.Option(envvar="SPECIE_SIMULATOR_ADMIN_TOKEN", help="What its levers ask for; empty: nothing.")
    ] = "",
    json: Json = False,
) -> None:
    """Serve the simulator. Its book is a file of its own in the state folder."""
    from specie.platform.telemetry import configure_logs
    from specie.providers.simulator.server import serve

    settings = load_settings()
    configure_logs(level=settings.log_level, form=settings.log_format, folder=settings.log_dir, process="simulator")
    at = host or settings.host
    port = port or urlsplit(settings.simulator_url).port or DEFAULT_PORT
    answer(json, {"url": f"http://{at}:{port}"}, f"The simulator listens on http://{at}:{port}")
    serve(settings.state / "simulator" / "book.db", host=at, port=port, admin_token=admin_token)
