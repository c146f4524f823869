"""`python -m tools.houselint [paths]`: lints the tracked files, or only those under the paths given."""

import sys
from pathlib import Path

from tools.houselint.core import lint, tracked_files

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    """Prints the findings; returns 1 if there are any."""
    chosen = [Path(argument).resolve() for argument in arguments]
    findings = [
        finding
        for finding in lint(ROOT, tracked_files(ROOT))
        if not chosen or any((ROOT / finding.path).is_relative_to(path) for path in chosen)
    ]
    for finding in findings:
        print(finding)
    if findings:
        print(f"{len(findings)} finding(s)", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
