"""Child processes of `specie up`, forked from one process that has imported the whole program already.

So the program is imported once instead of once for each child: all of them are there sooner, one that crashed is
back at once, and what was imported is kept in memory once. The forking process has no threads, no connections and
no event loop, which is what makes forking it safe.
"""

import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from setproctitle import setproctitle

from specie.platform.postgres import die_with_parent_by

_context = get_context("forkserver")
_context.set_forkserver_preload(["specie.app.cli.preloaded"])


def start(
    name: str, arguments: Sequence[str], environment: Mapping[str, str], listener: socket.socket | None
) -> BaseProcess:
    """Run one command of this program in a process of its own, with exactly this environment.

    A listening socket is handed on as `--fd`. The process is told to finish when the one that forked it dies, and
    that one ends with its starter.
    """
    process = _context.Process(target=_live, name=name, args=(list(arguments), dict(environment), listener))
    process.start()
    return process


def elsewhere() -> ProcessPoolExecutor:
    """One process to run functions in, whose memory is given back with it."""
    return ProcessPoolExecutor(max_workers=1, mp_context=_context)


def _live(arguments: list[str], environment: dict[str, str], listener: socket.socket | None) -> None:
    # A session of its own, so that Ctrl-C reaches the supervisor alone and children stop in order.
    os.setsid()
    ask_kernel = die_with_parent_by(signal.SIGTERM)
    if ask_kernel is not None:
        ask_kernel()
    # The title is written over the first arguments and environment, which it finds only while nothing has changed.
    setproctitle(" ".join(["specie", *arguments]))
    os.environ.clear()
    os.environ.update(environment)
    if listener is not None:
        arguments = [*arguments, "--fd", str(listener.detach())]
    sys.argv = ["specie", *arguments]
    from specie.app.cli import main

    main()
