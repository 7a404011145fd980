"""What can be read of documents and their parts."""

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, literal_column, or_, select

from domain.documents.kinds import OPEN_ITEM_KINDS, PartyRole
from domain.documents.progress import POSTED
from persistence.catalog import Money
from persistence.documents.tables import (
    attachment,
    document,
    document_allowance,
    document_author,
    document_comment,
    document_line,
    document_party,
    document_prepayment,
    document_revision,
    document_stated_tax,
    document_tag,
    document_tax,
)
from persistence.open_items import is_overdue
from persistence.reading.views import (
    Columns,
    Expression,
    Relation,
    Sort,
    View,
    one_of,
    readable,
    shows_id,
    wire_form,
)

_OF_DOCUMENT = (("id", "document_id"),)


def _party(role: PartyRole) -> Relation:
    return Relation("document_party", _OF_DOCUMENT, where=(("role", role.value),))


def _in_unit(counter: str) -> Expression:
    """A counter of stock units, shown in the unit of the line."""

    def expression(columns: Columns) -> ColumnElement[str]:
        shown = func.trim_scale(func.round(columns[counter] / columns.stock_factor, 6))
        return cast(shown, Text)

    return expression


def _is_there(column: str) -> Expression:
    return lambda columns: columns[column].is_not(None)


def _is_paid(columns: Columns) -> ColumnElement[bool]:
    """Say whether it is posted and nothing is open; fixed text, since filters name parameters."""
    return and_(
        one_of(columns.state, ("POSTED",)),
        one_of(columns.kind, OPEN_ITEM_KINDS),
        columns.open_cents == literal_column("0"),
    )


def _input_tax(columns: Columns) -> ColumnElement[str]:
    """None of what the supplier objected to, nor of what takes that back: it is reversed once."""
    original = document.alias("objected")
    of_objected = (
        select(original.c.id)
        .where(
            original.c.tenant_id == columns.tenant_id,
            original.c.id == columns.cancels_id,
            original.c.objected_at.is_not(None),
        )
        .correlate_except(original)
        .exists()
    )
    is_reversed = or_(columns.objected_at.is_not(None), of_objected)
    return wire_form(case((is_reversed, cast(0, Money())), else_=columns.tax))


def _open_amount(columns: Columns) -> ColumnElement[str]:
    """What is open, with the sign of the gross; the sign of `open_cents` is that of its side."""
    is_open = columns.open_side.is_not(None)
    return cast(
        case((is_open, columns.payable - columns.settled), else_=literal_column("0.00")), Text
    )


readable(
    View(
        "document",
        document,
        prefix="doc",
        kind="kind",
        guarded_kinds=True,
        computed={
            "is_cancelled": _is_there("cancelled_by_id"),
            "is_cancellation": _is_there("cancels_id"),
            "input_tax": _input_tax,
            "has_open_lines": lambda columns: columns.open_lines > 0,
            "amount": lambda columns: cast(columns.gross, Text),
            "open_amount": _open_amount,
            "paid_amount": lambda columns: cast(columns.settled, Text),
            "is_paid": _is_paid,
            "is_overdue": is_overdue,
        },
        relations={
            **{role.value.lower(): _party(role) for role in PartyRole},
            "partner": Relation("partner", (("partner_id", "id"),)),
            "responsible": Relation("user", (("responsible_id", "id"),)),
            "lines": Relation("document_line", _OF_DOCUMENT, many=True, order="position"),
            "taxes": Relation("document_tax", _OF_DOCUMENT, many=True, order="position"),
            "allowances": Relation("document_allowance", _OF_DOCUMENT, many=True, order="position"),
            "prepayments": Relation(
                "document_prepayment", _OF_DOCUMENT, many=True, order="position"
            ),
            "stated_taxes": Relation(
                "document_stated_tax", _OF_DOCUMENT, many=True, order="position"
            ),
            "authors": Relation("document_author", _OF_DOCUMENT, many=True, order="user_id"),
            "revisions": Relation("document_revision", _OF_DOCUMENT, many=True, order="revision"),
            "approvals": Relation("approval", _OF_DOCUMENT, many=True, order="id"),
            "tags": Relation("document_tag", _OF_DOCUMENT, many=True, order="name"),
            "comments": Relation("document_comment", _OF_DOCUMENT, many=True, order="id"),
            "attachments": Relation("attachment", _OF_DOCUMENT, many=True, order="id"),
            "printouts": Relation("printout", _OF_DOCUMENT, many=True, order="id"),
            "print_problems": Relation("print_problem", _OF_DOCUMENT, many=True, order="language"),
            "allocations": Relation("document_allocation", _OF_DOCUMENT, many=True, order="id"),
            "cancels": Relation("document", (("cancels_id", "id"),)),
            "cancelled_by": Relation("document", (("cancelled_by_id", "id"),)),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
        searched=("number_key",),
        sorts={
            "ISSUE_DATE_NEWEST": Sort("issue_date", descending=True),
            "ISSUE_DATE_OLDEST": Sort("issue_date"),
            "GROSS_HIGHEST": Sort("gross_cents", descending=True),
            "DUE_FIRST": Sort("due_sort"),
            "NUMBER": Sort("number_key"),
            "NEWEST": Sort("created_at", descending=True),
            "UPDATED": Sort("updated_at", descending=True),
        },
    )
)
readable(
    View(
        "document_party",
        document_party,
        relations={"partner": Relation("partner", (("partner_id", "id"),))},
    )
)
readable(
    View(
        "document_line",
        document_line,
        prefix="lin",
        computed={
            **{f"{counter}_quantity": _in_unit(counter) for counter in POSTED},
            "is_closed": _is_there("closed_at"),
            "source_line_id": shows_id("lin", "source_line_id"),
            "source_document_id": shows_id("doc", "source_document_id"),
        },
        relations={
            "item": Relation("item", (("item_id", "id"),)),
            "source": Relation("document", (("source_document_id", "id"),)),
        },
    )
)
readable(View("document_tax", document_tax))
readable(View("document_allowance", document_allowance))
readable(View("document_stated_tax", document_stated_tax))
readable(
    View(
        "document_prepayment",
        document_prepayment,
        computed={"prepayment_id": shows_id("doc", "prepayment_id")},
        relations={"prepayment": Relation("document", (("prepayment_id", "id"),))},
    )
)
readable(
    View(
        "document_author",
        document_author,
        computed={"id": shows_id("usr", "user_id")},
        relations={"user": Relation("user", (("user_id", "id"),))},
    )
)
readable(
    View(
        "document_revision",
        document_revision,
        relations={"amender": Relation("user", (("amended_by", "id"),))},
    )
)
readable(
    View(
        "document_tag",
        document_tag,
        relations={"adder": Relation("user", (("added_by", "id"),))},
    )
)
readable(
    View(
        "document_comment",
        document_comment,
        prefix="cmt",
        relations={"author": Relation("user", (("author_id", "id"),))},
    )
)
readable(
    View(
        "attachment",
        attachment,
        prefix="att",
        relations={"attacher": Relation("user", (("attached_by", "id"),))},
    )
)
