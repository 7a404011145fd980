"""Tax categories, what they demand of a line, and the breakdown by group.

Sources: EN 16931 code list UNTDID 5305, sections 4, 12, 13b, 19 and 24 UStG.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.money import rounded
from domain.problems import Path, Problem
from domain.tax.rates import rates_on
from domain.text import Required


class TaxCategory(StrEnum):
    """Tax category of a line [UNTDID 5305]."""

    S = "S"
    Z = "Z"
    E = "E"
    AE = "AE"
    K = "K"
    G = "G"
    O = "O"  # noqa: E741  the code of the standard


EXEMPTION_TEXT: dict[TaxCategory, str] = {
    TaxCategory.AE: "Steuerschuldnerschaft des Leistungsempfängers",
    TaxCategory.K: "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1b, § 6a UStG)",
    TaxCategory.G: "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1a, § 6 UStG)",
    TaxCategory.O: "Nicht steuerbar",
}
"""What stands on the invoice where no tax is shown; E has several reasons and must name one."""

REASON_LENGTH_MAX = 400  # with the words of the law still within the column's 500
_BOTH_TAX_IDS = {TaxCategory.AE, TaxCategory.K}


class TaxRateUnknown(Problem):
    """{rate} % is no rate of category {category} on {date}; possible: {possible_rates}."""

    rate: str
    category: str
    date: str
    possible_rates: str


class ExemptionReasonMissing(Problem):
    """Category {category} shows no tax, so the invoice must say why (section 14 (4) no. 8 UStG)."""

    category: str


class TaxIdMissing(Problem):
    """Category {category} needs the VAT id of {party} (section 14a UStG)."""

    category: str
    party: str


class TaxCategoriesMixed(Problem):
    """Category O cannot stand beside another category in one invoice (EN 16931 BR-O-11)."""


def possible_rates(category: TaxCategory, on: date) -> frozenset[Decimal]:
    """Return the rates of `category` for a supply on that day; O has none at all."""
    if category is not TaxCategory.S:
        return frozenset() if category is TaxCategory.O else frozenset({Decimal(0)})
    return rates_on(on)


def checked_rate(
    category: TaxCategory, rate: Decimal | None, on: date, path: Path
) -> Decimal | None:
    """Return the rate to store: as given for S, 0 for the others, none for O.

    Raises Required where S has no rate, TaxRateUnknown where it is none of that day.
    """
    possible = possible_rates(category, on)
    if rate is None and category is not TaxCategory.S:
        return None if category is TaxCategory.O else Decimal(0)
    if rate is None:
        raise Required(path=path)
    if rate not in possible:
        raise TaxRateUnknown(
            rate=f"{rate.normalize():f}",
            category=category,
            date=on.isoformat(),
            possible_rates=", ".join(f"{each.normalize():f}" for each in sorted(possible)) or "-",
            path=path,
        )
    return rate


def checked_reason(category: TaxCategory, reason: str | None, path: Path) -> str | None:
    """Return the words that explain missing tax. Raises ExemptionReasonMissing for a bare E.

    Those of reverse charge are fixed by law, a reason of one's own stands beside them
    [section 14a (5) UStG].
    """
    if category in (TaxCategory.S, TaxCategory.Z):
        return None
    words = EXEMPTION_TEXT.get(category)
    if category is TaxCategory.AE and reason and words and words not in reason:
        return f"{words} ({reason})"
    text = reason or words
    if text is None:
        raise ExemptionReasonMissing(category=category, path=path)
    return text


def average_rate(category: TaxCategory, rate: Decimal) -> bool:
    """Say whether a rate is an average one of farmers or foresters [section 24 (1) UStG].

    >>> average_rate(TaxCategory.S, Decimal("7.8")), average_rate(TaxCategory.S, Decimal(19))
    (True, False)
    """
    return category is TaxCategory.S and rate not in _REGULAR_RATES


_REGULAR_RATES = frozenset(map(Decimal, ("19", "7", "16", "5")))
"""The rates of section 12 UStG since 2007; every other rate of category S is an average one."""


def needs_both_tax_ids(category: TaxCategory) -> bool:
    """Say whether seller and buyer must both show a VAT id [section 14a (1), (3), (5) UStG]."""
    return category in _BOTH_TAX_IDS


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """One line of the breakdown: `basis` net and `tax` in the document's currency (BG-23)."""

    category: TaxCategory
    rate: Decimal | None
    basis: Decimal
    tax: Decimal
    reason: str | None


def breakdown(
    lines: Iterable[tuple[TaxCategory, Decimal | None, Decimal, str | None]],
) -> tuple[TaxGroup, ...]:
    """Group (category, rate, net, reason) of lines; tax per group, never per line (BR-CO-17).

    >>> [str(g.tax) for g in breakdown([(TaxCategory.S, Decimal(19), Decimal("0.03"), None)] * 3)]
    ['0.02']
    """
    basis: dict[tuple[TaxCategory, Decimal | None], Decimal] = defaultdict(Decimal)
    reasons: dict[tuple[TaxCategory, Decimal | None], str | None] = {}
    for category, rate, net, reason in lines:
        basis[category, rate] += net
        reasons.setdefault((category, rate), reason)
    return tuple(
        TaxGroup(
            category=category,
            rate=rate,
            basis=net,
            tax=rounded(net * (rate or Decimal(0)) / 100),
            reason=reasons[category, rate],
        )
        for (category, rate), net in sorted(
            basis.items(), key=lambda group: (group[0][0], -(group[0][1] or Decimal(-1)))
        )
    )
