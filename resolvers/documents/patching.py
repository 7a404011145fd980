"""Updates and amendments say what changes: what they leave out stays as the document says it."""

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import strawberry

from domain.documents.document import Document
from domain.documents.drafts import HEADER, MOVED_ON_ISSUE, payer
from domain.documents.kinds import SALES, Kind, PartyRole
from domain.payment_terms import Discount
from schema.documents.inputs import BillingLineInput, never_empty
from schema.node import id_of

_ADDRESS = "_address"


def whole(kind: Kind, input: Any, document: Document) -> Any:
    """Return an input as if everything were said in it; what was left out as `document` says it.

    Null empties what may be empty, and is nothing said where something must be.
    """
    said = {each.name: getattr(input, each.name) for each in fields(input)}
    required = never_empty(kind)
    for name, value in list(said.items()):
        if value is strawberry.UNSET or (value is None and name in required):
            del said[name]
    _tie(kind, said, document)
    said["keeps_rate"] = "exchange_rate" not in said
    declared = {each.name for each in fields(input)} | _UNSEEN
    for name, value_of in _SAID.items():
        if name in declared:
            said.setdefault(name, value_of(document))
    return SimpleNamespace(**said)


def _tie(kind: Kind, said: dict[str, Any], document: Document) -> None:
    """Fill the parties; another customer brings his own payer, place of delivery and terms.

    Another currency brings its own rate, another bonus its own day of supply."""
    first = kind.parties[0]
    before = _partner(document, first)
    is_another = said.get(first.value.lower(), before) != before
    for role in kind.parties:
        name = role.value.lower()
        party = document.party(role)
        if is_another and role is not first:
            said.setdefault(name, None)
        if role is PartyRole.SHIP_TO and name not in said and name + _ADDRESS not in said:
            said[name + _ADDRESS] = party.address if party else None
        said.setdefault(name, _partner(document, role))
        said.setdefault(name + _ADDRESS, None)
    role = payer(kind)
    stays = said[role.value.lower()] == _partner(document, role)
    if "payment_days" in said or not stays:
        said.setdefault("payment_days", None)
        said.setdefault("discounts", None)
    if said.get("currency", document.currency) != document.currency:
        said.setdefault("exchange_rate", None)  # a typed rate is one of the currency before
    follows_issue = "issue_date" in said and document.supply_date == document.issue_date
    if "bonus_from" in said or (follows_issue and kind.step in MOVED_ON_ISSUE):
        said.setdefault("supply_date", None)  # it is set anew, by what it follows
        said.setdefault("supply_until", None)
    if kind.side == SALES and not kind.has_lines:
        said.setdefault("sold_to", None)


def _partner(document: Document, role: PartyRole) -> str | None:
    party = document.party(role)
    return id_of("par", party.partner_id) if party and party.partner_id else None


def _discounts(document: Document) -> list[Discount]:
    steps = (
        (document.discount_days, document.discount_percent),
        (document.discount2_days, document.discount2_percent),
    )
    return [Discount(days, percent) for days, percent in steps if days is not None and percent]


_UNSEEN = {"currency", "exchange_rate", "price_basis", "allowances"}
"""What a document without prices carries for those that follow."""
_AS_IT_IS = ("issue_date", "payment_days", "currency", "price_basis", "invoice_type")
_SAID: dict[str, Callable[[Document], Any]] = {
    **{name: attrgetter(name) for name in (*HEADER, *_AS_IT_IS)},
    "discounts": _discounts,
    "exchange_rate": lambda _: None,
    "allowances": lambda document: [each.allowance for each in document.allowances],
    "prepayments": lambda document: list(
        dict.fromkeys(id_of("doc", each.prepayment_id) for each in document.prepayments)
    ),
    "stated_taxes": attrgetter("stated_taxes"),
    "branch": lambda document: document.branch_id and id_of("brn", document.branch_id),
    "amount": lambda document: document.gross,
    "lines": lambda document: [
        BillingLineInput(id=strawberry.ID(id_of("lin", line.id))) for line in document.lines
    ],
}
"""What a document says, in the words of its input."""
