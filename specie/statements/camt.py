"""A statement as camt.053 of ISO 20022, as banks write them: one account for each wallet, one entry per movement."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from specie.kernel.money import Money
from specie.statements.errors import StatementWithoutAccount
from specie.statements.model import Statement

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_LONGEST_TEXT = 140


def as_camt(statement: Statement) -> bytes:
    """The wallets of the statement; its other parts have no place in a bank's form.

    Amounts are whole units of the currency with a point; their side says whether money came or left. Raises
    StatementWithoutAccount where there is no wallet: the form asks for one account at least.
    """
    if not statement.stated["wallets"]:
        raise StatementWithoutAccount("there is no wallet in it; take another form", param="format")
    ET.register_namespace("", _NAMESPACE)
    document = ET.Element(f"{{{_NAMESPACE}}}Document")
    report = _below(document, "BkToCstmrStmt")
    head = _below(report, "GrpHdr")
    _said(head, "MsgId", statement.digest.hex()[:35])
    _said(head, "CreDtTm", statement.stated["made_at"])
    for position, wallet in enumerate(statement.stated["wallets"], start=1):
        _Account(statement, wallet).write(_below(report, "Stmt"), position)
    made: bytes = ET.tostring(document, encoding="utf-8", xml_declaration=True)
    return made


class _Account:
    def __init__(self, statement: Statement, wallet: Mapping[str, Any]) -> None:
        self._statement, self._said, self._wallet = statement, statement.stated, wallet
        self._zone = ZoneInfo(self._said["zone"])

    def write(self, into: ET.Element, position: int) -> None:
        _said(into, "Id", f"{self._statement.n}-{position}")
        _said(into, "ElctrncSeqNb", str(self._statement.n))
        _said(into, "CreDtTm", self._said["made_at"])
        account = _below(into, "Acct")
        _said(account, "Id/Othr/Id", self._wallet["wallet_id"])
        _said(account, "Ccy", self._statement.currency.code)
        _said(account, "Svcr/FinInstnId/Nm", self._said["tenant"][:_LONGEST_TEXT])
        self._balance(into, "OPBD", self._wallet["opening"], self._said["from_day"])
        self._balance(into, "CLBD", self._wallet["closing"], self._said["through_day"])
        for moved in self._wallet["movements"]:
            self._entry(_below(into, "Ntry"), moved)

    def _balance(self, into: ET.Element, kind: str, minor: int, day: str) -> None:
        balance = _below(into, "Bal")
        _said(balance, "Tp/CdOrPrtry/Cd", kind)
        self._amount(balance, minor)
        _said(balance, "Dt/Dt", day)

    def _entry(self, into: ET.Element, moved: Mapping[str, Any]) -> None:
        at = datetime.fromisoformat(moved["at"])
        self._amount(into, moved["amount"])
        _said(into, "Sts/Cd", "BOOK")
        _said(into, "BookgDt/DtTm", at.astimezone(UTC).isoformat())
        _said(into, "ValDt/Dt", at.astimezone(self._zone).date().isoformat())
        _said(into, "AcctSvcrRef", moved["entry_id"])
        _said(into, "BkTxCd/Prtry/Cd", "NTRF")
        details = _below(_below(into, "NtryDtls"), "TxDtls")
        _said(details, "RmtInf/Ustrd", moved["title"][:_LONGEST_TEXT])

    def _amount(self, into: ET.Element, minor: int) -> None:
        money = Money(abs(minor), self._statement.currency)
        _said(into, "Amt", f"{money.major():f}").set("Ccy", money.currency.code)
        _said(into, "CdtDbtInd", "DBIT" if minor < 0 else "CRDT")


def _below(parent: ET.Element, tag: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_NAMESPACE}}}{tag}")


def _said(parent: ET.Element, path: str, text: str) -> ET.Element:
    """The element at the end of a path, made with everything on the way, holding the text."""
    for tag in path.split("/"):
        parent = _below(parent, tag)
    parent.text = text
    return parent
