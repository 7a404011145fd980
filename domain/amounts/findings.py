"""Received documents keep what they state; what we calculate beside it is a finding, no correction.

Source: section 15 (1) no. 1 UStG asks for a correct invoice, so differences are shown to a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from babel import Locale
from babel.numbers import format_decimal

from domain.amounts.shares import NOTHING
from domain.tax import TaxGroup

TOLERANCE_PER_RATE = Decimal("0.02")
"""What net or tax of a rate may differ by before it is told; a tenant may choose another one."""


class TaxDifference(StrEnum):
    """How the stated tax of a rate differs from ours."""

    NET = "NET"  # the net amount differs
    TAX = "TAX"  # the tax differs
    NOT_STATED = "NOT_STATED"  # our lines have the rate, the breakdown does not
    NOT_CALCULATED = "NOT_CALCULATED"  # the breakdown has the rate, no line does


@dataclass(frozen=True, slots=True)
class StatedTax:
    """Net and tax of one rate as the document states them; rate 0 or None for no tax."""

    rate: Decimal | None
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class TaxFinding:
    """One difference: what is stated and what we calculate for a rate in percent."""

    kind: TaxDifference
    rate: Decimal
    stated: Decimal
    calculated: Decimal

    def sentence(self, language: str) -> str:
        """Return the difference in German for "de" and else in English; amounts without currency.

        >>> TaxFinding(
        ...     TaxDifference.TAX, Decimal("19.0000"), Decimal("19.03"), Decimal("19.00")
        ... ).sentence("de")
        'Für den Steuersatz 19 % ist eine Steuer von 19,03 angegeben, wir errechnen 19,00.'
        """
        english, german = _SENTENCES[self.kind]
        locale = Locale.parse("de" if language == "de" else "en")
        return (german if language == "de" else english).format(
            rate=format_decimal(self.rate, locale=locale),
            stated=format_decimal(self.stated, "#,##0.00", locale=locale),
            calculated=format_decimal(self.calculated, "#,##0.00", locale=locale),
        )


_SENTENCES: dict[TaxDifference, tuple[str, str]] = {
    TaxDifference.NET: (
        "For the tax rate {rate} % a net amount of {stated} is stated, we calculate {calculated}.",
        "Für den Steuersatz {rate} % ist ein Nettobetrag von {stated} angegeben, wir errechnen"
        " {calculated}.",
    ),
    TaxDifference.TAX: (
        "For the tax rate {rate} % a tax of {stated} is stated, we calculate {calculated}.",
        "Für den Steuersatz {rate} % ist eine Steuer von {stated} angegeben, wir errechnen"
        " {calculated}.",
    ),
    TaxDifference.NOT_STATED: (
        "The tax rate {rate} % is not stated, but lines over {calculated} with tax have it.",
        "Der Steuersatz {rate} % ist nicht angegeben, aber Positionen über {calculated} brutto"
        " haben ihn.",
    ),
    TaxDifference.NOT_CALCULATED: (
        "The tax rate {rate} % is stated with {stated} including tax, but no line has it.",
        "Der Steuersatz {rate} % ist mit {stated} brutto angegeben, aber keine Position hat ihn.",
    ),
}


def tax_findings(
    stated: Iterable[StatedTax],
    calculated: Iterable[TaxGroup],
    tolerance: Decimal = TOLERANCE_PER_RATE,
) -> tuple[TaxFinding, ...]:
    """Return where net or tax of a rate differ by more than `tolerance`, by falling rate.

    Categories do not matter here, only rates: all that shows no tax counts as rate 0.

    >>> from domain.tax import TaxCategory
    >>> ours = [TaxGroup(TaxCategory.S, Decimal(19), Decimal("100.00"), Decimal("19.00"), None)]
    >>> tax_findings([StatedTax(Decimal(19), Decimal("100.02"), Decimal("19.00"))], ours)
    ()
    >>> [found] = tax_findings([StatedTax(Decimal(19), Decimal("100.00"), Decimal("19.03"))], ours)
    >>> found.kind.value, str(found.stated), str(found.calculated)
    ('TAX', '19.03', '19.00')
    """
    theirs = _by_rate((each.rate, each.net, each.tax) for each in stated)
    ours = _by_rate((each.rate, each.basis, each.tax) for each in calculated)
    return tuple(
        finding
        for rate in sorted({*theirs, *ours}, reverse=True)
        for finding in _of_rate(rate, theirs.get(rate), ours.get(rate))
        if abs(finding.stated - finding.calculated) > tolerance
    )


def _by_rate(
    amounts: Iterable[tuple[Decimal | None, Decimal, Decimal]],
) -> dict[Decimal, tuple[Decimal, Decimal]]:
    found: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for rate, net, tax in amounts:
        known = found.get(rate or NOTHING, (NOTHING, NOTHING))
        found[rate or NOTHING] = (known[0] + net, known[1] + tax)
    return found


def _of_rate(
    rate: Decimal,
    stated: tuple[Decimal, Decimal] | None,
    calculated: tuple[Decimal, Decimal] | None,
) -> tuple[TaxFinding, ...]:
    if stated is None or calculated is None:
        kind = TaxDifference.NOT_STATED if stated is None else TaxDifference.NOT_CALCULATED
        net_and_tax = (sum(stated or ()), sum(calculated or ()))
        return (TaxFinding(kind, rate, *(NOTHING + each for each in net_and_tax)),)
    return tuple(
        TaxFinding(kind, rate, theirs, ours)
        for kind, theirs, ours in zip(
            (TaxDifference.NET, TaxDifference.TAX), stated, calculated, strict=True
        )
    )
