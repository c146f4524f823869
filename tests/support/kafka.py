"""A real Apache Kafka for tests: one node without ZooKeeper, from the jars that `.ci/run` fetches.

`SPECIE_TEST_KAFKA` names a broker that runs already, and the same tests use that one.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JARS = Path(os.environ.get("SPECIE_TEST_KAFKA_JARS", Path(__file__).parents[2] / ".tools" / "kafka"))
_SECONDS_TO_START = 90.0

_CONFIGURATION = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
log.dirs={folder}/data
num.partitions=3
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
"""


def is_available() -> bool:
    """Whether there is a broker to use or to start."""
    return "SPECIE_TEST_KAFKA" in os.environ or (any(JARS.glob("kafka_2*.jar")) and shutil.which("java") is not None)


class Broker:
    """One node that can be stopped and started again over the same data."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._folder = folder
        self._file = folder / "server.properties"
        self._file.write_text(_CONFIGURATION.format(port=self.port, controller=_free_port(), folder=folder))
        self._process: subprocess.Popen[bytes] | None = None
        cluster = ["kafka.tools.StorageTool", "format", "-t", "c3BlY2llLXRlc3Qta2Fma2E", "-c", str(self._file)]
        subprocess.run([*_java(), *cluster], check=True, capture_output=True, timeout=120)

    def start(self) -> None:
        """Returns once the broker listens."""
        log = (self._folder / "kafka.log").open("ab")
        self._process = subprocess.Popen([*_java(), "kafka.Kafka", str(self._file)], stdout=log, stderr=log)
        _wait_until_listening(self.port)

    def stop(self) -> None:
        """Kill it: what it has not confirmed may be lost, what it has confirmed may not."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
            self._process = None


@contextmanager
def running_broker(folder: Path) -> Iterator[Broker]:
    """A broker of our own for the length of the block."""
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _java() -> list[str]:
    return ["java", "-Xmx256m", "-cp", f"{JARS}/*"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_listening(port: int) -> None:
    ends = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("Kafka does not listen")
