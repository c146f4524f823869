"""The TypeScript client's own tests, run against the real application on a socket."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from specie.kernel.clock import machine_timestamp
from specie.payouts import signing
from tests.support.site import Site

SDK = Path(__file__).parents[2] / "sdks" / "typescript"
VECTORS = Path(__file__).with_name("signatures.json")
BUILT = SDK / "dist" / "test" / "client.test.js"
no_node = pytest.mark.skipif(shutil.which("node") is None, reason="the machine has no Node 20")
not_built = pytest.mark.skipif(not BUILT.exists(), reason="not built: make sdks/typescript/dist/.ok")
SECRET = "sps_of_the_readme"


class Cashier(BaseHTTPRequestHandler):
    """Judges a payout's signature as the platform does; the first answer is lost at a gateway."""

    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        signed = signing.of_request("POST", self.path, "", headers, body)
        signing.require_signed(signed, SECRET.encode())
        signing.require_fresh(signed, machine_timestamp())
        self.seen.append(f"{headers['idempotency-key']} {signed.nonce}")
        answer = json.dumps({"id": "po_1", "status": "requested"}).encode()
        self.send_response(502 if len(self.seen) == 1 else 201)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", len(answer)), ("Retry-After", 0)):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@no_node
@not_built
def test_the_readmes_payout_is_signed_as_the_platform_wants_it() -> None:
    example = re.search(r"## Payouts.*?```ts\n(.*?)```", (SDK / "README.md").read_text(encoding="utf-8"), re.S)
    assert example is not None
    page = SDK / "dist" / "readme-payout.mjs"
    page.write_text(example[1], encoding="utf-8")
    Cashier.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Cashier) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        told = {"SPECIE_URL": f"http://127.0.0.1:{server.server_port}", "SPECIE_SIGNING_SECRET": SECRET}
        environment = os.environ | told | {"SPECIE_API_KEY": "key", "BENEFICIARY_ID": "ben_1"}
        command = ("node", str(page))
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        server.shutdown()

    assert done.stdout == "po_1 requested\n", done.stderr
    [first, second] = [line.split() for line in Cashier.seen]
    assert first[0] == second[0]
    assert first[1] != second[1]


@no_node
@not_built
async def test_its_own_tests_pass_against_a_running_platform(site: Site) -> None:
    command = ("node", "--test", "--test-reporter=tap", str(BUILT))
    environment = site.environment | {"SPECIE_SIGNATURES": str(VECTORS)}
    run = asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    done = await run
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 9" in done.stdout
    assert "# fail 0" in done.stdout
