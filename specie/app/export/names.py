"""Account names of beancount, made from account codes so that each can be turned back.

Codes hold lower-case letters, digits and `_`, `-`, `.`, parted by colons; beancount wants each part to begin with a
capital or a digit and to go on with letters, digits and hyphens. Codes have no capitals, so capitals can carry what
beancount does not allow: the common `_` becomes `-`, the rarer `-` becomes `H` and `.` becomes `D`.
"""

_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}
_TYPES = {root: kind for kind, root in _ROOTS.items()}
_INSIDE = str.maketrans({"_": "-", "-": "H", ".": "D"})
_INSIDE_BACK = str.maketrans({"-": "_", "H": "-", "D": "."})
# A part cannot begin with a hyphen, so a sign in first place is spelled with two capitals that occur nowhere else.
_FIRST = {"_": "XU", "-": "XM", ".": "XP"}
_FIRST_BACK = {spelled: sign for sign, spelled in _FIRST.items()}


def beancount_name(code: str, owner: str = "") -> str:
    """The name of an account; `owner`, where given, is set between the root and the rest (a tenant's id)."""
    kind, *parts = code.split(":")
    return ":".join([_ROOTS[kind], *([_capitalised(owner)] if owner else []), *map(_capitalised, parts)])


def account_code(name: str, *, has_owner: bool = False) -> str:
    """The code a name was made from."""
    root, *parts = name.split(":")
    return ":".join([_TYPES[root], *map(_plain, parts[1:] if has_owner else parts)])


def _capitalised(part: str) -> str:
    first = _FIRST.get(part[0], part[0].upper())
    return first + part[1:].translate(_INSIDE)


def _plain(part: str) -> str:
    if part[:2] in _FIRST_BACK:
        return _FIRST_BACK[part[:2]] + part[2:].translate(_INSIDE_BACK)
    return part[0].lower() + part[1:].translate(_INSIDE_BACK)
