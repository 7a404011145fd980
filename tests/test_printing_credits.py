"""A credit note says on paper what it refers to: the return, the invoices, or the period."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.identity import Language
from domain.printing.mandatory import missing_contents

sys.path.insert(0, str(Path(__file__).parent / "samples"))

from sample_documents import a_document, a_reference, comes_from, contents

DE, EN = Language.DE, Language.EN
BONUS = {"bonus_from": date(2026, 1, 1), "bonus_until": date(2026, 6, 30)}


@pytest.mark.parametrize(
    ("language", "sentence", "label"),
    [
        (DE, "Bonus für den Zeitraum 01.01.2026", "Leistungszeitraum"),
        (EN, "Bonus for the period 1 January 2026", "Period of supply"),
    ],
)
def test_a_bonus_says_for_which_period_it_is(language: Any, sentence: str, label: str):
    """The period stands under the title and is that of the supply; nothing mandatory is missing."""
    note = a_document("SALES_CREDIT_NOTE", **BONUS, supply_date=None)

    says = contents(note, language=language)

    [subject] = says.subject
    assert subject.replace("\xa0", " ").startswith(sentence)
    assert subject.endswith(says.supply.rpartition(" ")[2])
    assert label in [fact.label for fact in says.information]
    assert missing_contents(says) == ()


def test_a_credit_note_of_a_return_names_the_return():
    """Once beside the address, since all lines come from it."""
    back = a_reference("CUSTOMER_RETURN", date(2026, 11, 9), 7)
    note = comes_from(a_document("SALES_CREDIT_NOTE"), back, back, back)

    says = contents(note, back)

    told = [fact.text for fact in says.information if "KR-2026-00007" in fact.text]
    assert len(told) == 1
    assert says.corrects == ()
