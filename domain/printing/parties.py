"""The parties of a document as they stand on paper."""

from dataclasses import dataclass

from domain.documents.document import Document
from domain.documents.kinds import PartyRole
from domain.partners import Address
from domain.printing.layouts import Layout
from domain.printing.wording import Wording


@dataclass(frozen=True, slots=True)
class PrintedParty:
    """A party as an address on paper; the name comes first. `label` says why it is named."""

    label: str
    name: str
    address: tuple[str, ...]
    vat_id: str | None
    tax_number: str | None


@dataclass(frozen=True, slots=True)
class Parties:
    """Who writes (our company), who reads, and who else is named."""

    sender: PrintedParty
    addressee: PrintedParty
    others: tuple[PrintedParty, ...]


def parties_of(document: Document, layout: Layout, wording: Wording) -> Parties:
    """Return sender and addressee, then whoever is concerned at another place."""
    kind = document.definition
    us = _address(document, kind.we_are)

    def printed(role: PartyRole) -> PrintedParty:
        return _printed(role, _address(document, role), us.country, wording)

    addressee = printed(layout.addressee_of(kind))
    others: list[PrintedParty] = []
    named = {_known_as(addressee)}
    for role in layout.others:
        if role not in kind.parties or role is layout.addressee_of(kind):
            continue
        party = printed(role)
        if _known_as(party) not in named and not _says_nothing(_address(document, role), us):
            others.append(party)
    return Parties(printed(kind.we_are), addressee, tuple(others))


def _address(document: Document, role: PartyRole) -> Address:
    party = document.party(role)
    if party is None:
        raise RuntimeError(f"a posted {document.kind} names no {role}; posting sees to it")
    return party.address


def _known_as(party: PrintedParty) -> str:
    """Return name and address without what a typist may vary: case, blanks and marks."""
    text = " ".join((party.name, *party.address)).casefold()
    return "".join(letter for letter in text if letter.isalnum())


def _says_nothing(address: Address, us: Address) -> bool:
    """Say whether no carrier would find it: a street of marks only, or our own counter."""
    is_here = (address.street, address.postcode, address.city) == (us.street, us.postcode, us.city)
    return is_here or not any(letter.isalnum() for letter in address.street)


def _printed(role: PartyRole, address: Address, home: str, wording: Wording) -> PrintedParty:
    name, *more_of_name = address.name.splitlines()
    abroad = (wording.country(address.country),) if address.country != home else ()
    return PrintedParty(
        label=wording.labels.get(role.lower(), ""),
        name=name,
        address=(
            *more_of_name,
            *address.street.splitlines(),
            f"{address.postcode} {address.city}",
            *abroad,
        ),
        vat_id=address.vat_id,
        tax_number=address.tax_number,
    )
