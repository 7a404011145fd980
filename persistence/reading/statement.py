"""A Shape becomes one SQLAlchemy Core statement that returns finished JSON.

Every level is a derived table whose columns carry the client's names, turned into JSON by
`row_to_json`; relations are correlated subselects, so that nothing is joined, multiplied or sorted
apart again. Values travel as parameters: the statement of a shape is the same text for everybody.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.elements import Grouping

from persistence.reading.shape import (
    ByKind,
    Condition,
    Connection,
    Constant,
    Edges,
    Field,
    Listing,
    Nodes,
    Page,
    PageInfo,
    Related,
    Scalar,
    Shape,
    Single,
    Source,
    TotalCount,
)
from persistence.reading.views import VIEWS, Columns, Relation, View

TENANT = "tenant"
READABLE_KINDS = "readable_kinds"
STATEMENTS_CACHED_MAX = 2_000
LAST_CHARACTER = 0x10FFFF

_DIALECT = asyncpg_dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with numbered parameters: their names in order, and values that never change."""

    sql: str
    names: tuple[str, ...]
    fixed: dict[str, Any]

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """Return the values in the order of the numbers in the text."""
        return [values[name] if name in values else self.fixed[name] for name in self.names]


@lru_cache(maxsize=STATEMENTS_CACHED_MAX)
def json_statement(source: Source, wanted: Shape | Connection) -> Statement:
    """Return the statement that gives the JSON of `source` as text in its first column."""
    view = VIEWS[source.entity]
    match source, wanted:
        case Listing(page=page), Connection():
            query = _connection(view, page, wanted, guards(view, view.table, source))
        case Single(), Shape():
            rows, node = _objects(view, view.table, wanted, guards(view, view.table, source))
            query = _from(rows, node)
        case _:
            raise TypeError(f"{type(source).__name__} has no {type(wanted).__name__}")
    return compiled(select(cast(query.scalar_subquery(), Text)))


def compiled(query: Select[Any]) -> Statement:
    """Return the text of a query for asyncpg."""
    done = query.compile(dialect=_DIALECT)
    return Statement(done.string, tuple(done.positiontup or ()), dict(done.params))


def _from(source: FromClause | None, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select from one source; every other table that is named belongs to an enclosing level."""
    query = select(*columns).correlate_except(source)
    return query if source is None else query.select_from(source)


def guards(view: View, table: FromClause, source: Source) -> ColumnElement[bool]:
    """Return the test every row must pass: tenant, kinds this caller may read, conditions."""
    tests = [_holds(view, table, each) for each in source.conditions]
    return and_(_of_tenant(table), _may_read(view, table), *tests)


def _tested(view: View, table: FromClause, name: str) -> ColumnElement[Any]:
    """What a condition looks at: a column, or an expression of the view that is no column."""
    if name in table.c:
        return table.c[name]
    return Grouping(view.computed[name](table.c))


def _of_tenant(table: FromClause) -> ColumnElement[bool]:
    column = table.c.tenant_id
    return column == bindparam(TENANT, type_=column.type)


def _may_read(view: View, table: FromClause) -> ColumnElement[bool]:
    """The rights of the caller, wherever a guarded entity appears."""
    if not view.guarded_kinds:
        return true()
    return table.c.kind == func.any(bindparam(READABLE_KINDS, type_=ARRAY(Text)))


def _holds(view: View, table: FromClause, condition: Condition) -> ColumnElement[bool]:
    if condition.operator == "starts":
        return or_(*(_starts(table.c[name], condition.name) for name in view.searched))
    if not condition.relation:
        return _test(_tested(view, table, condition.column), condition)
    relation = view.relations[condition.relation]
    child = VIEWS[relation.entity].table.alias()
    met = and_(joined(relation, table.c, child), _test(child.c[condition.column], condition))
    return _from(child, literal_column("1")).where(met).exists()


def _starts(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """A range and no LIKE: only a leakproof comparison is looked up in an index behind a policy."""
    start = func.lower(bindparam(name, type_=Text))
    return and_(column >= start, column < func.concat(start, func.chr(LAST_CHARACTER)))


def _test(column: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
    if condition.operator == "is set":
        return column.is_not(None) == bindparam(condition.name, type_=Boolean)
    if condition.operator == "any":
        return column == func.any(bindparam(condition.name, type_=ARRAY(column.type)))
    kind = Numeric() if isinstance(column.type, Numeric) else column.type  # never rounded
    return column.op(condition.operator, is_comparison=True)(bindparam(condition.name, type_=kind))


def _objects(
    view: View,
    source: FromClause,
    shape: Shape,
    where: ColumnElement[bool],
    order: tuple[str, ...] = (),
) -> tuple[FromClause, ColumnElement[Any]]:
    """Return rows of the shape as a derived table, and the JSON object of one of them."""
    sorting = [source.c[name] for name in order]
    if len(shape.branches) == 1 and shape.branches[0].kinds is None:
        columns = [_column(view, source.c, each) for each in shape.branches[0].fields]
        query = _from(source, *columns).where(where).order_by(*sorting)
        rows: Any = query.lateral()
        return rows, func.row_to_json(rows.table_valued())
    node = _node(view, source.c, shape).label("node")
    rows = _from(source, node).where(where).order_by(*sorting).lateral()
    return rows, rows.c.node


def _node(view: View, columns: Columns, shape: Shape) -> ColumnElement[Any]:
    """Return the JSON of the row that `columns` belong to; a branch for some kinds."""

    def json_of(fields: tuple[Field, ...]) -> ColumnElement[Any]:
        row = _from(None, *(_column(view, columns, each) for each in fields)).lateral()
        return _from(row, func.row_to_json(row.table_valued())).scalar_subquery()

    if shape.branches[0].kinds is None:
        return json_of(shape.branches[0].fields)
    return case(
        *(
            (or_(*(_is_of(view, columns, kind) for kind in each.kinds or ())), json_of(each.fields))
            for each in shape.branches
        )
    )


def _is_of(view: View, columns: Columns, kind: str) -> ColumnElement[bool]:
    is_it: ColumnElement[bool] = columns[view.kind] == literal_column(_quoted(kind))
    return is_it


def _column(view: View, columns: Columns, wanted: Field) -> ColumnElement[Any]:
    match wanted:
        case Scalar(label, column):
            return view.wire(column, columns).label(label)
        case Constant(label, text):
            return cast(text, Text).label(label)
        case ByKind(label, texts):
            return _by_kind(view, columns, texts).label(label)
        case Related(label, name, shape):
            return _related(view.relations[name], columns, shape).label(label)
        case Connection(label, name, page):
            relation = view.relations[name]
            target = VIEWS[relation.entity]
            child = target.table.alias()
            where = joined(relation, columns, child)
            query = _connection(target, page, wanted, where, child)
            return query.scalar_subquery().label(label)


def _by_kind(
    view: View, columns: Columns, texts: tuple[tuple[str, str], ...]
) -> ColumnElement[str]:
    """Return the text of the row's kind; kinds and texts are names of our own."""
    return case(
        *(
            (_is_of(view, columns, kind), literal_column(_quoted(text), Text()))
            for kind, text in texts
        )
    )


def _related(relation: Relation, columns: Columns, shape: Shape) -> ColumnElement[Any]:
    target = VIEWS[relation.entity]
    child = target.table.alias()
    order = (relation.order,) if relation.many else ()
    rows, node = _objects(target, child, shape, joined(relation, columns, child), order)
    wanted = (
        func.coalesce(func.json_agg(node), literal_column("'[]'::json")) if relation.many else node
    )
    return _from(rows, wanted).scalar_subquery()


def joined(relation: Relation, columns: Columns, child: FromClause) -> ColumnElement[bool]:
    """Return the test that ties a child to its parent's `columns`, rights included."""
    target = VIEWS[relation.entity]
    return and_(
        child.c.tenant_id == columns.tenant_id,
        *(child.c[theirs] == columns[own] for own, theirs in relation.on),
        *(child.c[name] == value for name, value in relation.where),
        _may_read(target, child),
    )


def page_of(
    view: View, page: Page, where: ColumnElement[bool], table: FromClause | None = None
) -> Select[Any]:
    """Return one row more than the page holds, each with its `page_cursor` and place `rn`."""
    table = view.table if table is None else table
    sort = view.sorts[page.sort]
    keys: list[ColumnElement[Any]] = [table.c[sort.column], table.c[view.key]]
    upwards = sort.descending == page.backward
    order = [key.asc() if upwards else key.desc() for key in keys]
    for bound, forward in (("after", True), ("before", False)):
        if getattr(page, bound):
            at = [
                bindparam(f"{page.name}_{bound}_{n}", type_=key.type) for n, key in enumerate(keys)
            ]
            later = forward != sort.descending
            where = and_(
                where, tuple_(*keys) > tuple_(*at) if later else tuple_(*keys) < tuple_(*at)
            )
    size = bindparam(f"{page.name}_size", type_=Integer)
    return (
        _from(
            table,
            *table.c,
            func.row_number().over(order_by=order).label("rn"),
            _cursor(page.sort, keys).label("page_cursor"),
        )
        .where(where)
        .order_by(*order)
        .limit(size + 1)
    )


def _cursor(sort: str, keys: list[ColumnElement[Any]]) -> ColumnElement[str]:
    """A cursor holds the sort's name and its values: base64 of a JSON list."""
    values = func.json_build_array(cast(sort, Text), *(cast(key, Text) for key in keys))
    encoded = func.encode(func.convert_to(cast(values, Text), "UTF8"), "base64")
    return func.replace(encoded, "\n", "")


def _connection(
    view: View,
    page: Page,
    wanted: Connection,
    where: ColumnElement[bool],
    table: FromClause | None = None,
) -> Select[Any]:
    """Return the query of a connection's JSON object."""
    rows = page_of(view, page, where, table).lateral()
    columns = [_part(view, page, rows, where, table, part) for part in wanted.parts]
    parts = _from(rows, *columns).having(literal_column("true")).lateral()
    return _from(parts, func.row_to_json(parts.table_valued()))


def _part(
    view: View,
    page: Page,
    rows: FromClause,
    where: ColumnElement[bool],
    table: FromClause | None,
    wanted: Nodes | Edges | PageInfo | TotalCount | Constant,
) -> ColumnElement[Any]:
    order = rows.c.rn.desc() if page.backward else rows.c.rn.asc()
    on_page = rows.c.rn <= bindparam(f"{page.name}_size", type_=Integer)

    def listed(item: ColumnElement[Any]) -> ColumnElement[Any]:
        everything = func.json_agg(aggregate_order_by(item, order)).filter(on_page)
        return func.coalesce(everything, literal_column("'[]'::json"))

    match wanted:
        case Nodes(label, shape):
            return listed(_node(view, rows.c, shape)).label(label)
        case Edges(label, fields, shape):
            edge = _from(
                None,
                *(
                    rows.c.page_cursor.label(name)
                    if field == "cursor"
                    else _node(view, rows.c, shape).label(name)
                    if field == "node" and shape
                    else cast(field, Text).label(name)
                    for name, field in fields
                ),
            ).lateral()
            return listed(
                _from(edge, func.row_to_json(edge.table_valued())).scalar_subquery()
            ).label(label)
        case PageInfo(label, fields):
            known = _page_info(page, rows, on_page, order)
            pairs = [
                part
                for name, field in fields
                for part in (literal_column(_quoted(name)), known.get(field, cast(field, Text)))
            ]
            return func.json_build_object(*pairs).label(label)
        case TotalCount(label):
            everything = view.table if table is None else table
            counted = _from(everything, func.count()).where(where)
            return counted.scalar_subquery().label(label)
        case Constant(label, text):
            return cast(text, Text).label(label)


def _page_info(
    page: Page, rows: FromClause, on_page: ColumnElement[bool], order: ColumnElement[Any]
) -> dict[str, ColumnElement[Any]]:
    more = func.count() > bindparam(f"{page.name}_size", type_=Integer)
    cursors = func.json_agg(aggregate_order_by(rows.c.page_cursor, order)).filter(on_page)
    return {
        "has_next_page": true() if page.before else false() if page.backward else more,
        "has_previous_page": more if page.backward else true() if page.after else false(),
        "start_cursor": cursors.op("->>")(literal_column("0")),
        "end_cursor": cursors.op("->>")(literal_column("-1")),
    }


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
