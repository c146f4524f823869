"""`python -m specie.app.cli`, the way the supervisor starts its children."""

from specie.app.cli import main

main()
