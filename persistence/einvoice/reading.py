"""From a parsed tree to facts: the table says where a fact stands, its type says how to read it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, get_type_hints

from lxml import etree

from domain.einvoice import (
    EInvoice,
    EInvoiceAddress,
    EInvoiceAllowance,
    EInvoiceLine,
    EInvoiceTax,
    NotAnInvoice,
    UnreadFact,
)
from persistence.einvoice.syntaxes import SYNTAXES, Syntax, Table

ROOT_NAME_LENGTH_MAX = 100
UNREAD_TEXT_LENGTH_MAX = 100
UNREAD_FACTS_MAX = 100

_DATE = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T.{0,40}|Z|[+-][0-9]{2}:[0-9]{2})?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")
_LINES_MATTER = {"payment_terms", "description"}  # the cash discount of XRechnung is one per line


def facts_of(root: etree._Element) -> EInvoice:
    """Return what the document says. Raises NotAnInvoice for a root element that is none."""
    syntax = SYNTAXES.get(str(root.tag))
    if syntax is None:
        raise NotAnInvoice(root_name=etree.QName(root).localname[:ROOT_NAME_LENGTH_MAX])
    reader = _Reader(syntax)
    reader.currency = "".join(reader.texts(root, (syntax.currency,))[:1])
    return EInvoice(
        syntax=syntax.code,
        seller_address=EInvoiceAddress(
            **reader.facts(root, syntax.seller_address, EInvoiceAddress)
        ),
        buyer_address=EInvoiceAddress(**reader.facts(root, syntax.buyer_address, EInvoiceAddress)),
        taxes=tuple(
            EInvoiceTax(**reader.facts(node, syntax.tax, EInvoiceTax))
            for node in reader.nodes(root, syntax.taxes)
        ),
        lines=tuple(
            EInvoiceLine(
                **reader.facts(node, syntax.line, EInvoiceLine),
                allowances_and_charges=reader.allowances(
                    node, syntax.line_allowances, syntax.line_charges
                ),
            )
            for node in reader.nodes(root, syntax.lines)
        ),
        allowances_and_charges=reader.allowances(root, syntax.allowances, syntax.charges),
        **reader.facts(root, syntax.header, EInvoice),
        unread=tuple(reader.unread),
    )


@dataclass(slots=True)
class _Reader:
    """Reads one document and keeps what it could not read."""

    syntax: Syntax
    currency: str = ""
    unread: list[UnreadFact] = field(default_factory=list)

    def facts(self, node: etree._Element, table: Table, shape: type) -> dict[str, Any]:
        """Return every fact of the table below `node`, each read as its type in `shape` asks."""
        types = _types(shape)
        return {fact: self._fact(node, fact, table[fact], types[fact]) for fact in table}

    def nodes(self, node: etree._Element, path: str) -> list[Any]:
        """Return the elements, or texts of attributes, that `path` leads to."""
        found = _compiled(path, self.syntax.code)(node, currency=self.currency)
        return found if isinstance(found, list) else []

    def allowances(
        self, node: etree._Element, allowances: str, charges: str
    ) -> tuple[EInvoiceAllowance, ...]:
        """Return the allowances, then the charges, of the document or of one line."""
        return tuple(
            EInvoiceAllowance(
                is_charge=is_charge, **self.facts(each, self.syntax.allowance, EInvoiceAllowance)
            )
            for path, is_charge in ((allowances, False), (charges, True))
            for each in self.nodes(node, path)
        )

    def texts(self, node: etree._Element, paths: tuple[str, ...]) -> list[str]:
        """Return the texts of the first path that leads to any, empty ones left out."""
        for path in paths:
            found = [_trimmed(hit) for hit in self.nodes(node, path)]
            if any(found):
                return [text for text in found if text]
        return []

    def _fact(self, node: etree._Element, fact: str, paths: tuple[str, ...], kind: Any) -> Any:
        texts = self.texts(node, paths)
        if kind == tuple[str, ...]:
            return tuple(map(_one_line, texts))
        if not texts:
            return None
        if fact in _LINES_MATTER:
            return "\n".join(texts)
        text = texts[0]
        value = _READ_AS[kind](text)
        if value is None and len(self.unread) < UNREAD_FACTS_MAX:
            self.unread.append(UnreadFact(fact=fact, text=text[:UNREAD_TEXT_LENGTH_MAX]))
        return value


def _trimmed(hit: Any) -> str:
    """Return the text of an element or attribute, blanks around its lines removed."""
    text = hit if isinstance(hit, str) else hit.text or ""
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _as_date(text: str) -> date | None:
    """Read 20260131, 2026-01-31 and 2026-01-31T00:00:00; None for anything else."""
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _as_decimal(text: str) -> Decimal | None:
    """Read a number as XML Schema writes it, of bounded length; None for anything else."""
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


_READ_AS: Mapping[Any, Callable[[str], Any]] = {
    str | None: _one_line,
    date | None: _as_date,
    Decimal | None: _as_decimal,
}


@cache
def _types(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


@cache
def _compiled(path: str, code: str) -> etree.XPath:
    syntax = next(syntax for syntax in SYNTAXES.values() if syntax.code == code)
    return etree.XPath(path, namespaces=dict(syntax.namespaces))
