"""XML by groups and values, which both syntaxes of electronic invoices write alike, each in its own vocabulary."""

from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from specie.billing.e_invoice import writable


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The namespaces of a syntax: of groups, and of the values in them."""

    groups: str
    values: str

    def part(self, parent: Element, name: str) -> Element:
        """A group inside another."""
        return SubElement(parent, f"{{{self.groups}}}{name}")

    def say(self, parent: Element, name: str, text: str, **attributes: str) -> None:
        """A value, unless there is none. It goes in as data, so no name can change the structure."""
        if text:
            SubElement(parent, f"{{{self.values}}}{name}", attributes).text = writable(text)
