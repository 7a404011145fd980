"""Payment terms (Zahlungsbedingungen): when an invoice is due, and what an early payer may deduct.

Cash discount (Skonto) is a possible later reduction: it changes no posted total, net and tax shrink
when it is taken [section 17 (1) UStG].
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from domain.journal import Recorder
from domain.money import MustBePositive, NotANumber, TooLarge, TooPrecise
from domain.problems import Path, Problem
from domain.text import checked_text

PAYMENT_DAYS_MAX = 365
DISCOUNT_STEPS_MAX = 2
PERCENT_DECIMALS_MAX = 2  # XRechnung writes PROZENT=2.00 [BR-DE-18]


class PaymentDaysOutOfRange(Problem):
    """Payment terms are 0 to {days_max} days."""

    days_max: int


class TooManyDiscountSteps(Problem):
    """Payment terms have at most {steps_max} steps of cash discount."""

    steps_max: int


class DiscountStepsUnordered(Problem):
    """A later step of cash discount has more days and a lower percentage, and all come before the due date."""  # noqa: E501  one sentence for the user


class DuplicatePaymentTerms(Problem):
    """There are already payment terms with the code {terms_code}."""

    terms_code: str


@dataclass(frozen=True, slots=True)
class Discount:
    """Who pays within `days` of the issue date may deduct `percent` of the gross amount."""

    days: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What a document takes over: due `due_days` after its issue date, with steps of Skonto."""

    due_days: int
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentTermsDraft:
    """Payment terms as asked for; names are what stands on documents in each language."""

    code: str
    name_de: str
    name_en: str
    due_days: int
    steps: tuple[Discount, ...] = ()


class PaymentTermsStep:
    """A stored step of cash discount."""

    tenant_id: UUID
    payment_terms_id: UUID
    position: int
    days: int
    percent: Decimal

    def __init__(self, terms: "PaymentTerms", position: int, step: Discount) -> None:
        self.tenant_id = terms.tenant_id
        self.payment_terms_id = terms.id
        self.position = position
        self.days = step.days
        self.percent = step.percent


class PaymentTerms(Recorder):
    """Payment terms of the company, by which partners pay; documents keep what they said."""

    entity_type = "payment_terms"

    id: UUID
    tenant_id: UUID
    code: str
    name_de: str
    name_en: str
    due_days: int
    steps: list[PaymentTermsStep]
    version: int

    def __init__(self, *, id: UUID, tenant_id: UUID, draft: PaymentTermsDraft) -> None:
        self.id = id
        self.tenant_id = tenant_id
        self.steps = []
        self._take(draft)
        self.record("PaymentTermsCreated", action="CREATE")

    def update(self, draft: PaymentTermsDraft, *, at: datetime) -> None:
        """Replace the whole content; partners with these terms pay by the new ones from now on."""
        self.updated_at = at
        self._take(draft)
        self.record("PaymentTermsUpdated", action="UPDATE")

    def terms(self) -> Terms:
        """Return what a document takes over."""
        return Terms(self.due_days, tuple(Discount(step.days, step.percent) for step in self.steps))

    def _take(self, draft: PaymentTermsDraft) -> None:
        code = checked_text(draft.code, 20, ("input", "code"))
        name_de = checked_text(draft.name_de, 100, ("input", "nameDe"))
        name_en = checked_text(draft.name_en, 100, ("input", "nameEn"))
        due_days = checked_payment_days(draft.due_days, ("input", "dueDays"))
        steps = checked_discounts(draft.steps, due_days, ("input", "steps"))
        self.code, self.name_de, self.name_en, self.due_days = code, name_de, name_en, due_days
        self.steps[:] = [PaymentTermsStep(self, place, step) for place, step in enumerate(steps, 1)]


def checked_payment_days(days: int, path: Path) -> int:
    """Return the days until payment is due. Raises PaymentDaysOutOfRange."""
    if not 0 <= days <= PAYMENT_DAYS_MAX:
        raise PaymentDaysOutOfRange(days_max=PAYMENT_DAYS_MAX, path=path)
    return days


def checked_discounts(
    steps: tuple[Discount, ...], due_days: int, path: Path
) -> tuple[Discount, ...]:
    """Return steps of cash discount. Raises TooManyDiscountSteps or DiscountStepsUnordered."""
    if len(steps) > DISCOUNT_STEPS_MAX:
        raise TooManyDiscountSteps(steps_max=DISCOUNT_STEPS_MAX, path=path)
    for place, step in enumerate(steps):
        checked_payment_days(step.days, (*path, str(place), "days"))
        checked_percent(step.percent, (*path, str(place), "percent"))
    days = [step.days for step in steps]
    percents = [step.percent for step in steps]
    in_order = days == sorted(set(days)) and percents == sorted(set(percents), reverse=True)
    if not in_order or any(day >= due_days for day in days):
        raise DiscountStepsUnordered(path=path)
    return steps


def checked_percent(percent: Decimal, path: Path) -> Decimal:
    """Return a percentage above 0 and below 100 with at most two decimals.

    Raises NotANumber, MustBePositive, TooLarge or TooPrecise.
    """
    if not percent.is_finite():
        raise NotANumber(path=path)
    if percent <= 0:
        raise MustBePositive(path=path)
    if percent >= 100:
        raise TooLarge(limit="100", path=path)
    if percent != percent.quantize(Decimal(1).scaleb(-PERCENT_DECIMALS_MAX)):
        raise TooPrecise(decimals_max=PERCENT_DECIMALS_MAX, path=path)
    return percent
