"""The settings of the migration lint: what stops traffic is refused, what a new table needs is not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.migration_lint import ROOT, migration_sql

TABLE = (
    "begin; create table specie.account (tenant_id uuid not null, id uuid not null, lines int not null,"
    " recorded_at timestamptz not null, primary key (tenant_id, id));"
    " create index account_time on specie.account (tenant_id, recorded_at); commit;"
)


def squawk(sql: str) -> str:
    command = [
        Path(sys.executable).with_name("squawk"),
        "--reporter",
        "gcc",
        "--stdin-filepath",
        "migrations.sql",
    ]
    return subprocess.run(command, cwd=ROOT, input=sql, text=True, capture_output=True, check=False).stdout


def test_a_new_table_with_its_index_passes() -> None:
    assert squawk(TABLE) == ""


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("create index account_lines on specie.account (lines);", "require-concurrent-index-creation"),
        ("alter table specie.account add column note text not null;", "adding-required-field"),
        ("alter table specie.account rename column lines to rows;", "renaming-column"),
        ("alter table specie.account alter column lines type bigint;", "changing-column-type"),
        ("drop table specie.account;", "ban-drop-table"),
        ("create table specie.t (id uuid primary key, at timestamp);", "prefer-timestamp-tz"),
    ],
)
def test_a_statement_that_stops_traffic_or_loses_facts_is_refused(sql: str, rule: str) -> None:
    assert rule in squawk(sql)


def test_every_migration_is_rendered_for_the_lint() -> None:
    sql = migration_sql()
    versions = (ROOT / "migrations" / "versions").glob("*.py")
    assert all(path.stem in sql or path.stem.partition("_")[0] in sql for path in versions)
