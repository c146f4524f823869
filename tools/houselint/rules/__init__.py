"""The rules, in the order of their codes."""

from tools.houselint.core import Rule
from tools.houselint.rules import (
    hl01_clock,
    hl02_float,
    hl03_network,
    hl04_commit,
    hl05_sql,
    hl06_scope,
    hl07_length,
    hl08_crash_points,
    hl09_leftovers,
    hl10_docstrings,
    hl11_migrations,
    hl12_secrets,
)

RULES: tuple[Rule, ...] = (
    hl01_clock,
    hl02_float,
    hl03_network,
    hl04_commit,
    hl05_sql,
    hl06_scope,
    hl07_length,
    hl08_crash_points,
    hl09_leftovers,
    hl10_docstrings,
    hl11_migrations,
    hl12_secrets,
)
