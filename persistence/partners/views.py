"""What can be read of partners."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from persistence.partners.tables import (
    partner,
    partner_account,
    partner_address,
    partner_contact,
    partner_receipt,
    partner_tax_class,
)
from persistence.payment_terms import payment_terms
from persistence.reading.views import Columns, Relation, Sort, View, readable

_OF_PARTNER = (("id", "partner_id"),)


def _effective_days(columns: Columns) -> ColumnElement[Any]:
    """Days until an invoice is due: those of the payment terms, or else of the partner."""
    agreed = payment_terms.alias()
    due_days = select(agreed.c.due_days).where(
        agreed.c.tenant_id == columns.tenant_id, agreed.c.id == columns.payment_terms_id
    )
    return func.coalesce(due_days.correlate_except(agreed).scalar_subquery(), columns.payment_days)


readable(
    View(
        "partner",
        partner,
        prefix="par",
        computed={"payment_days": _effective_days},
        sorts={
            "NAME": Sort("name"),
            "NUMBER": Sort("number"),
            "NEWEST": Sort("id", descending=True),
        },
        relations={
            "payment_terms": Relation("payment_terms", (("payment_terms_id", "id"),)),
            "addresses": Relation("partner_address", _OF_PARTNER, many=True, order="position"),
            "contacts": Relation("partner_contact", _OF_PARTNER, many=True, order="position"),
            "accounts": Relation("partner_account", _OF_PARTNER, many=True, order="position"),
            "tax_classes": Relation(
                "partner_tax_class", _OF_PARTNER, many=True, order="valid_from"
            ),
            "documents": Relation(
                "document", (("id", "partner_id"),), paged=True, order="ISSUE_DATE_NEWEST"
            ),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(View("partner_address", partner_address))
readable(
    View(
        "partner_contact",
        partner_contact,
        relations={
            "receives": Relation(
                "partner_receipt",
                (("partner_id", "partner_id"), ("position", "contact_position")),
                many=True,
                order="documents",
            )
        },
    )
)
readable(View("partner_receipt", partner_receipt))
readable(View("partner_account", partner_account))
readable(View("partner_tax_class", partner_tax_class))
