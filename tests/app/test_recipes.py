"""Every recipe says how what it did is undone."""

import sys

from docs.generate import import_everything
from specie.ledger import REVERSE, Recipe, declared_recipes


def test_every_recipe_says_how_it_is_undone_and_few_by_a_reversal() -> None:
    import_everything()
    modules = [module for name, module in sys.modules.items() if name.startswith("specie.")]
    recipes = [value for module in modules for value in vars(module).values() if isinstance(value, Recipe)]
    assert [str(recipe) for recipe in recipes if not recipe.undo] == []
    own = {recipe.name for recipe in recipes}
    reversible = {each.name for each in declared_recipes() if each.undo == REVERSE and each.name in own}
    assert reversible == {"ledger.manual", "ledger.opening", "wallets.revaluation"}
