"""Our own company on paper: the footer, and how to reach and pay it."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.printing.parties import PrintedParty


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Our company beyond its address; `legal_notice` is what section 35a GmbHG and others ask."""

    phone: str | None = None
    email: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank: str | None = None
    legal_notice: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A label, which may be empty, and what is said under it."""

    label: str
    text: str


def footer_of(
    labels: Mapping[str, str], sender: PrintedParty, letterhead: Letterhead
) -> tuple[tuple[Fact, ...], ...]:
    """Return the columns of the footer; one without content is left out."""
    columns = (
        (("", sender.name), *(("", line) for line in sender.address)),
        (("phone", letterhead.phone), ("email", letterhead.email)),
        (
            ("bank", letterhead.bank),
            ("iban", spaced_iban(letterhead.iban)),
            ("bic", letterhead.bic),
        ),
        (("vat_id", sender.vat_id), ("tax_number", sender.tax_number)),
    )
    return tuple(
        tuple(Fact(labels.get(name, ""), text) for name, text in column if text)
        for column in columns
        if any(text for _, text in column)
    )


def spaced_iban(iban: str | None) -> str:
    """Write an IBAN in groups of four that do not break.

    >>> spaced_iban("DE89370400440532013000").replace("\\u00a0", " ")
    'DE89 3704 0044 0532 0130 00'
    """
    plain = "".join((iban or "").split())
    return "\u00a0".join(plain[start : start + 4] for start in range(0, len(plain), 4))
