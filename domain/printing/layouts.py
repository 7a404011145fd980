"""The table of layouts: which blocks of the one letter each kind of document shows.

`Kind.print_template` names a layout; a new kind takes one of these or adds a row, never a template.
"""

from dataclasses import dataclass

from domain.documents.kinds import Kind, PartyRole


@dataclass(frozen=True, slots=True)
class Layout:
    """One row of the table.

    `information` names the facts beside the address in their order (see contents.FACTS); `payment`
    the sentence about money in labels.toml, "" for none; `addressee` whose address stands in the
    window of a sales document, on the purchase side it is the supplier; `others` who is named below
    where it is somebody else; `signatures` the fields to sign at the end, by their label.
    """

    information: tuple[str, ...]
    payment: str = ""
    addressee: PartyRole = PartyRole.SOLD_TO
    others: tuple[PartyRole, ...] = (PartyRole.BILL_TO, PartyRole.SHIP_TO)
    signatures: tuple[str, ...] = ()

    def addressee_of(self, kind: Kind) -> PartyRole:
        """Return the role whose address stands in the window."""
        return self.addressee if self.addressee in kind.parties else PartyRole.SUPPLIER


_PAYER = PartyRole.BILL_TO
_SUPPLIED = (PartyRole.SOLD_TO, PartyRole.SHIP_TO)
_HEAD = ("number", "issue_date", "partner_number")
_THEIRS = ("customer_reference", "external_number")

LAYOUTS: dict[str, Layout] = {
    "inquiry": Layout((*_HEAD, "requested_date")),
    "offer": Layout((*_HEAD, "valid_until", "requested_date", *_THEIRS), payment="terms"),
    "contract": Layout(
        (*_HEAD, "validity", "tolerance", "price", *_THEIRS),
        payment="terms",
        signatures=("signed_by_us", "signed_by_you"),
    ),
    "order": Layout((*_HEAD, "requested_date", *_THEIRS), payment="terms"),
    "delivery": Layout(
        (*_HEAD, "supply", "carrier", *_THEIRS),
        addressee=PartyRole.SHIP_TO,
        others=(PartyRole.SOLD_TO,),
        signatures=("goods_received",),
    ),
    "receipt": Layout(
        (*_HEAD, "supply", "carrier", *_THEIRS), signatures=("goods_received", "checked")
    ),
    "return": Layout(
        (*_HEAD, "supply", "carrier", *_THEIRS),
        others=(PartyRole.SHIP_TO,),
        signatures=("handed_over", "goods_received"),
    ),
    "invoice": Layout(
        (*_HEAD, "supply", "due_date", "customer_reference", "recipient_vat_id"),
        payment="invoice",
        addressee=_PAYER,
        others=_SUPPLIED,
    ),
    "correction": Layout(
        (*_HEAD, "supply", "customer_reference", "recipient_vat_id"),
        payment="correction",
        addressee=_PAYER,
        others=_SUPPLIED,
    ),
    "self_billing": Layout(
        (*_HEAD, "supply", "due_date", "supplier_vat_id", "supplier_tax_number"),
        payment="self_billing",
    ),
}
