"""What a client asks of a document, before the document takes it over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.amounts import TOLERANCE_PER_RATE, Allowance, PriceBasis, StatedTax
from domain.dates import checked_day
from domain.documents.amounts import Exchange, InvoiceType
from domain.documents.credits import check_bonus
from domain.documents.kinds import Kind, PartyRole, PaymentMethod, Step
from domain.documents.lines import LineDraft
from domain.items import Item
from domain.money import checked_percent
from domain.partners import Address, Partner
from domain.payment_terms import Discount, Terms, checked_discounts, checked_payment_days
from domain.problems import Path, Problem
from domain.text import Required, optional_text

if TYPE_CHECKING:
    from domain.documents.document import Document

LINES_MAX = 1000
DAYS_AHEAD_MAX = 366
YEARS_OF_VALIDITY_MAX = 10


class LinesMissing(Problem):
    """A document needs at least one line."""


class TooManyLines(Problem):
    """A document may have {lines_max} lines at the most."""

    lines_max: int


class SupplyPeriodReversed(Problem):
    """The period of supply ends before it starts."""


class ValidityReversed(Problem):
    """The validity ends before it starts."""


class PartnerBlocked(Problem):
    """{partner} is blocked for new business: {reason}."""

    partner: str
    reason: str


class AddressNotTyped(Problem):
    """A one-time partner has no address of its own: type it on the document."""


class AddressFixed(Problem):
    """Only for a one-time partner may this address be typed; that of {partner} is master data."""

    partner: str


MOVED_ON_ISSUE = (Step.DELIVERY, Step.RETURN)
"""Steps whose goods are moved on the issue date, unless said otherwise."""

NEW_BUSINESS = (Step.OFFER, Step.CONTRACT, Step.ORDER, Step.DELIVERY)
"""What a blocked partner or item is left out of; what was delivered is still invoiced."""


def refuse_blocked(kind: Kind, partner: Partner, path: Path) -> None:
    """Raise PartnerBlocked for new business with a blocked partner."""
    if kind.step in NEW_BUSINESS and partner.blocked_reason is not None:
        raise PartnerBlocked(partner=partner.name, reason=partner.blocked_reason, path=path)


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """Whom a document names in a role: `address` is one typed on the document, else his own."""

    partner: Partner
    address: Address | None = None

    def checked(self, kind: Kind, role: PartyRole, path: Path) -> "PartyDraft":
        """Return this party if `kind` may name it.

        Raises PartnerBlocked for new business with a blocked partner, AddressNotTyped for a
        one-time partner without an address (a payment needs none), and AddressFixed for an address
        typed for another (goods may go anywhere).
        """
        refuse_blocked(kind, self.partner, path)
        if role is PartyRole.SHIP_TO:
            return self
        if self.partner.is_one_time and self.address is None and kind.has_lines:
            raise AddressNotTyped(path=path)
        if self.address is not None and not self.partner.is_one_time:
            raise AddressFixed(partner=self.partner.name, path=path)
        return self

    def address_for(self, role: PartyRole) -> Address:
        """Return the typed address, or that of the partner for this role."""
        if self.address is not None:
            return self.address
        match role:
            case PartyRole.BILL_TO:
                return self.partner.billing_address
            case PartyRole.SHIP_TO:
                return self.partner.shipping_address
            case _:
                return self.partner.address


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as asked for; references are resolved by the unit of work beforehand.

    `parties` holds every role of the kind. Fields that a kind does not have are left out.
    `tax_tolerance` is by how much stated net or tax of a rate may differ from ours untold.
    """

    issue_date: date
    lines: tuple[LineDraft, ...]
    parties: Mapping[PartyRole, PartyDraft]
    items: Mapping[UUID, Item] = field(default_factory=dict)
    currency: str = "EUR"
    exchange: Exchange | None = None
    price_basis: PriceBasis = PriceBasis.NET
    allowances: tuple[Allowance, ...] = ()
    invoice_type: InvoiceType | None = None
    prepayments: tuple["Document", ...] = ()
    stated_taxes: tuple[StatedTax, ...] = ()
    tax_tolerance: Decimal = TOLERANCE_PER_RATE
    supply_date: date | None = None
    supply_until: date | None = None
    bonus_from: date | None = None
    bonus_until: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    requested_date: date | None = None
    payment_days: int | None = None
    discounts: tuple[Discount, ...] | None = None
    branch: tuple[UUID, str] | None = None
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
        return self.supply_until or self.supply_date or self.bonus_until or self.issue_date


def check_issue_date(day: date, today: date) -> None:
    """Raise DateOutOfRange for an issue date that nobody means."""
    checked_day(day, today + timedelta(days=DAYS_AHEAD_MAX), input_path("issue_date"))


def check_dates(draft: DocumentDraft, today: date) -> None:
    """Raise DateOutOfRange, Required, or the problem of a period that is reversed."""
    near = today + timedelta(days=DAYS_AHEAD_MAX)
    far = today + timedelta(days=DAYS_AHEAD_MAX * YEARS_OF_VALIDITY_MAX)
    for names, latest in (
        (("issue_date", "supply_date", "supply_until", "bonus_from", "bonus_until"), near),
        (("valid_from", "valid_until", "requested_date"), far),
    ):
        for name in names:
            day: date | None = getattr(draft, name)
            if day is not None:
                checked_day(day, latest, input_path(name))
    check_supply(draft.supply_date, draft.supply_until)
    if draft.valid_until and draft.valid_until < (draft.valid_from or draft.issue_date):
        raise ValidityReversed(path=input_path("valid_until"))
    check_bonus(draft)


def check_supply(start: date | None, until: date | None) -> None:
    """Raise Required or SupplyPeriodReversed for a period without start, or that ends before it."""
    if until and not start:
        raise Required(path=input_path("supply_date"))
    if until and start and until < start:
        raise SupplyPeriodReversed(path=input_path("supply_until"))


def _text(length_max: int) -> Callable[[str | None, Path], str | None]:
    return lambda text, path: optional_text(text, length_max, path)


def _as_it_is(value: Any, path: Path) -> Any:
    return value


def _percent(value: Decimal | None, path: Path) -> Decimal | None:
    return checked_percent(value, path) if value else value


HEADER: dict[str, Callable[[Any, Path], Any]] = {
    "supply_date": _as_it_is,
    "supply_until": _as_it_is,
    "bonus_from": _as_it_is,
    "bonus_until": _as_it_is,
    "valid_from": _as_it_is,
    "valid_until": _as_it_is,
    "requested_date": _as_it_is,
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
    return {**header, **_terms_of(kind, draft)}


def _terms_of(kind: Kind, draft: DocumentDraft) -> dict[str, Any]:
    """Return payment days and cash discount, as asked for or as agreed with who pays.

    Raises PaymentDaysOutOfRange, TooManyDiscountSteps or DiscountStepsUnordered.
    """
    if "payment_days" not in kind.fields:
        return dict.fromkeys(TERMS)
    agreed = draft.parties[payer(kind)].partner.terms()
    days = agreed.due_days if draft.payment_days is None else draft.payment_days
    checked_payment_days(days, input_path("payment_days"))
    steps = draft.discounts
    if steps is None:  # what was agreed holds for the agreed days alone
        steps = agreed.discounts if days == agreed.due_days else ()
    checked_discounts(steps, days, input_path("discounts"))
    return kept_terms(Terms(days, tuple(steps)))


def kept_terms(terms: Terms) -> dict[str, Any]:
    """Return payment terms as a document keeps them, by the names of TERMS."""
    first, second = (*terms.discounts, None, None)[:2]
    return {
        "payment_days": terms.due_days,
        "discount_days": first and first.days,
        "discount_percent": first and first.percent,
        "discount2_days": second and second.days,
        "discount2_percent": second and second.percent,
    }


TERMS = ("payment_days", "discount_days", "discount_percent", "discount2_days", "discount2_percent")
"""When it is due, and what an early payer may deduct (Skonto), in up to two steps."""


def payer(kind: Kind) -> PartyRole:
    """Return the role whose account a document of `kind` concerns."""
    return PartyRole.BILL_TO if PartyRole.BILL_TO in kind.parties else PartyRole.SUPPLIER


def input_path(name: str) -> Path:
    """Return the place of a field of the draft in the input that asked for it."""
    head, *tail = name.split("_")
    return ("input", head + "".join(word.title() for word in tail))
