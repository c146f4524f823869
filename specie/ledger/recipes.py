"""Recipes: the named rules that turn decisions into postings, and how what each of them did is undone."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recipe:
    """The named, versioned rule that turned a decision into postings.

    `undo` says how what it did is undone. Only an entry that no module keeps rows of may be undone by REVERSE: the
    rows of any other would go on saying what the books no longer do.
    """

    name: str
    version: int
    undo: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.undo:
            _DECLARED[self.name] = self

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


REVERSE = "reverse the entry"
"""The undo of a recipe whose entries the ledger may reverse."""
_DECLARED: dict[str, Recipe] = {}


def declared_recipes() -> list[Recipe]:
    """Every recipe of the modules that are loaded, by its name: of several versions the newest declared."""
    return [_DECLARED[name] for name in sorted(_DECLARED)]


def undone_elsewhere(recipe: str) -> str | None:
    """How the entries of a recipe, as an entry names it, are undone; None where the ledger may reverse them.

    An entry of an older version is undone as one of the newest. What no recipe declares is not reversed.
    """
    declared = _DECLARED.get(recipe.partition("@")[0])
    if declared is None:
        return "post a new entry"
    return None if declared.undo == REVERSE else declared.undo


PROMISE = Recipe("ledger.budget_promise", 1, undo="it ends with what was promised")
"""What is promised for later: the one recipe whose own legs draw on budgets."""
