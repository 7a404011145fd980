"""What the three-way match found, as sentences for the people who decide about the payment."""

from collections.abc import Mapping
from decimal import Decimal

from domain.documents.matching import Deviation, Finding
from domain.money import rounded

_SENTENCES: Mapping[Deviation, tuple[str, str]] = {
    Deviation.QUANTITY: (
        "Line {position}: {found} were invoiced, {expected} were received.",
        "Position {position}: {found} berechnet, {expected} eingegangen.",
    ),
    Deviation.PRICE: (
        "Line {position}: the price is {found_price} instead of {expected_price},"
        " net sum {found} instead of {expected}.",
        "Position {position}: Der Preis ist {found_price} statt {expected_price},"
        " Nettosumme {found} statt {expected}.",
    ),
    Deviation.CHARGE: (
        "Line {position}: charges of {found}, agreed are {expected}.",
        "Position {position}: Nebenkosten von {found}, vereinbart sind {expected}.",
    ),
    Deviation.NOT_ORDERED: (
        "Line {position}: nobody ordered it, {found} net.",
        "Position {position}: nicht bestellt, {found} netto.",
    ),
}
_SAME_PRICE = (
    "Line {position}: net sum {found} instead of {expected}.",
    "Position {position}: Nettosumme {found} statt {expected}.",
)
_ON_THE_WHOLE = (
    "Charges on the whole document of {found}, agreed are {expected}.",
    "Zuschläge auf den ganzen Beleg von {found}, vereinbart sind {expected}.",
)


def sentence(finding: Finding, language: str) -> str:
    """Return a finding in German for "de" and else in English.

    >>> found = Finding(1, Deviation.QUANTITY, Decimal("2.5"), Decimal(3), True)
    >>> sentence(found, "de")
    'Position 1: 3 berechnet, 2,5 eingegangen.'
    """
    is_german = language == "de"
    is_quantity = finding.deviation is Deviation.QUANTITY
    facts = {
        "expected": finding.expected if is_quantity else rounded(finding.expected),
        "found": finding.found if is_quantity else rounded(finding.found),
        "expected_price": _in_cents(finding.expected_price),
        "found_price": _in_cents(finding.found_price),
    }
    shown = {name: _shown(number, is_german=is_german) for name, number in facts.items()}
    return _template(finding)[is_german].format(position=finding.position, **shown)


def _template(finding: Finding) -> tuple[str, str]:
    if finding.position == 0:
        return _ON_THE_WHOLE
    if finding.deviation is Deviation.PRICE and finding.expected_price == finding.found_price:
        return _SAME_PRICE
    return _SENTENCES[finding.deviation]


def _shown(number: Decimal, *, is_german: bool) -> str:
    text = f"{number:f}"
    return text.replace(".", ",") if is_german else text


def _in_cents(price: Decimal | None) -> Decimal:
    """Return a price with two decimals, or with as many as it has."""
    price = price or Decimal(0)
    return rounded(price) if price == rounded(price) else price


def block_sentence(block: str, sentences: Mapping[str, str]) -> str:
    """Return why a payment is blocked; what somebody wrote by hand stays as it is.

    `sentences` are those of the findings by the names that a block gives them.

    >>> block_sentence("PRICE 1", {"PRICE 1": "Line 1: too dear."})
    'Line 1: too dear.'
    >>> block_sentence("Paletten zuerst zurück", {})
    'Paletten zuerst zurück'
    """
    names = block.split(", ")
    if not any(name in sentences for name in names):
        return block
    return " ".join(sentences.get(name, name) for name in names)
