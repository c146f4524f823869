"""camt.053 statements. The XML reader knows no document type, no entity of its own and no network."""

from dataclasses import dataclass, field
from datetime import date
from xml.parsers import expat

from specie.kernel.money import Currency, Money
from specie.reconciliation.errors import StatementRefused
from specie.reconciliation.model import Statement, StatementLine
from specie.reconciliation.reading import currency_of, line_text, money_of

_DEEPEST = 40
_ENDS_EARLY = {
    expat.errors.codes[text] for text in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
}
_ENCODING = {
    expat.errors.codes[text]
    for text in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
}
_NO_REFERENCE = {"", "NOTPROVIDED", "NONREF"}


@dataclass
class Element:
    """One element with its place in the file; namespaces are left out."""

    tag: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, path: str) -> list["Element"]:
        """Every element below by its path, as `Bal/Amt`."""
        found = [self]
        for tag in path.split("/"):
            found = [child for each in found for child in each.children if child.tag == tag]
        return found

    def first(self, *paths: str) -> "Element | None":
        """The first element there is, path after path."""
        return next((each for path in paths for each in self.all(path)), None)

    def said(self, *paths: str) -> str:
        """Its text, empty when there is none."""
        found = self.first(*paths)
        return found.text.strip() if found is not None else ""


def read(content: bytes) -> list[Statement]:
    """The statements in the file. Raises StatementRefused."""
    root = parse(content)
    statements = root.all("BkToCstmrStmt/Stmt")
    if not statements:
        raise StatementRefused("unreadable", "this is no camt.053 document", root.line)
    return [_statement(each) for each in statements]


def parse(content: bytes) -> Element:
    """The root element. Raises StatementRefused for what is no XML, ends early or brings a document type."""
    reader = expat.ParserCreate(namespace_separator="}")
    reader.buffer_text = True
    top = Element("", 1, {})
    open_elements = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > _DEEPEST:
            raise StatementRefused("unreadable", "elements are nested too deep", reader.CurrentLineNumber)
        made = Element(name.rpartition("}")[2], reader.CurrentLineNumber, attributes)
        open_elements[-1].children.append(made)
        open_elements.append(made)

    def end(_name: str) -> None:
        open_elements.pop()

    def text(part: str) -> None:
        open_elements[-1].text += part

    def doctype(*_about: object) -> None:
        raise StatementRefused("unreadable", "a document type is not accepted", reader.CurrentLineNumber)

    reader.StartElementHandler = start
    reader.EndElementHandler = end
    reader.CharacterDataHandler = text
    reader.StartDoctypeDeclHandler = doctype
    try:
        reader.Parse(content, True)
    except expat.ExpatError as error:
        raise StatementRefused(_reason(error, content), f"this XML cannot be read: {error}", error.lineno) from error
    except (LookupError, ValueError) as error:
        raise StatementRefused("encoding", "the XML names an encoding in which it is not read", 1) from error
    return top.children[0]


def _reason(error: expat.ExpatError, content: bytes) -> str:
    if error.code in _ENDS_EARLY:
        return "truncated"
    if error.code in _ENCODING:
        return "encoding"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding"
    return "unreadable"


def _statement(told: Element) -> Statement:
    opening, closing = _balance(told, ("OPBD", "PRCD")), _balance(told, ("CLBD",))
    if closing is None:
        raise StatementRefused("truncated", "the statement has no closing balance", told.line)
    if opening is None:
        raise StatementRefused("unreadable", "the statement has no opening balance", told.line)
    booked = [each for each in told.all("Ntry") if each.said("Sts/Cd", "Sts") in ("", "BOOK")]
    lines = [_line(each, closing.currency) for each in booked]
    account = told.said("Acct/Id/IBAN", "Acct/Id/Othr/Id")
    return Statement(account, told.said("Id", "ElctrncSeqNb"), opening, closing, lines)


def _balance(told: Element, codes: tuple[str, ...]) -> Money | None:
    for code in codes:
        for balance in told.all("Bal"):
            if balance.said("Tp/CdOrPrtry/Cd") == code:
                return _signed(balance)
    return None


def _line(entry: Element, currency: Currency) -> StatementLine:
    amount = _signed(entry)
    if amount.currency != currency:
        raise StatementRefused("mixed_currencies", f"{amount.currency} instead of {currency}", entry.line)
    parts = entry.all("NtryDtls/TxDtls")
    # An entry that bundles several transactions has no reference that is its own.
    single = parts[0] if len(parts) == 1 else Element("", entry.line, {})
    reference = single.said("Refs/EndToEndId")
    return StatementLine(
        number=entry.line,
        amount=amount,
        booked_on=_day(entry),
        reference="" if reference in _NO_REFERENCE else reference[:200],
        batch=(entry.said("NtryDtls/Btch/PmtInfId") or single.said("Refs/PmtInfId"))[:200],
        key=entry.said("AcctSvcrRef")[:200],
        text=line_text(
            [each.text for part in parts for each in part.all("RmtInf/Ustrd")] + [entry.said("AddtlNtryInf")]
        ),
    )


def _signed(told: Element) -> Money:
    amount, side = told.first("Amt"), told.said("CdtDbtInd")
    if amount is None or side not in ("CRDT", "DBIT"):
        raise StatementRefused("unreadable", "an amount with its side is missing", told.line)
    money = money_of(amount.text.strip(), currency_of(amount.attributes.get("Ccy", ""), amount.line), amount.line)
    return money if side == "CRDT" else Money(-money.minor, money.currency)


def _day(entry: Element) -> date:
    text = entry.said("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise StatementRefused("unreadable", f"{text!r} is no date", entry.line) from error
