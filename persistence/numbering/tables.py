"""Tables and readable views of series, their templates, ranges and allocations."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
)

from domain.numbering.ranges import NumberRange
from domain.numbering.series import NumberSeries, TemplateSince
from domain.numbering.templates import PeriodRule, Template
from persistence.catalog import identity, moment, reference, tenant_table, version
from persistence.documents import document
from persistence.mapping import EnumText, mapper
from persistence.reading.views import Relation, Sort, View, readable

number_series = tenant_table(
    "number_series",
    identity(),
    Column("series", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("branch", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("period_rule", EnumText(PeriodRule), nullable=False),
    Column("fiscal_year_start_month", Integer, nullable=False),
    Column("template", String(60), nullable=False),
    Column("template_from", Date, nullable=False),
    Column("prefix", String(10), nullable=False),
    Column("tenant_code", String(10), nullable=False),
    Column("branch_code", String(10), nullable=False),
    Column("warn_at_remaining", Integer),
    moment("created_at"),
    moment("updated_at"),
    version(),
    UniqueConstraint("tenant_id", "series"),
    UniqueConstraint("tenant_id", "kind", "branch", "valid_from"),
    Index(None, "tenant_id", "series", "id"),
)

number_template = tenant_table(
    "number_template",
    Column("series_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("template", String(100), nullable=False),
    reference("series_id", number_series),
    key=("series_id", "valid_from"),
)
"""Every template a series ever had, its values filled in; a period takes that of its first day."""

number_range = tenant_table(
    "number_range",
    Column("series", String(40), nullable=False),
    Column("period", String(7), nullable=False),
    Column("series_id", Uuid, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("template", String(100), nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("taken_over", BigInteger, nullable=False, server_default="0"),
    Column("taken_over_at", moment("x").type),
    Column("taken_over_proof", String(1000)),
    Column("taken_over_hash", String(64)),
    Column("warn_from", BigInteger, nullable=False),
    Column("newest_date", Date),
    reference("series_id", number_series),
    CheckConstraint("last >= taken_over", name="never_back"),
    UniqueConstraint("tenant_id", "series_id", "period"),
    key=("series", "period"),
)

number_allocation = tenant_table(
    "number_allocation",
    Column("series", String(40), nullable=False),
    Column("number", String(36), nullable=False),
    Column("period", String(7), nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("document_id", Uuid),
    moment("allocated_at"),
    Column("voided_reason", String(500)),
    reference("document_id", document),
    UniqueConstraint("tenant_id", "document_id"),
    CheckConstraint(
        "(document_id is null) <> (voided_reason is null)", name="a_document_or_a_reason"
    ),
    Index(None, "tenant_id", "series", "period", "counter", "number"),
    key=("series", "number"),
)

mapper.map_imperatively(NumberSeries, number_series, version_id_col=number_series.c.version)
mapper.map_imperatively(TemplateSince, number_template)

RANGE_COLUMNS = (
    number_range.c.series,
    number_range.c.period,
    number_range.c.template,
    number_range.c.last,
    number_range.c.taken_over,
    number_range.c.warn_from,
    number_range.c.newest_date,
)


def range_of(row: object) -> NumberRange:
    """Return the range of a row of RANGE_COLUMNS, or of a view's."""
    return NumberRange(
        series=getattr(row, "series"),  # noqa: B009  rows have no type
        period=getattr(row, "period"),  # noqa: B009
        template=Template.kept(getattr(row, "template")),  # noqa: B009
        last=getattr(row, "last"),  # noqa: B009
        taken_over=getattr(row, "taken_over"),  # noqa: B009
        warn_from=getattr(row, "warn_from"),  # noqa: B009
    )


readable(
    View(
        "number_series",
        number_series,
        prefix="nsr",
        guarded_kinds=True,
        sorts={"SERIES": Sort("series"), "NEWEST": Sort("id", descending=True)},
        relations={
            "ranges": Relation("number_range", (("id", "series_id"),), many=True, order="period"),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(
    View(
        "number_range",
        number_range,
        key="period",
        guarded_kinds=True,
        relations={
            "number_series": Relation("number_series", (("series_id", "id"),)),
            "allocations": Relation(
                "number_allocation",
                (("series", "series"), ("period", "period")),
                paged=True,
                order="COUNTER",
            ),
        },
    )
)
readable(
    View(
        "number_allocation",
        number_allocation,
        key="number",
        sorts={"COUNTER": Sort("counter")},
        relations={"document": Relation("document", (("document_id", "id"),))},
    )
)
