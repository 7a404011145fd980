"""What stands on paper that the document does not keep: it comes from master data when printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from domain.documents.document import Document
from domain.documents.kinds import SALES, Step
from domain.partners import DocumentGroup, Partner
from domain.printing.layouts import LAYOUTS


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of ours that a reader may ask."""

    name: str
    email: str | None = None

    @property
    def text(self) -> str:
        """Name and e-mail address, each on a line."""
        return "\n".join(each for each in (self.name, self.email) if each)


@dataclass(frozen=True, slots=True)
class Beside:
    """Master data of a print.

    `partner_number` is what we call the reader (Kundennummer, Lieferantennummer), `attention` who
    reads it there, `contact` who of us answers; `iban` is the account we pay a self-billed invoice
    to. `item_numbers` are the supplier's own by item, `positions` those on paper of source lines.
    """

    partner_number: str = ""
    attention: str = ""
    contact: Contact | None = None
    iban: str = ""
    item_numbers: Mapping[UUID, str] = field(default_factory=dict)
    positions: Mapping[UUID, int] = field(default_factory=dict)


NOTHING_BESIDE = Beside()

_GROUPS: dict[Step, DocumentGroup] = {
    Step.INQUIRY: DocumentGroup.OFFERS,
    Step.OFFER: DocumentGroup.OFFERS,
    Step.CONTRACT: DocumentGroup.ORDERS,
    Step.ORDER: DocumentGroup.ORDERS,
    Step.DELIVERY: DocumentGroup.DELIVERIES,
    Step.RETURN: DocumentGroup.DELIVERIES,
    Step.INVOICE: DocumentGroup.INVOICES,
    Step.CREDIT_NOTE: DocumentGroup.INVOICES,
}


def reader_id(document: Document) -> UUID:
    """Return the partner whose address stands in the window."""
    role = LAYOUTS[document.definition.print_template].addressee_of(document.definition)
    party = document.party(role)
    found = party.partner_id if party else None
    if found is None:
        return document.partner_id if document.definition.side != SALES else document.bill_to_id
    return found


def beside_of(document: Document, reader: Partner) -> Beside:
    """Return what the master data of the reader say on `document`.

    Somebody who only came once, or an address under another name, has no contact of the partner's.
    """
    role = LAYOUTS[document.definition.print_template].addressee_of(document.definition)
    party = document.party(role)
    is_partner = party is not None and party.name == reader.name and not reader.is_one_time
    accounts = reader.accounts if document.definition.is_self_billed else []
    return Beside(
        partner_number="" if reader.is_one_time else reader.number,
        attention=_attention(reader, _GROUPS[document.definition.step]) if is_partner else "",
        iban=accounts[0].iban if accounts else "",
    )


def _attention(reader: Partner, group: DocumentGroup) -> str:
    """Return the first contact who gets such documents, else the only one that there is."""
    receiving = {each.contact_position for each in reader.receipts if each.documents is group}
    for contact in reader.contacts:
        if contact.position in receiving:
            return contact.name
    if len(reader.contacts) == 1 and not reader.receipts:
        return reader.contacts[0].name
    return ""
