"""Numbers that check themselves: one mistyped character is found, what is right passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.check_digits import (
    has_form_of_vat_id,
    iban_check_digits,
    is_creditor_id,
    is_creditor_reference,
    is_german_vat_id,
    is_iban,
    is_leitweg_id,
)

CHECKS = [
    (is_iban, "DE89370400440532013000"),
    (is_creditor_id, "DE98ZZZ09999999999"),
    (is_creditor_reference, "RF712348231"),
    (is_german_vat_id, "DE136695976"),
    (is_leitweg_id, "04011000-1234512345-06"),
    (is_leitweg_id, "991-33333TEST-33"),
]


@pytest.mark.parametrize(("check", "number"), CHECKS)
def test_a_number_as_it_was_given_out_passes(check, number):
    """The examples of the standards."""
    assert check(number)


@pytest.mark.parametrize(("check", "number"), CHECKS)
def test_one_mistyped_digit_is_found_wherever_it_stands(check, number):
    """All of these check digits find every single wrong digit, the business code apart."""
    for place, char in enumerate(number):
        if char.isdigit():
            for digit in set("0123456789") - {char}:
                assert not check(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize(("check", "number"), CHECKS)
def test_a_number_cut_off_or_with_more_behind_it_is_found(check, number):
    """No length but the right one, and no text that only contains a number."""
    for wrong in (number[:-1], number + "1", f"x{number}", number + "\n1", ""):
        assert not check(wrong)


def test_the_business_code_of_a_creditor_id_does_not_count():
    """The creditor chooses it anew without a new number [EPC262-08]."""
    assert is_creditor_id("DE98ABC09999999999")


@pytest.mark.parametrize(
    ("vat_id", "sound"),
    [
        ("DE123456789", True),  # the form alone
        ("DE12345678", False),
        ("ATU12345675", True),
        ("AT12345675", False),
        ("NL123456789B01", True),
        ("NL123456789X01", False),
        ("EL123456789", True),
        ("IE1234567WA", True),
        ("XI123456789", True),
        ("CHE123456789MWST", True),
        ("US12-3456789", False),
        ("NO123456789MVA", True),
        ("de136695976", False),
        ("DE١٢٣٤٥٦٧٨٩", False),
    ],
)
def test_each_country_has_its_form_of_vat_ids(vat_id, sound):
    """By format only; who owns it says VIES."""
    assert has_form_of_vat_id(vat_id) is sound


@given(st.from_regex(r"\A[0-9A-Z]{11,30}\Z"))
def test_every_account_with_its_check_digits_is_an_iban(account):
    """A country without a known length takes what ISO 13616 allows."""
    assert is_iban(f"XK{iban_check_digits('XK', account)}{account}")


@given(st.text(max_size=50))
def test_any_text_is_answered_and_never_an_error(text):
    """Whatever somebody pastes."""
    for check, _ in CHECKS:
        assert check(text) in (True, False)
    assert has_form_of_vat_id(text) in (True, False)
