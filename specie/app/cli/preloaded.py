"""What every child of `specie up` needs, imported before it is forked; importing this module imports all of it."""

import gc
from importlib import import_module

_PROGRAM = (
    "uvloop",
    "uvicorn.loops.uvloop",
    "specie.platform.joined_writes",
    "uvicorn.lifespan.on",
    "specie.app.cli",
    "specie.app.api",
    "specie.app.worker",
    "specie.providers.simulator.server",
)

for _name in _PROGRAM:
    import_module(_name)
# The collector writes into what it looks at, and each page that is written to is shared no more.
gc.collect()
gc.freeze()
