"""Where Prometheus reads a process."""

import socket
from pathlib import Path

import httpx2
import pytest

from specie.app.metrics_port import serving_metrics
from specie.platform.config import Settings


def free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


async def test_metrics_are_shown_on_the_address_of_the_settings_and_nowhere_else(tmp_path: Path) -> None:
    port = free_port("127.0.0.2")
    settings = Settings(state=tmp_path, metrics_host="127.0.0.2", metrics_port=port, _env_file=None)
    async with serving_metrics(settings), httpx2.AsyncClient() as client:
        shown = await client.get(f"http://127.0.0.2:{port}/metrics")
        assert "specie_http_request_seconds" in shown.text
        with pytest.raises(httpx2.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/metrics")


async def test_two_processes_of_one_machine_take_neighbouring_ports(tmp_path: Path) -> None:
    port = free_port("127.0.0.3")
    settings = Settings(state=tmp_path, metrics_host="127.0.0.3", metrics_port=port, _env_file=None)
    async with serving_metrics(settings), serving_metrics(settings), httpx2.AsyncClient() as client:
        for each in (port, port + 1):
            assert (await client.get(f"http://127.0.0.3:{each}/metrics")).status_code == 200
