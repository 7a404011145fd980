"""What a client asks of a document, before the document takes it over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.documents.kinds import Kind, PartyRole, PaymentMethod
from domain.documents.lines import LineDraft, checked_percent
from domain.items import Item
from domain.partners import Address, Partner, checked_payment_days
from domain.problems import Path, Problem
from domain.text import Required, optional_text

LINES_MAX = 1000
EARLIEST = date(2000, 1, 1)
DAYS_AHEAD_MAX = 366
YEARS_OF_VALIDITY_MAX = 10


class LinesMissing(Problem):
    """A document needs at least one line."""


class TooManyLines(Problem):
    """A document may have {lines_max} lines at the most."""

    lines_max: int


class DateOutOfRange(Problem):
    """This date must lie between {earliest} and {latest}."""

    earliest: str
    latest: str


class SupplyPeriodReversed(Problem):
    """The period of supply ends before it starts."""


class ValidityReversed(Problem):
    """The validity ends before it starts."""


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Whom a document names in a role: `address` is one typed on the document, else his own."""

    partner: Partner
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as asked for; references are resolved by the unit of work beforehand.

    `parties` holds every role of the kind. Fields that a kind does not have are left out.
    """

    issue_date: date
    lines: tuple[LineDraft, ...]
    parties: Mapping[PartyRole, PartyDraft]
    items: Mapping[UUID, Item] = field(default_factory=dict)
    supply_date: date | None = None
    supply_until: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    requested_date: date | None = None
    payment_days: int | None = None
    cash_discount_days: int | None = None
    cash_discount_percent: Decimal | None = None
    amount: Decimal | None = None
    method: PaymentMethod | None = None
    bank_reference: str | None = None
    tolerance_percent: Decimal | None = None
    price_fixed: bool | None = None
    external_number: str | None = None
    customer_reference: str | None = None
    carrier: str | None = None
    opening_text: str | None = None
    closing_text: str | None = None
    note: str | None = None

    @property
    def supplied_on(self) -> date:
        """The day that decides rates: a service over a period is supplied when it is completed.

        Section 13 (1) no. 1 and section 27 (1) UStG, UStAE 13.1 (3); before there is a day of
        supply, the issue date stands in for it.
        """
        return self.supply_until or self.supply_date or self.issue_date


def check_dates(draft: DocumentDraft, today: date) -> None:
    """Raise DateOutOfRange, Required, SupplyPeriodReversed or ValidityReversed for odd dates."""
    near = today + timedelta(days=DAYS_AHEAD_MAX)
    far = today + timedelta(days=DAYS_AHEAD_MAX * YEARS_OF_VALIDITY_MAX)
    for names, latest in (
        (("issue_date", "supply_date", "supply_until"), near),
        (("valid_from", "valid_until", "requested_date"), far),
    ):
        for name in names:
            day: date | None = getattr(draft, name)
            if day is not None and not EARLIEST <= day <= latest:
                raise DateOutOfRange(
                    earliest=EARLIEST.isoformat(), latest=latest.isoformat(), path=input_path(name)
                )
    if draft.supply_until and not draft.supply_date:
        raise Required(path=input_path("supply_date"))
    if draft.supply_until and draft.supply_date and draft.supply_until < draft.supply_date:
        raise SupplyPeriodReversed(path=input_path("supply_until"))
    if draft.valid_until and draft.valid_until < (draft.valid_from or draft.issue_date):
        raise ValidityReversed(path=input_path("valid_until"))


def check_cash_discount(days: int | None, percent: Decimal | None) -> None:
    """Raise Required for a cash discount (Skonto) with days but no percentage, or without days."""
    if (days is None) != (percent is None):
        missing = "cash_discount_days" if days is None else "cash_discount_percent"
        raise Required(path=input_path(missing))


def _text(length_max: int) -> Callable[[str | None, Path], str | None]:
    return lambda text, path: optional_text(text, length_max, path)


def _as_it_is(value: Any, path: Path) -> Any:
    return value


def _percent(value: Decimal | None, path: Path) -> Decimal | None:
    return None if value is None else checked_percent(value, path)


def _days(value: int | None, path: Path) -> int | None:
    return None if value is None else checked_payment_days(value, path)


HEADER: dict[str, Callable[[Any, Path], Any]] = {
    "supply_date": _as_it_is,
    "supply_until": _as_it_is,
    "valid_from": _as_it_is,
    "valid_until": _as_it_is,
    "requested_date": _as_it_is,
    "cash_discount_days": _days,
    "cash_discount_percent": _percent,
    "method": _as_it_is,
    "bank_reference": _text(140),
    "tolerance_percent": _percent,
    "price_fixed": _as_it_is,
    "external_number": _text(100),
    "customer_reference": _text(100),
    "carrier": _text(100),
    "opening_text": _text(2000),
    "closing_text": _text(2000),
    "note": _text(2000),
}
"""The header fields that only some kinds have, each with its check; dates are checked together."""


def header_of(kind: Kind, draft: DocumentDraft) -> dict[str, Any]:
    """Return the header of `kind` as it is kept, None for what the kind does not have.

    Raises the problem of the first field that is wrong.
    """
    header = {
        name: check(getattr(draft, name), input_path(name)) if name in kind.fields else None
        for name, check in HEADER.items()
    }
    check_cash_discount(header["cash_discount_days"], header["cash_discount_percent"])
    has_terms = "payment_days" in kind.fields
    return {**header, "payment_days": payment_days_of(kind, draft) if has_terms else None}


def payment_days_of(kind: Kind, draft: DocumentDraft) -> int:
    """Return the days until payment is due: as asked for, else as agreed with who pays."""
    days = draft.payment_days
    if days is None:
        days = draft.parties[payer(kind)].partner.payment_days
    return checked_payment_days(days, input_path("payment_days"))


def payer(kind: Kind) -> PartyRole:
    """Return the role whose account a document of `kind` concerns."""
    return PartyRole.BILL_TO if PartyRole.BILL_TO in kind.parties else PartyRole.SUPPLIER


def input_path(name: str) -> Path:
    """Return the place of a field of the draft in the input that asked for it."""
    head, *tail = name.split("_")
    return ("input", head + "".join(word.title() for word in tail))
