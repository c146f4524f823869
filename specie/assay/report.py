"""The outcome of a run: one JSON document, and one page for people."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from specie.assay.profile import Fault, Profile
from specie.assay.verdict import CELLS, Verdict


@dataclass(slots=True)
class Report:
    """Everything a run was, did and found. Times in seconds since it began."""

    profile: str
    seed: int
    machine: dict[str, str]
    schedule: list[Fault]
    is_drill: bool = False
    faults: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    findings: dict[str, list[str]] = field(default_factory=dict)
    invariants: int = 0
    broken: list[str] = field(default_factory=list)
    too_little: list[str] = field(default_factory=list)
    longest_outage: float = 0.0
    longest_without_write: float = 0.0
    outages: list[dict[str, Any]] = field(default_factory=list)
    healed_after: float | None = None
    left_open: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Nothing lost, doubled, made up or left open; every invariant holds; and enough happened to count."""
        return not (any(self.findings.values()) or self.broken or self.too_little)

    @property
    def headline(self) -> str:
        """The run in one sentence."""
        cells = ", ".join(f"{cell} {len(self.findings.get(cell, []))}" for cell in CELLS)
        operations, kills = self.counts.get("operations", 0), self.counts.get("kills", 0)
        cuts = self.counts.get("commits_cut_before", 0) + self.counts.get("commits_cut_after", 0)
        return f"{operations:,} operations, {kills} kills, {cuts} commits cut at the wire: {cells}"

    def weigh(self, profile: Profile, verdict: Verdict) -> None:
        """Take the verdict in, and say what happened too seldom for the run to prove anything."""
        self.told, self.findings = dict(verdict.told), verdict.findings
        self.counts |= {"operations": verdict.operations, "retried": verdict.retried, **verdict.counts}
        if profile.is_strict:
            bad = [what for what in self.answers if what.startswith("500") or "without" in what]
            self.findings["odd"] += [f"{self.answers[what]} answers were {what}" for what in bad]
        for name, least in profile.least.items():
            if self.counts.get(name, 0) < least:
                self.too_little.append(f"{name}: {self.counts.get(name, 0)}, at least {least} are needed")
        if not any(" refused" in told for told in self.told):
            self.too_little.append("no operation was refused")

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the JSON document and the page; returns their paths."""
        folder.mkdir(parents=True, exist_ok=True)
        document = folder / f"report-{self.profile}-{self.seed}.json"
        document.write_text(json.dumps(asdict(self) | {"passed": self.passed, "headline": self.headline}, indent=1))
        page = document.with_suffix(".md")
        page.write_text(self.page())
        return document, page

    def page(self) -> str:
        """The page."""
        state = "passed" if self.passed else "FAILED"
        return "\n".join(
            [
                f"# Assay: {self.profile}, seed {self.seed}: {state}",
                "",
                f"**{self.headline}.**",
                "",
                *self._facts(),
                *_table("What the clients were told", ("answer", "operations"), sorted(self.told.items())),
                *_table("Every answer, repeated ones too", ("status", "answers"), sorted(self.answers.items())),
                *_table("What was counted", ("", "number"), sorted(self.counts.items())),
                *_table("Faults", ("at", "fault", "back after"), [_fault_row(fault) for fault in self.faults]),
                *self._wrong(),
            ]
        )

    def _facts(self) -> list[str]:
        left = ", ".join(f"{number} {what}" for what, number in self.left_open.items())
        healed = f"not within its time ({left})" if self.healed_after is None else f"in {self.healed_after:.1f} s"
        machine = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        replay = f"replay report-{self.profile}-{self.seed}.json"
        again = f"drill {self.profile} --seed {self.seed}" if self.is_drill else replay
        return [
            f"- Took {self.seconds:.0f} s. Longest time without an answer: {self.longest_outage:.1f} s.",
            f"- Longest time without a new operation done: {self.longest_without_write:.1f} s.",
            f"- After the last fault everything was settled {healed}.",
            f"- Invariants: {self.invariants} run, {len(self.broken)} broken.",
            f"- Machine: {machine}.",
            *(f"- {what}: {value:g}." for what, value in self.figures.items()),
            f"- Again: `specie assay {again}`",
            "",
        ]

    def _wrong(self) -> list[str]:
        lines = [f"- {cell}: {what}" for cell, found in self.findings.items() for what in found[:20]]
        lines += [f"- invariant: {what}" for what in self.broken]
        lines += [f"- too little happened: {what}" for what in self.too_little]
        return ["## What is wrong", "", *(lines or ["Nothing."]), ""]


def _fault_row(fault: dict[str, Any]) -> tuple[str, str, str]:
    back = fault.get("back_after")
    return f"{fault['at']:.1f} s", f"{fault['action']} {fault['victim']}", "" if back is None else f"{back:.1f} s"


def _table(title: str, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    lines = ["| " + " | ".join(str(value) for value in row) + " |" for row in rows]
    return [f"## {title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines, ""]
