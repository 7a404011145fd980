"""How amounts, quantities, dates and countries are written for a reader; words: labels.toml."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from domain.identity import Language
from domain.items import Unit
from domain.money import EXACT
from domain.tax import EXEMPTION_TEXT, TaxCategory

_WORDS: dict[str, dict[str, Any]] = tomllib.loads(
    files("domain.printing").joinpath("labels.toml").read_text(encoding="utf-8")
)


_SMALLEST_PRICE = -2


def _is_agreed(quantity: Decimal) -> bool:
    """Say whether prices are agreed for such a quantity: a power of ten."""
    return quantity.normalize().as_tuple().digits == (1,)


def _exponent(price: Decimal) -> int:
    exponent = price.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True)
class Wording:
    """The words and formats of one language; amounts are in `currency`.

    Some words are those of a `layout`: what is a number elsewhere is the "Rechnungsnummer" there.
    """

    language: Language
    currency: str
    layout: str = ""

    @property
    def _words(self) -> dict[str, Any]:
        return _WORDS[self.language]

    @property
    def _locale(self) -> Locale:
        return Locale.parse(self._words["locale"])

    @property
    def labels(self) -> dict[str, str]:
        """Single words and short sentences by name."""
        plain = {name: text for name, text in self._words.items() if isinstance(text, str)}
        of_layout: dict[str, str] = self._words["of"].get(self.layout, {})
        return plain | of_layout

    def title(self, kind: str, *, is_cancellation: bool = False) -> str:
        """Head a document of `kind`.

        >>> Wording(Language.DE, "EUR").title("DELIVERY_NOTE", is_cancellation=True)
        'Lieferschein (Storno)'
        """
        title: str = self._words["title"][kind]
        if not is_cancellation:
            return title
        cancelled: str | None = self._words["cancelled"].get(kind)
        return cancelled or self.labels["cancellation"].format(title=title)

    def named(self, kind: str) -> str:
        """Name a document of `kind` inside another one."""
        name: str | None = self._words["named"].get(kind)
        return name or self.title(kind)

    def money(self, amount: Decimal) -> str:
        """Write an amount with its cents.

        >>> Wording(Language.DE, "EUR").money(Decimal("1234.56"))
        '1.234,56\\xa0€'
        """
        return format_currency(amount, self.currency, locale=self._locale)

    def price(self, price: Decimal) -> str:
        """Write a unit price: at least two decimals, and all that it has."""
        pattern = self._locale.currency_formats["standard"].pattern.replace("0.00", "0.00####")
        return format_currency(
            price, self.currency, format=pattern, locale=self._locale, currency_digits=False
        )

    def number(self, number: Decimal) -> str:
        """Write a number without trailing zeros."""
        return format_decimal(number, format="#,##0.######", locale=self._locale)

    def quantity(self, quantity: Decimal, unit: Unit) -> str:
        """Write a quantity with its unit.

        >>> Wording(Language.DE, "EUR").quantity(Decimal("2.500000"), Unit.TONNE)
        '2,5 t'
        """
        return f"{self.number(quantity)} {self._unit(unit)}"

    def price_per(self, price: Decimal, quantity: Decimal, unit: Unit) -> str:
        """Write a price for `quantity` units; for one unit the price alone says it.

        Prices are agreed for 1, 10, 100 or 1000 of something. Any other quantity comes of one unit
        turned into another (95.00 EUR for 100 kg, sold in bags of 25 kg): where the price of one is
        exact in its decimals, that is what a reader expects.

        >>> Wording(Language.DE, "EUR").price_per(Decimal("95"), Decimal(4), Unit.BAG)
        '23,75\\xa0€'
        >>> Wording(Language.DE, "EUR").price_per(Decimal("19.9"), Decimal(100), Unit.PIECE)
        '19,90\\xa0€ / 100\\xa0Stück'
        """
        if not _is_agreed(quantity):
            each = EXACT.divide(price, quantity)
            decimals = Decimal(1).scaleb(min(_SMALLEST_PRICE, _exponent(price)))
            if EXACT.multiply(each.quantize(decimals), quantity) == price:
                price, quantity = each.quantize(decimals), Decimal(1)
        if quantity == 1:
            return self.price(price)
        return self.labels["per"].format(
            price=self.price(price), quantity=self.number(quantity), unit=self._unit(unit)
        )

    def _unit(self, unit: Unit) -> str:
        return str(self._words["units"][unit])

    def percent(self, rate: Decimal) -> str:
        """Write a rate given in percent."""
        return self.labels["percent"].format(rate=self.number(rate))

    def day(self, day: date) -> str:
        """Write a date."""
        return format_date(day, format=self.labels["day"], locale=self._locale)

    def period(self, start: date, end: date) -> str:
        """Write a period with both its days."""
        return self.labels["period"].format(start=self.day(start), end=self.day(end))

    def country(self, code: str) -> str:
        """Write a country as the last line of an address (DIN 5008: in capitals)."""
        return str(self._locale.territories.get(code, code)).upper()

    def tax(self, category: TaxCategory, rate: Decimal | None) -> str:
        """Name a group of the tax breakdown."""
        name: str = self._words["tax"][category]
        return name.format(rate=self.percent(rate or Decimal(0)))

    def exemption(self, category: TaxCategory, reason: str) -> str:
        """Word why no tax is shown; the German words of the law stand in every language."""
        translated: str | None = self._words["exemption"].get(category)
        if translated is None or reason != EXEMPTION_TEXT.get(category):
            return reason
        return translated.format(german=reason)

    def allowance(self, *, is_charge: bool, percent: Decimal | None, reason: str | None) -> str:
        """Name an allowance or a charge.

        >>> Wording(Language.DE, "EUR").allowance(
        ...     is_charge=False, percent=Decimal(3), reason="Messerabatt")
        'abzüglich 3\\xa0% Messerabatt'
        """
        name = self.labels["charge" if is_charge else "allowance"]
        share = self.percent(percent) if percent is not None else ""
        return " ".join(each for each in (name, share, reason or "") if each)

    def payment(self, name: str, **facts: str) -> str:
        """Return the sentence `name` about the payment."""
        sentence: str = self._words["payment"][name]
        return sentence.format_map(facts)
