"""The TypeScript client's own tests, run against the real application on a socket."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.site import Site

SDK = Path(__file__).parents[2] / "sdks" / "typescript"
BUILT = SDK / "dist" / "test" / "client.test.js"


@pytest.mark.skipif(shutil.which("node") is None, reason="the machine has no Node 20")
@pytest.mark.skipif(not BUILT.exists(), reason="not built: make sdks/typescript/dist/.ok")
async def test_its_own_tests_pass_against_a_running_platform(site: Site) -> None:
    command = ("node", "--test", "--test-reporter=tap", str(BUILT))
    run = asyncio.to_thread(
        subprocess.run, command, env=site.environment, capture_output=True, text=True, check=False, timeout=120
    )
    done = await run
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# pass 7" in done.stdout
    assert "# fail 0" in done.stdout
