"""Texts in files that a spreadsheet may open."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text with a quote in front when a spreadsheet would run it as a formula: strangers write some of them."""
    return f"'{text}" if text.startswith(_FORMULA) else text
