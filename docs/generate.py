"""Writes the pages of docs/reference that are made from the code: `python -m docs.generate [--check]`.

The test of the documentation runs it with `--check`, so a setting, an error, an event or a command that is not in
these pages fails the build.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

import specie
from specie import events, ledger, providers
from specie.app import event_types
from specie.app.cli import app as program
from specie.app.cli.exit_codes import ExitCode
from specie.app.error_pages import error_pages
from specie.app.routers import ROUTERS
from specie.app.verify import invariants
from specie.identity.model import ROLE_PERMISSIONS, SECOND_FACTOR_ROLES
from specie.kernel.permissions import Permission
from specie.ledger import REVERSE, Recipe, declared_recipes
from specie.payments.model import PAYMENT_EDGES
from specie.platform.config import Settings, variable_name
from specie.platform.http import SpecieRoute
from specie.platform.metrics import API

DOCS = Path(__file__).parent
MADE = "<!-- Made by docs/generate.py: change the code, not this page. -->\n\n"
BEGIN, END = "<!-- begin: generated -->\n", "<!-- end: generated -->\n"


def import_everything() -> None:
    """Load every module of the program, so that each registers its errors, events and recipes."""
    for found in pkgutil.walk_packages(specie.__path__, "specie."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    event_types.register()


def pages() -> dict[str, str]:
    """Every generated page by its path below docs."""
    import_everything()
    return {
        "reference/cli.md": _cli(),
        "reference/settings.md": _settings(),
        "reference/errors.md": _errors(),
        "reference/events.md": _events(),
        "reference/invariants.md": _invariants(),
        "reference/permissions.md": _permissions(),
        "reference/providers.md": _providers(),
        **{f"reference/providers/{dialect.name}.md": _provider(dialect) for dialect in providers.dialects()},
        "reference/accounts.md": _accounts(),
        "reference/recipes.md": _filled("reference/recipes.md", _recipes()),
        "explanation/states-of-a-payment.md": _filled("explanation/states-of-a-payment.md", _states()),
    }


def _providers() -> str:
    intro = (
        "# Payment providers\n\nEvery provider can be tried against the simulator, which speaks its dialect and needs"
        " no account. What is not confirmed is switched off for live money until somebody has confirmed it with the"
        " provider; its page says what that is.\n\n"
    )
    rows = (
        (
            f"[{dialect.title}](providers/{dialect.name}.md)",
            ", ".join(str(kind) for kind in dialect.kinds) or "none",
            ", ".join(str(kind) for kind in dialect.saves) or "nothing",
            ", ".join(dialect.currencies) or "any",
            _TRUST[dialect.trust],
            _live(dialect),
        )
        for dialect in providers.dialects()
    )
    beside = (
        (f"[{dialect.title}](providers/{dialect.name}.md)", *(_OFFERED[each.offered] for each in _offers(dialect)))
        for dialect in providers.dialects()
    )
    return (
        MADE
        + intro
        + _table(("Provider", "Methods", "Keeps for later", "Currencies", "Callbacks", "Live money"), rows)
        + "\n## Beside charges\n\nEach provider's page says what the limits are, or why something is not offered. What"
        " is offered for tests only is switched off for live money until it is confirmed.\n\n"
        + _table(("Provider", *(_SERVICES[service] for service in providers.Service)), beside)
    )


_SERVICES = {
    providers.Service.REFUNDS: "Refunds",
    providers.Service.PAYOUTS: "Payouts",
    providers.Service.INQUIRY: "Whose account it is",
    providers.Service.BALANCE: "Balance",
    providers.Service.STATEMENT: "Statement",
    providers.Service.DISPUTES: "Disputes",
    providers.Service.ACCEPTANCE: "Accepting disputes",
}
_OFFERED = {
    providers.Offered.YES: "yes",
    providers.Offered.NOT_LIVE: "for tests only",
    providers.Offered.NO: "no",
}


def _offers(dialect: providers.Dialect) -> list[providers.Offer]:
    return [dialect.offer(service) for service in providers.Service]


_TRUST = {
    providers.Trust.SIGNED: "signed: believed",
    providers.Trust.PARTIAL: "signed in part: we ask",
    providers.Trust.STATIC: "a fixed token: we ask",
    providers.Trust.NONE: "unsigned: we ask",
    providers.Trust.QUERIED: "",
}


def _live(dialect: providers.Dialect) -> str:
    if dialect.name == "simulator":
        return "no, it moves none"
    return "yes" if dialect.confirmed else "no, unconfirmed"


def _provider(dialect: providers.Dialect) -> str:
    text = MADE + f"# {dialect.title}\n\n{dialect.about}\n\n"
    facts = [
        ("Name in the API", f"`{dialect.name}`"),
        ("Methods", ", ".join(f"`{kind}`" for kind in dialect.kinds) or "none"),
        ("Keeps for later", ", ".join(f"`{kind}`" for kind in dialect.saves) or "nothing"),
        ("Currencies", ", ".join(dialect.currencies) or "any"),
        ("Callbacks", _TRUST[dialect.trust]),
        ("Callback address", dialect.callback),
        ("Environments", ", ".join(f"`{environment}`" for environment in dialect.environments)),
        ("Live money", _live(dialect)),
    ]
    if dialect.limits:
        facts.append(("Limits", dialect.limits))
    if not dialect.saves and dialect.kinds:
        facts.append(("Why it keeps nothing", dialect.keeping))
    text += _table(("", ""), iter(facts))
    beside = ((_SERVICES[each.service], _OFFERED[each.offered], each.note) for each in _offers(dialect))
    text += "\n## Beside charges\n\n" + _table(("", "Offered", "Note"), beside)
    if dialect.unconfirmed:
        text += "\n## Not confirmed\n\n" + "".join(f"- {reason}\n" for reason in dialect.unconfirmed)
    if dialect.fields:
        rows = (
            (
                f"`{known.name}`",
                known.label,
                "yes" if known.secret else "no",
                ", ".join(f"`{choice}`" for choice in known.choices) or (known.default and f"`{known.default}`"),
                known.help,
            )
            for known in dialect.fields
        )
        head = ("Credential", "Meaning", "Secret", "Values or default", "Note")
        text += "\n## Credentials\n\nNone are needed for the simulator.\n\n" + _table(head, rows)
    return text


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _settings() -> str:
    rows = (
        (f"`{variable_name(name)}`", _default(field.get_default()), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    intro = (
        "# Settings\n\nRead once at the start from the environment and from `.env` in the working folder; the"
        " environment wins. A wrong value stops the start with exit code 3 and names the variable. `specie doctor`"
        " explains what it finds.\n\n"
    )
    return MADE + intro + _table(("Variable", "Default", "Meaning"), rows)


def _default(value: Any) -> str:
    shown = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return f"`{str(shown).lower() if isinstance(shown, bool) else shown}`" if shown not in ("", (), None) else "empty"


def _errors() -> str:
    intro = (
        "# Error codes\n\nEvery refusal is a problem document (RFC 9457) with a `code` from this list, the field in"
        " `param` where there is one, `request_id`, and `retryable`. Codes never change their meaning. A running"
        " platform serves a page for each at `/docs/errors/<code>`, which is the document's `type`.\n\n"
    )
    pages_by_code = error_pages().values()
    listed = _table(
        ("Code", "Status", "Meaning"),
        ((f"[`{page.code}`](#{page.code})", str(page.status), page.title) for page in pages_by_code),
    )
    details = "".join(
        f"\n## {page.code}\n\n{page.status} {page.title}. {_flat(page.meaning)}\n\nDid money move? {page.money}\n\n"
        f"What to do: {page.advice}\n"
        for page in pages_by_code
    )
    return MADE + intro + listed + details


def _events() -> str:
    intro = (
        "# Events\n\nEvery event is `{n, id, type, schema_version, subject, data, occurred_at, recorded_at,"
        " request_id}`. `n` counts a tenant's events from one without gaps. Of two events about one subject the higher"
        " `subject.version` is the newer, whatever order they arrive in. `GET /api/v1/event-types` gives the JSON"
        " Schema of each `data`; new fields may be added within a version.\n\n"
    )
    rows = ((f"`{kind.name}`", str(kind.version), _flat(kind.description)) for kind in events.catalogue.all_types())
    return MADE + intro + _table(("Type", "Version", "When"), rows)


def _invariants() -> str:
    intro = (
        "# What is always true\n\nEach sentence is a query that returns no rows. They run after every test that touched"
        " a database, every hour in the worker (`specie_invariant_broken`), and whenever somebody asks with"
        " `specie verify`.\n"
    )
    text, module = "", ""
    for invariant in invariants():
        if invariant.module != module:
            module = invariant.module
            text += f"\n## {module}\n\n"
        text += f"- {invariant.sentence[0].upper()}{invariant.sentence[1:]}.\n"
    return MADE + intro + text


def _permissions() -> str:
    intro = (
        "# Roles and permissions\n\nEvery route names the permission it needs (`x-permission` in the OpenAPI document)."
        " A merchant or customer has them only for what belongs to its own party. API keys are given single"
        " permissions.\n\n"
    )
    roles = list(ROLE_PERMISSIONS)
    head = ("Permission", *(role.value for role in roles))
    rows = (
        (f"`{permission}`", *("yes" if permission in ROLE_PERMISSIONS[role] else "" for role in roles))
        for permission in Permission
    )
    return MADE + intro + _table(head, rows) + _second_factors() + _verifications()


def _second_factors() -> str:
    asked = ", ".join(role.value for role in ROLE_PERMISSIONS if role in SECOND_FACTOR_ROLES)
    return (
        f"\n## Second factor\n\nIn production {asked} work in a live tenant only with a second factor; before they have"
        " set one up only `account:self` opens (`second_factor_setup_required`). Whoever logs in by single sign-on"
        " proves it there. Sandboxes ask nobody.\n"
    )


def _verifications() -> str:
    intro = (
        "\n## Verification of parties that move money\n\nA merchant, customer or key limited to one party moves that"
        " party's money by these routes. Where `approved` stands, a reviewer has to have approved the party's identity"
        " (`kyc_required`); where `any` stands, the limits of the party's tier hold. Staff is not asked: it acts for"
        " others, within the same limits.\n\n"
    )
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, SpecieRoute))
    rows = sorted(
        (str(route.verification), f"`{method} {API}{route.path}`", f"`{route.permission}`")
        for route in routes
        if route.verification is not None
        for method in route.methods
    )
    return intro + _table(
        ("Route", "Permission", "Verification"), ((path, needs, state) for state, path, needs in rows)
    )


def _recipes() -> str:
    return _table(("Recipe", "To undo it"), ((f"`{recipe}`", _undo(recipe)) for recipe in declared_recipes()))


def _accounts() -> str:
    intro = (
        "# Accounts that modules keep\n\n"
        "These open by themselves, with the floor and the owner that belong to them, and the ledger's routes neither\n"
        "close them nor change their floor. A control account takes no postings by hand either: the refusal is\n"
        "`account_controlled`, and it says what to do instead. [Why](../explanation/control-accounts.md).\n\n"
        "`*` stands for one part of a code, a colon at the end for any rest. Every other account is yours.\n\n"
    )
    rows = (
        (f"`{one.codes}`", one.name, "yes" if one.takes_journals else "no", one.instead) for one in ledger.keepers()
    )
    return MADE + intro + _table(("Codes", "Kept by", "Takes journals", "To move or change it"), rows)


def _undo(recipe: Recipe) -> str:
    return f"**{recipe.undo}**" if recipe.undo == REVERSE else recipe.undo


def _states() -> str:
    arrows = sorted((str(before), str(after), str(move)) for (before, move), after in PAYMENT_EDGES.items())
    lines = "".join(f"    {before} --> {after}: {move}\n" for before, after, move in arrows)
    return f"```mermaid\nstateDiagram-v2\n    [*] --> created\n{lines}```\n"


def _filled(path: str, made: str) -> str:
    """The page as it is, with its generated part made anew."""
    before, _, rest = (DOCS / path).read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def _cli() -> str:
    intro = (
        "# Command line\n\nEvery command takes `--json` and then answers with one JSON object (`listen`: one per line)."
        ' Failures are a sentence on standard error, or `{"error": {"code", "message"}}` with `--json`.'
        " Nothing phones home.\n\n## Exit codes\n\n"
    )
    codes = _table(
        ("Code", "Name", "Meaning"), ((str(int(code)), code.name, meaning) for code, meaning in _exit_codes())
    )
    group: Any = typer.main.get_command(program)
    return MADE + intro + codes + "".join(_command(("specie", name), each) for name, each in _sorted(group.commands))


def _sorted(commands: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(commands.items())


def _command(path: tuple[str, ...], command: Any) -> str:
    title = " ".join(path)
    nested = getattr(command, "commands", None)
    text = f"\n## {title}\n\n{_flat(command.help or '')}\n"
    if nested:
        return text + "".join(_command((*path, name), each) for name, each in _sorted(nested))
    options = [option for option in command.params if not getattr(option, "hidden", False)]
    rows = ((f"`{_spelled(option)}`", _flat(getattr(option, "help", "") or "")) for option in options)
    return text + "\n" + _table(("Argument or option", "Meaning"), rows)


def _spelled(option: Any) -> str:
    return ", ".join(option.opts) if option.param_type_name == "option" else str(option.name).upper()


def _exit_codes() -> list[tuple[ExitCode, str]]:
    source = Path(importlib.import_module("specie.app.cli.exit_codes").__file__ or "").read_text(encoding="utf-8")
    said = {line.split("=")[0].strip(): line.partition("#")[2].strip() for line in source.splitlines() if " = " in line}
    return [(code, said.get(code.name) or "All is well.") for code in ExitCode]


def _flat(text: str) -> str:
    return " ".join(text.split())


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that are not current; returns the exit code."""
    stale = []
    for path, text in pages().items():
        file = DOCS / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if arguments != ["--check"]:
            file.write_text(text, encoding="utf-8")
    sentence = "is not current: run python -m docs.generate" if arguments == ["--check"] else "written"
    for path in stale:
        print(f"docs/{path} {sentence}")
    return 1 if stale and arguments == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
