"""The report: machine, ratios against what is required, every figure, two charts."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

from benchmarks.at_rest import AtRest
from benchmarks.growth import ReadCost, VerifyCost
from benchmarks.http_load import CALLBACKS, CALLBACKS_AT_ONCE
from benchmarks.in_process import BATCHER, ROW_LOCKS
from benchmarks.lists import ListCost
from benchmarks.measure import Measured
from benchmarks.streams import MOST_RATIO as STREAM_RATIO
from benchmarks.streams import StreamCost
from specie.kernel.clock import machine_now

mpl.use("svg")

_FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_HTTP = "Specie over HTTP"
_USUAL = "FastAPI + SQLAlchemy ORM wallet over HTTP"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure over another, and what it has to reach."""

    what: str
    against: str
    reached: float
    required: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the requirement is met."""
        return self.reached <= self.required if self.at_most else self.reached >= self.required


@dataclass(slots=True)
class Results:
    """Everything one run has measured."""

    figures: list[Measured] = field(default_factory=list)
    reads: list[ReadCost] = field(default_factory=list)
    verified: list[VerifyCost] = field(default_factory=list)
    lists: list[ListCost] = field(default_factory=list)
    streams: list[StreamCost] = field(default_factory=list)
    rest: AtRest | None = None


def write(results: Results, *, seconds: float, keep: bool) -> None:
    """Print the ratios; with `keep` write `benchmarks.md` and its charts, of growth alone always `growth.md`."""
    figures = results.figures
    ratios = ratios_of(figures) + _growth_ratios(results) + _list_ratios(results)
    ratios += _stream_ratios(results) + _rest_ratios(results.rest)
    for ratio in ratios:
        mark = "reached" if ratio.holds else "NOT reached"
        print(f"{ratio.what} / {ratio.against}: {ratio.reached:.2f} (required {ratio.required:g}) {mark}")
    if results.reads and not figures:
        (_FOLDER / "growth.md").write_text(_growth_page(results, ratios, seconds), encoding="utf-8")
    if not keep:
        return
    _chart(figures, hot=False)
    _chart(figures, hot=True)
    (_FOLDER / "benchmarks.md").write_text(_page(results, ratios, seconds), encoding="utf-8")


def ratios_of(figures: Sequence[Measured]) -> list[Ratio]:
    """The ratios of the figures that were measured."""
    by_key = {(figure.name, figure.callers, figure.hot): figure for figure in figures}

    def rate(name: str, callers: int, hot: bool) -> float | None:
        found = by_key.get((name, callers, hot))
        return found.per_second if found else None

    wanted = [
        ("batcher, 64 callers, uniform", BATCHER, 64, False, "row locks", ROW_LOCKS, 64, False, 5),
        ("batcher, 64 callers, one hot account", BATCHER, 64, True, "row locks", ROW_LOCKS, 64, True, 12),
        ("batcher, hot", BATCHER, 64, True, "the same uniform", BATCHER, 64, False, 0.8),
        (
            "bulk of 1,000",
            "Specie: bulk of 1,000",
            1,
            False,
            "COPY",
            "COPY of the same rows, same indexes",
            1,
            False,
            0.2,
        ),
        (
            "bulk of 1,000 over HTTP",
            "Specie over HTTP: bulk of 1,000",
            1,
            False,
            "the same in process",
            "Specie: bulk of 1,000",
            1,
            False,
            0.6,
        ),
        ("HTTP transfers, 32 clients, uniform", _HTTP, 32, False, "the usual wallet", _USUAL, 32, False, 4),
        ("HTTP transfers, 32 clients, hot", _HTTP, 32, True, "the usual wallet", _USUAL, 32, True, 8),
        ("HTTP transfers, hot", _HTTP, 32, True, "the same uniform", _HTTP, 32, False, 0.8),
    ]
    ratios = []
    for what, name, callers, hot, against, other, other_callers, other_hot, required in wanted:
        ours, theirs = rate(name, callers, hot), rate(other, other_callers, other_hot)
        if ours is not None and theirs is not None:
            ratios.append(Ratio(what, against, ours / theirs, required))
    http = by_key.get((_HTTP, 32, False))
    if http is not None:
        ratios.append(Ratio("HTTP transfers, p99", "its own p50", http.p99_ms / http.p50_ms, 3, at_most=True))
    lone = by_key.get((_HTTP, 1, False))
    if lone is not None:
        ratios.append(Ratio("a lone client's transfer, median ms", "a clock", lone.p50_ms, 10, at_most=True))
    burst = by_key.get((CALLBACKS, CALLBACKS_AT_ONCE, False))
    if burst is not None:
        what = f"callback acknowledged, {CALLBACKS_AT_ONCE} at once, worker working, median ms"
        ratios.append(Ratio(what, "a clock", burst.p50_ms, 20, at_most=True))
    return ratios


def _growth_ratios(results: Results) -> list[Ratio]:
    """Each read at the largest size against the smallest; the speed of `verify` at the largest."""
    ratios = []
    for what in dict.fromkeys(read.what for read in results.reads):
        sizes = [read for read in results.reads if read.what == what]
        first, last = sizes[0], sizes[-1]
        # A trial balance adds up days and accounts, of which larger books have more.
        if last is not first and what != "trial balance":
            ratio = last.p50_ms / first.p50_ms
            ratios.append(Ratio(f"{what} at {last.postings:,}", f"at {first.postings:,}", ratio, 1.5, at_most=True))
    if results.verified:
        speed = results.verified[-1].postings_a_minute
        ratios.append(Ratio("`specie verify`, postings a minute", "a clock", speed, 500_000))
    return ratios


def _list_ratios(results: Results) -> list[Ratio]:
    if not results.lists:
        return []
    slowest = max(results.lists, key=lambda cost: cost.many_ms)
    return [Ratio(f"the slowest list ({slowest.what}), ms", "a clock", slowest.many_ms, 100, at_most=True)]


def _stream_ratios(results: Results) -> list[Ratio]:
    """What a piece of each stream costs at its largest size against the smallest."""
    ratios = []
    for what in dict.fromkeys(cost.what for cost in results.streams):
        sizes = [cost for cost in results.streams if cost.what == what]
        first, last = sizes[0], sizes[-1]
        if last is not first:
            told = f"{what}, at {last.size:,}", f"at {first.size:,}"
            ratios.append(Ratio(*told, last.each_us / first.each_us, STREAM_RATIO, at_most=True))
    return ratios


def _rest_ratios(rest: AtRest | None) -> list[Ratio]:
    limits = {"api": 150, "worker": 120, "PostgreSQL": 150}
    found = rest.megabytes if rest else {}
    return [
        Ratio(f"{part} at rest, MB", "PSS", found[part], limit, at_most=True)
        for part, limit in limits.items()
        if part in found
    ]


def _growth_lines(results: Results) -> list[str]:
    if not results.reads:
        return []
    lines = ["", "## Growth", "", "| Read | Postings | p50 ms | To the smallest | Indexes | Read in full | Pages |"]
    lines.append("|---|---:|---:|---:|---|---|---:|")
    first: dict[str, float] = {}
    for read in results.reads:
        ratio = read.p50_ms / first.setdefault(read.what, read.p50_ms)
        indexes, scanned = ", ".join(read.plan.indexes) or "–", ", ".join(read.plan.scanned) or "–"
        lines.append(
            f"| {read.what} | {read.postings:,} | {read.p50_ms:.2f} | {ratio:.2f} | {indexes} | {scanned} |"
            f" {read.plan.pages} |"
        )
    lines += [
        "",
        "| `specie verify` over | Seconds | Postings a minute | Memory added, MB |",
        "|---:|---:|---:|---:|",
    ]
    for one in results.verified:
        lines.append(f"| {one.postings:,} | {one.seconds:.1f} | {one.postings_a_minute:,.0f} | {one.megabytes:.0f} |")
    return lines


def _list_lines(results: Results) -> list[str]:
    if not results.lists:
        return []
    lines = ["", "## Lists and searches", "", "| A page of | Among few, ms | Among many, ms |", "|---|---:|---:|"]
    return lines + [f"| {cost.what} | {cost.few_ms:.2f} | {cost.many_ms:.2f} |" for cost in results.lists]


def _stream_lines(results: Results) -> list[str]:
    if not results.streams:
        return []
    lines = ["", "## Streams and reports", "", "| A | Of | ms each | To the smallest |", "|---|---:|---:|---:|"]
    first: dict[str, float] = {}
    for cost in results.streams:
        ratio = cost.each_us / first.setdefault(cost.what, cost.each_us)
        lines.append(f"| {cost.what} | {cost.size:,} | {cost.each_us / 1000:.3f} | {ratio:.2f} |")
    return lines


def _rest_lines(rest: AtRest | None) -> list[str]:
    if rest is None:
        return []
    lines = ["", "## At rest", "", "| What | |", "|---|---:|"]
    lines.append(f"| a new installation answers after | {rest.first_start_seconds:.1f} s |")
    lines.append(f"| an existing one answers after | {rest.next_start_seconds:.1f} s |")
    lines += [f"| {part} | {megabytes:.0f} MB |" for part, megabytes in rest.megabytes.items()]
    return [*lines, f"| together | {sum(rest.megabytes.values()):.0f} MB |"]


def _growth_page(results: Results, ratios: Sequence[Ratio], seconds: float) -> str:
    largest = results.reads[-1].postings
    lines = [
        f"# Growth to {largest:,} postings",
        "",
        "Written by `make bench GROWTH=7`. One tenant's books grow, and at each size the same pages are read and",
        "everything is verified, on the same machine in one run. What is read has as many rows at every size, but for",
        "the trial balance, which adds up days and accounts, of which larger books have more.",
        "",
        *_measured(seconds),
        *_ratio_lines(ratios),
        *_growth_lines(results),
        "",
    ]
    return "\n".join(lines)


def _measured(seconds: float) -> list[str]:
    return [f"Measured {machine_now():%Y-%m-%d %H:%M} UTC in {seconds:.0f} s on {_machine()}.", ""]


def _ratio_lines(ratios: Sequence[Ratio]) -> list[str]:
    lines = ["## Where each target stands", "", "| What | Against | Reached | Required | |", "|---|---|---:|---:|---|"]
    for ratio in ratios:
        sign = "≤" if ratio.at_most else "≥"
        mark = "reached" if ratio.holds else "not reached yet"
        lines.append(f"| {ratio.what} | {ratio.against} | {ratio.reached:.2f} | {sign} {ratio.required:g} | {mark} |")
    return lines


def _page(results: Results, ratios: Sequence[Ratio], seconds: float) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Every ratio compares two figures of the same run on the same machine; the load",
        "generator shares the machine with the server. fsync, full_page_writes and synchronous_commit are on.",
        "",
        *_measured(seconds),
        *_ratio_lines(ratios),
    ]
    lines += [
        "",
        "## Figures",
        "",
        "| What | Callers | Accounts | Per second | p50 ms | p99 ms |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for figure in results.figures:
        kind = "one hot" if figure.hot else "uniform"
        lines.append(
            f"| {figure.name} | {figure.callers} | {kind} | {figure.per_second:,.0f} |"
            f" {figure.p50_ms:.2f} | {'–' if isnan(figure.p99_ms) else f'{figure.p99_ms:.2f}'} |"
        )
    lines += _growth_lines(results) + _list_lines(results) + _stream_lines(results)
    lines += _rest_lines(results.rest)
    lines += ["", "![Uniform accounts](benchmarks-uniform.svg)", "", "![One hot account](benchmarks-hot.svg)", ""]
    return "\n".join(lines)


def _chart(figures: Sequence[Measured], *, hot: bool) -> None:
    chosen = [figure for figure in figures if figure.hot is hot]
    figure, axes = pyplot.subplots(figsize=(8, 4.5))
    for name, colour in zip(
        (ROW_LOCKS, BATCHER, _USUAL, _HTTP), ("#D55E00", "#0072B2", "#CC79A7", "#009E73"), strict=True
    ):
        points = sorted((one.callers, one.per_second) for one in chosen if one.name == name)
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=name)
    axes.set_xscale("log", base=2)
    axes.set_xlabel("callers")
    axes.set_ylabel("transfers per second")
    axes.set_title("One hot account" if hot else "Uniform over 10,000 accounts")
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(_FOLDER / f"benchmarks-{'hot' if hot else 'uniform'}.svg", metadata={"Date": None})
    pyplot.close(figure)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
