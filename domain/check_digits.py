"""Numbers that check themselves: IBAN, creditor id, RF reference, VAT ids, Leitweg-ID.

Each function answers for a text as somebody typed it: blanks aside, letters in either case. What
passes may still belong to nobody; the last word has the bank, the BZSt or VIES.

Sources: ISO 13616 (IBAN), EPC262-08 (creditor id), ISO 11649 (RF), ISO 7064 (MOD 97-10 and
MOD 11,10), KoSIT (Leitweg-ID), the European Commission's VIES (forms of VAT ids).
"""

import re

_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26,
    "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
    "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24,
}  # fmt: skip
"""Characters of an IBAN by country, EEA with Switzerland and Great Britain [ISO 13616]."""

_CREDITOR_ID_LENGTH_DE = 18
_VAT_ID_FORMS = {
    "AT": r"U\d{8}", "BE": r"[01]\d{9}", "BG": r"\d{9,10}", "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}", "DE": r"\d{9}", "DK": r"\d{8}", "EE": r"\d{9}", "EL": r"\d{9}",
    "ES": r"[0-9A-Z]\d{7}[0-9A-Z]", "FI": r"\d{8}", "FR": r"[0-9A-HJ-NP-Z]{2}\d{9}",
    "HR": r"\d{11}", "HU": r"\d{8}", "IE": r"\d[0-9A-Z+*]\d{5}[A-W][A-I]?", "IT": r"\d{11}",
    "LT": r"\d{9}(?:\d{3})?", "LU": r"\d{8}", "LV": r"\d{11}", "MT": r"\d{8}",
    "NL": r"[0-9A-Z+*]{9}B[0-9A-Z+*]{2}", "PL": r"\d{10}", "PT": r"\d{9}", "RO": r"\d{2,10}",
    "SE": r"\d{12}", "SI": r"\d{8}", "SK": r"\d{10}",
    "XI": r"\d{9}(?:\d{3})?|GD\d{3}|HA\d{3}", "CH": r"E\d{9}(?:MWST|TVA|IVA)?",
}  # fmt: skip
"""What follows the country in a VAT id: the EU as VIES writes it (Greece is EL, Northern Ireland
XI), and Switzerland."""

_VAT_ID_FORM_ELSEWHERE = r"[0-9A-Z+*]{2,12}"


def compact(text: str) -> str:
    """Return `text` without blanks and in capitals, as such numbers are kept.

    >>> compact("de89 3704 0044")
    'DE8937040044'
    """
    return "".join(text.split()).upper()


def iban_check_digits(country: str, account: str) -> str:
    """Return the two check digits of an account (the IBAN from its fifth character on) [ISO 13616].

    >>> iban_check_digits("DE", "370400440532013000")
    '89'
    """
    return f"{98 - _number(f'{account}{country}00') % 97:02}"


def is_iban(text: str) -> bool:
    """Say whether `text`, blanks aside, has the length and check digits of an IBAN.

    >>> is_iban("DE89 3704 0044 0532 0130 00"), is_iban("DE88370400440532013000")
    (True, False)
    """
    iban = compact(text)
    if not (_is_plain(iban) and iban[:2].isalpha() and 15 <= len(iban) <= 34):
        return False
    if len(iban) != _IBAN_LENGTHS.get(iban[:2], len(iban)):
        return False
    return iban[2:4] == iban_check_digits(iban[:2], iban[4:])


def is_creditor_id(text: str) -> bool:
    """Say whether `text` is a SEPA creditor id (Gläubiger-ID); its business code does not count.

    >>> is_creditor_id("DE98ZZZ09999999999"), is_creditor_id("DE98ABC09999999999")
    (True, True)
    >>> is_creditor_id("DE97ZZZ09999999999")
    False
    """
    creditor = compact(text)
    if not re.fullmatch(r"[A-Z]{2}\d\d[0-9A-Z]{3}[0-9A-Z]{1,28}", creditor):
        return False
    if creditor.startswith("DE") and len(creditor) != _CREDITOR_ID_LENGTH_DE:
        return False
    return creditor[2:4] == iban_check_digits(creditor[:2], creditor[7:])


def is_creditor_reference(text: str) -> bool:
    """Say whether `text` is a structured reference of a payment (RF) [ISO 11649].

    >>> is_creditor_reference("RF71 2348 231"), is_creditor_reference("RF72 2348 231")
    (True, False)
    """
    reference = compact(text)
    if not re.fullmatch(r"RF\d\d[0-9A-Z]{1,21}", reference):
        return False
    return reference[2:4] == iban_check_digits("RF", reference[4:])


def german_vat_check_digit(digits: str) -> int:
    """Return the ninth digit of a German VAT id for its first eight [ISO 7064 MOD 11,10].

    >>> german_vat_check_digit("13669597")
    6
    """
    product = 10
    for digit in digits:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return (11 - product) % 10


def is_german_vat_id(text: str) -> bool:
    """Say whether `text`, blanks aside, is a German VAT id by its check digit.

    Only a warning for received documents: the sample number of many templates fails it, and the
    last word has the BZSt.

    >>> is_german_vat_id("DE 136695976"), is_german_vat_id("DE123456789")
    (True, False)
    """
    vat_id = compact(text)
    digits = vat_id[2:]
    if not (vat_id.startswith("DE") and len(digits) == 9 and digits.isascii() and digits.isdigit()):
        return False
    return int(digits[8]) == german_vat_check_digit(digits[:8])


def has_form_of_vat_id(text: str) -> bool:
    """Say whether `text`, written without blanks, has the form of its country's VAT ids.

    >>> has_form_of_vat_id("ATU12345675"), has_form_of_vat_id("AT12345675")
    (True, False)
    """
    form = _VAT_ID_FORMS.get(text[:2], _VAT_ID_FORM_ELSEWHERE)
    return bool(re.fullmatch(rf"[A-Z]{{2}}(?:{form})", text, re.ASCII))


def is_leitweg_id(text: str) -> bool:
    """Say whether `text` is a Leitweg-ID: coarse, fine and check digits, by hyphens [KoSIT].

    >>> is_leitweg_id("04011000-1234512345-06"), is_leitweg_id("04011000-1234512345-07")
    (True, False)
    """
    parts = re.fullmatch(r"(\d{2,12})(?:-([0-9A-Z]{1,30}))?-(\d\d)", text.upper(), re.ASCII)
    return parts is not None and _number("".join(part or "" for part in parts.groups())) % 97 == 1


def _number(text: str) -> int:
    """Read letters as two digits, A=10 to Z=35."""
    return int("".join(str(int(char, 36)) for char in text))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isalnum()
