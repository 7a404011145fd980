"""The tax of a line is proposed, not typed: the table decides, a person may override with a reason.

Sources: the sections of law named in the rows of `rules`; nothing here is tax advice.
"""

from dataclasses import dataclass
from decimal import Decimal

from domain.problems import Path, Problem
from domain.tax.categories import REASON_LENGTH_MAX, TaxCategory
from domain.tax.countries import HOME, Area
from domain.tax.question import ItemTaxClass, Side, TaxCase, TaxQuestion, case_of
from domain.tax.rates import EARLIEST, RateName, TaxDateTooEarly, rate_named
from domain.tax.reasons import TaxReason, TaxWarning, TaxWhy, why
from domain.tax.rules import Rule, rule_for
from domain.text import Required, optional_text

_RATE_OF_ITEM = {ItemTaxClass.REDUCED: RateName.REDUCED}  # all others: the standard rate


class TaxOverrideReasonMissing(Problem):
    """{proposed} is proposed; to write {chosen} instead, say why."""

    proposed: str
    chosen: str


@dataclass(frozen=True, slots=True)
class TaxProposal:
    """A tax for a line: `rate` in percent, None for O; `reason_text` explains missing tax (BT-120).

    `statement` is what must be printed beside a flat rate, `warning` what a person should look at.
    `why` tells which row of the table it was.
    """

    category: TaxCategory
    rate: Decimal | None
    reason_text: str | None
    why: TaxWhy
    statement: str | None = None
    warning: TaxWarning | None = None


@dataclass(frozen=True, slots=True)
class TaxChoice:
    """What a person wrote instead of the proposal."""

    category: TaxCategory
    rate: Decimal | None

    @property
    def words(self) -> str:
        """Category and rate as people say them, such as "S 7.8 %"."""
        return _named(self.category, self.rate)


def propose(question: TaxQuestion, path: Path = ()) -> TaxProposal:
    """Return the tax of a line by the table in `rules`.

    Raises TaxDateTooEarly for a supply before the known rates, and Required where we write the
    invoice for a supplier whose tax class is not known.

    >>> from datetime import date
    >>> from domain.tax.question import PartnerKind
    >>> found = propose(TaxQuestion(
    ...     item=ItemTaxClass.REDUCED, is_service=False, partner_kind=PartnerKind.BUSINESS,
    ...     partner_country="AT", vat_id="ATU12345678", ship_to="AT",
    ...     supply_date=date(2026, 8, 1)))
    >>> found.category.value, found.rate
    ('K', Decimal('0'))
    >>> found.why.sentence("en")
    'Intra-community supply: goods from DE to AT, buyer has VAT id ATU12345678.'
    """
    on = question.supply_date
    if on < EARLIEST:
        raise TaxDateTooEarly(earliest=EARLIEST.isoformat(), date=on.isoformat(), path=path)
    if question.side is Side.SELF_BILLED and question.supplier is None:
        raise Required(path=path)
    case = case_of(question)
    rule = rule_for(case, on)
    rate = _rate(rule, question)
    is_items_own = rule.why is TaxReason.EXEMPT
    return TaxProposal(
        category=rule.category,
        rate=rate,
        reason_text=question.exemption if is_items_own else rule.words,
        why=why(rule.why, *_facts(question, rate)),
        statement=rule.statement and rule.statement.format(rate=_percent(rate, ",")),
        warning=_warning(rule, case, question),
    )


def _rate(rule: Rule, question: TaxQuestion) -> Decimal | None:
    if rule.category is TaxCategory.S:
        of_item = _RATE_OF_ITEM.get(question.item, RateName.STANDARD)
        return rate_named(rule.rate or of_item, question.supply_date)
    return None if rule.category is TaxCategory.O else Decimal(0)


def _warning(rule: Rule, case: TaxCase, question: TaxQuestion) -> TaxWarning | None:
    """Return what the row warns of, or else what makes any row doubtful."""
    if rule.warning is not None:
        return rule.warning
    if case.side is Side.SELF_BILLED and question.partner_country != HOME:
        return TaxWarning.SUPPLIER_ABROAD
    if case.side is Side.SALES and case.origin is not Area.HOME:
        return TaxWarning.FOREIGN_TAX_NOT_SUPPORTED
    if rule.why is TaxReason.EXEMPT and not question.exemption:
        return TaxWarning.EXEMPTION_NOT_NAMED
    return None


def _facts(question: TaxQuestion, rate: Decimal | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return the facts of the sentences, for English and for German readers."""
    on = question.supply_date
    shared = {
        "ship_from": question.ship_from,
        "ship_to": question.ship_to,
        "country": question.partner_country,
        "vat_id": question.vat_id or "-",
        "exemption": question.exemption or "-",
    }
    return (
        {**shared, "rate": _percent(rate, "."), "date": on.isoformat()},
        {**shared, "rate": _percent(rate, ","), "date": f"{on:%d.%m.%Y}"},
    )


def _percent(rate: Decimal | None, point: str) -> str:
    return "-" if rate is None else f"{rate.normalize():f}".replace(".", point)


def check_override(
    proposal: TaxProposal, chosen: TaxChoice, reason: str | None, path: Path = ()
) -> str | None:
    """Return the reason why another tax was chosen, None where it is the proposed one.

    Raises TaxOverrideReasonMissing for another category or rate without a reason, TooLong or
    UnprintableText for a reason that cannot be kept.
    """
    if (chosen.category, chosen.rate) == (proposal.category, proposal.rate):
        return None
    text = optional_text(reason, REASON_LENGTH_MAX, path)
    if text is None:
        raise TaxOverrideReasonMissing(
            proposed=_named(proposal.category, proposal.rate),
            chosen=_named(chosen.category, chosen.rate),
            path=path,
        )
    return text


def _named(category: TaxCategory, rate: Decimal | None) -> str:
    return category.value if rate is None else f"{category} {_percent(rate, '.')} %"
