"""Whatever may be posted can be printed: posting and printing ask for the same."""

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from domain.documents.amounts import InvoiceType
from domain.documents.document import Document
from domain.documents.drafts import DocumentDraft, LinesMissing, PartyDraft
from domain.documents.kinds import KINDS, ApprovalMode
from domain.documents.lines import LineDraft, LineKind
from domain.documents.posting import Conditions, SupplierTaxNumberMissing
from domain.items import Unit
from domain.partners import Partner, TaxClass, TaxClassEntry
from domain.printing.mandatory import missing_contents
from domain.problems import Problem
from domain.tax import TaxCategory

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import (
    PRINTED,
    SELF_BILLED,
    a_cancellation,
    a_document,
    contents,
    reference_to,
    words,
)
from sample_invoice import AUTHOR, EN, NOW, SELLER, TENANT, a_partner

ADDRESS = ("Elke Brandt", "Weg 1", "25704", "Meldorf")
DAY = date(2026, 11, 20)
ABROAD = a_partner(31, "Hof Jansen", "Dijk 1", "9731", "Wedde", "NL", vat_id="NL853746333B01")
INVOICE_TYPES = {"SALES_INVOICE": (None, *InvoiceType)}
LEAST: dict[str, dict[str, Any]] = {
    kind: {
        name: DAY
        for name in KINDS[kind].required_to_post
        if name in ("supply_date", "valid_from", "valid_until")
    }
    for kind in PRINTED
}
RATES = {TaxCategory.S: (Decimal(19), Decimal(7), Decimal("7.8")), TaxCategory.Z: (Decimal(0),)}


def a_line(category: TaxCategory, rate: Decimal | None, **said: Any) -> LineDraft:
    reason = "§ 4 UStG" if category is TaxCategory.E else None
    return LineDraft(
        uuid4(),
        Decimal(1),
        description="Ware",
        unit=Unit.TONNE,
        unit_price=Decimal(200),
        tax_category=category,
        tax_rate=rate,
        exemption_reason=reason,
        **said,
    )


def posted(kind: str, partner: Partner, *lines: LineDraft, **said: Any) -> Document:
    """Post a document that says nothing but `said`."""
    definition = KINDS[kind]
    parties = {role: PartyDraft(partner) for role in definition.parties}
    new = Document.drafted(
        DocumentDraft(lines=lines, parties=parties, issue_date=DAY, **said),
        id=uuid4(),
        tenant_id=TENANT,
        kind=definition,
        currency="EUR",
        by=AUTHOR,
        at=NOW,
        today=DAY,
    )
    new.post(
        seller=SELLER,
        by=AUTHOR,
        at=NOW,
        mode=ApprovalMode.NONE,
        today=DAY,
        conditions=Conditions(supplier=partner if definition.is_self_billed else None),
    )
    new.number = "1"
    return new


def farmer(tax_class: TaxClass, tax_number: str | None) -> Partner:
    known = SELF_BILLED | {"tax_classes": (TaxClassEntry(tax_class, date(2026, 1, 1)),)}
    return a_partner(32, *ADDRESS, known=known, **{"tax_number": tax_number} if tax_number else {})


def partners_of(kind: str) -> Iterator[Partner]:
    """Who may stand on a document: with tax ids and without, at home and abroad, of any class."""
    if not KINDS[kind].is_self_billed:
        yield from (a_partner(30, *ADDRESS), ABROAD)
        return
    for tax_class, number in product(TaxClass, (None, "18/123/45678")):
        yield farmer(tax_class, number)


def ways_of_tax() -> Iterator[tuple[TaxCategory, Decimal | None]]:
    for category in TaxCategory:
        for rate in RATES.get(category, (None,)):
            yield category, rate


@pytest.mark.parametrize(
    ("kind", "type"),
    [(kind, type) for kind in PRINTED for type in INVOICE_TYPES.get(kind, (None,))],
)
def test_a_document_with_the_least_that_posting_asks_for_prints(
    kind: str, type: InvoiceType | None
):
    """Of every kind and type of invoice, whoever it goes to and however it is taxed."""
    said = LEAST[kind] | ({"invoice_type": type} if type else {})
    if type is InvoiceType.PREPAYMENT:
        del said["supply_date"]
    printed = 0
    for partner, (category, rate) in product(partners_of(kind), ways_of_tax()):
        try:
            document = posted(kind, partner, a_line(category, rate), **said)
        except Problem:
            continue
        printed += 1
        which = f"{kind} {type} {category} {rate} {partner.tax_classes} {partner.tax_number}"
        assert missing_contents(contents(document)) == (), which
        assert missing_contents(contents(document, language=EN)) == (), which
        if KINDS[kind].is_billing:
            counter = a_cancellation(document)
            says = contents(counter, reference_to(document))
            assert missing_contents(says) == (), f"Storno {which}"

    assert printed >= 4


def test_a_prepayment_says_that_the_supply_is_still_to_come():
    """Section 14 (5) UStG: it needs no day of supply, and nobody takes it for supplied."""
    line = a_line(TaxCategory.S, Decimal(19))
    prepayment = {"invoice_type": InvoiceType.PREPAYMENT}
    without = contents(posted("SALES_INVOICE", a_partner(30, *ADDRESS), line, **prepayment))
    with_day = contents(
        posted(
            "SALES_INVOICE",
            a_partner(30, *ADDRESS),
            line,
            **prepayment,
            supply_date=date(2026, 12, 1),
        )
    )

    assert without.title == "Anzahlungsrechnung"
    assert without.subject == (
        "Diese Rechnung geht der Lieferung oder Leistung voraus; sie ist noch nicht ausgeführt.",
    )
    assert ("Voraussichtlicher Liefertermin", "01.12.2026") in [
        (fact.label, fact.text) for fact in with_day.information
    ]


@pytest.mark.parametrize("kind", ["SALES_INVOICE", "SALES_CREDIT_NOTE", "SELF_BILLED_INVOICE"])
def test_an_invoice_over_nothing_but_words_is_not_posted(kind: str):
    """There is no amount and no tax that the law could ask to be shown."""
    with pytest.raises(LinesMissing):
        a_document(kind, words(LineKind.TEXT, "Wir danken für die Zusammenarbeit."))


def test_a_private_supplier_without_tax_number_gets_no_tax():
    """Whoever is no business owes no tax and has no number; tax with it would go unprinted."""
    with pytest.raises(SupplierTaxNumberMissing):
        posted(
            "SELF_BILLED_INVOICE",
            farmer(TaxClass.PRIVATE, None),
            a_line(TaxCategory.S, Decimal(19)),
            supply_date=DAY,
        )
