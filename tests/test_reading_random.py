"""Random operations, valid by the schema, answered both ways and compared."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import aiohttp
import asyncpg
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from domain.documents.kinds import KINDS, SALES
from resolvers.api import COMPUTED, SCHEMA
from resolvers.execution import InvalidDocument
from tests.bothways import BOTH_WAYS, Statements
from tests.companies import actor_of
from tests.erp import FARMER, Erp
from tests.trading import Trading, trading

DEPTH_MAX = 5
FIELDS_MAX = 4
NEED_PYTHON = {name for _, name in COMPUTED} | {"previewNumbers"}
SWITCHES = (("yes", "true"), ("no", "false"))
SORT_OF_RELATION = {"documents": "ISSUE_DATE_NEWEST", "history": "OLDEST", "prices": "VALID_FROM"}
PREFIX_OF = {
    "document": "doc",
    "partner": "par",
    "billTo": "par",
    "responsible": "usr",
    "item": "itm",
    "inboxItem": "inb",
    "itemId": "itm",
    "supplier": "par",
    "partnerId": "par",
    "price": "prc",
    "numberSeriesById": "nsr",
    "series": "nsr",
}
EXAMPLES, EXAMPLES_MIN = 150, 100

Draw = Callable[[Any], Any]


@pytest.fixture(scope="module")
async def company(
    server: SimpleNamespace, owner: asyncpg.Connection, http: aiohttp.ClientSession
) -> Trading:
    """A company that trades: on both sides, and with documents that follow from others."""
    company = await trading(await Erp.found(server, owner, http))
    anna, partner = company.anna, company.partners[0]
    company.partners.append(farmer := await anna.create_partner(**FARMER))
    for kind, then in (
        ("SALES_ORDER", ["DELIVERY_NOTE", "CUSTOMER_RETURN"]),
        ("PURCHASE_ORDER", ["GOODS_RECEIPT", "SELF_BILLED_INVOICE"]),
        ("SALES_CONTRACT", []),
        ("SUPPLIER_OFFER", []),
    ):
        who = {"soldTo": partner} if KINDS[kind].side == SALES else {"supplier": farmer}
        made = await anna.create(kind, **who)
        company.more.append(made["id"])
        for following in then:
            assert (await anna.post(made)).problems == []
            made = (await anna.convert([made["id"]], following)).made
            company.more.append(made["id"])
    delivery = {"id": company.more[1], "version": 3}
    discarded = {"id": company.more[2], "version": 1}
    assert (await anna.verb("discardDocument", discarded)).problems == []
    cancelled = await anna.verb("cancelDocument", delivery, expectedVersion=4, reason="falsch")
    company.more.append(cancelled.made["id"])
    return company


class Writer:
    """Writes one random operation."""

    def __init__(self, draw: Draw, known: dict[str, list[Any]]) -> None:
        self.draw = draw
        self.known = known
        self.fragments: list[str] = []
        self.aliases = 0

    def operation(self) -> str:
        """Return a whole document with its variables' declarations."""
        root = self.selection(SCHEMA.query_type, 0)
        text = "\n".join([root, *self.fragments])
        used = [f"${name}: Boolean! = {value}" for name, value in SWITCHES if f"${name}" in text]
        return f"query({', '.join(used)}) {text}" if used else text

    def maybe(self, percent: int) -> bool:
        """Say yes that often; the simplest example, which hypothesis likes, says no."""
        return bool(self.draw(st.integers(1, 100)) > 100 - percent)

    def selection(self, kind: Any, depth: int) -> str:
        """Return fields of a type, some of them in fragments."""
        wanted = self.draw(st.integers(1 if depth else 2, FIELDS_MAX))
        return "{ " + " ".join(self.selected(kind, depth) for _ in range(wanted)) + " }"

    def selected(self, kind: Any, depth: int) -> str:
        """Return one field or fragment."""
        if self.maybe(10):
            return self.named("__typename") + self.directive()
        if depth and self.maybe(25):
            target = self.draw(st.sampled_from([kind, *types_within(kind)]))
            return self.fragment(target, self.selection(target, depth))
        fields = getattr(kind, "fields", {})
        names = [
            name
            for name, field in sorted(fields.items(), key=lambda each: -weight(each[1]))
            if (depth < DEPTH_MAX or not is_composite_type(get_named_type(field.type)))
            and (name not in NEED_PYTHON or self.maybe(5))
        ]
        if not names:
            return "__typename"
        return self.field(name := self.draw(st.sampled_from(names)), fields[name], depth)

    def field(self, name: str, field: GraphQLField, depth: int) -> str:
        """Return a field with arguments and its own selection; equal names are merged."""
        arguments = self.arguments(name, field)
        label = self.aliased(name) if field.args else self.named(name)
        kind = get_named_type(field.type)
        inner = self.selection(kind, depth + 1) if is_composite_type(kind) else ""
        return f"{label}{arguments}{self.directive()} {inner}"

    def named(self, name: str) -> str:
        """Return a field's name, at times with an alias."""
        return self.aliased(name) if self.maybe(30) else name

    def aliased(self, name: str) -> str:
        """Return a name under an alias of its own, at times a nasty one."""
        self.aliases += 1
        start = self.draw(st.sampled_from(["a", "anon_", "Page", "_x", "n" * 61]))
        return f"{start}{self.aliases}: {name}"

    def directive(self) -> str:
        """Return nothing, mostly."""
        choices = ["@skip(if: $no)", "@include(if: $yes)", "@skip(if: $yes)", "@include(if: $no)"]
        return " " + self.draw(st.sampled_from(choices)) if self.maybe(15) else ""

    def fragment(self, kind: Any, inner: str) -> str:
        """Return a fragment, inline or named, on a type."""
        match self.draw(st.integers(0, 2)):
            case 0:
                return f"... on {kind.name}{self.directive()} {inner}"
            case 1:
                name = f"F{len(self.fragments)}"
                self.fragments.append(f"fragment {name} on {kind.name} {inner}")
                return f"...{name}{self.directive()}"
            case _:
                return f"... on {kind.name} {{ ...{self.directive()} {inner} }}"

    def arguments(self, name: str, field: GraphQLField) -> str:
        """Return some of the arguments of a field; pages are asked for in one direction."""
        given: dict[str, str] = {}
        leave_out = self.draw(st.sampled_from([{"first", "after"}, {"last", "before"}]))
        for argument, definition in field.args.items():
            required = isinstance(definition.type, GraphQLNonNull)
            if required or (argument not in leave_out and self.maybe(50)):
                asked = name if argument == "id" else argument
                given[argument] = self.literal(asked, definition.type)
        sort = given.get("sort") or SORT_OF_RELATION.get(name) or default_sort(field)
        for bound in {"after", "before"} & given.keys():
            cursors = self.known.get(f"{name} {sort}") or ["none"]
            given[bound] = f'"{self.draw(st.sampled_from(cursors))}"'
        written = ", ".join(f"{key}: {value}" for key, value in given.items())
        return f"({written})" if written else ""

    def literal(self, name: str, kind: Any) -> str:
        """Return a literal of a type for an argument or a field of an input."""
        if isinstance(kind, GraphQLNonNull):
            return self.literal(name, kind.of_type)
        if isinstance(kind, GraphQLList):
            count = self.draw(st.integers(0, 3))
            return "[" + ", ".join(self.literal(name, kind.of_type) for _ in range(count)) + "]"
        if isinstance(kind, GraphQLEnumType):
            return str(self.draw(st.sampled_from(sorted(kind.values))))
        if isinstance(kind, GraphQLInputObjectType):
            inner = [
                f"{each}: {self.literal(each, field.type)}"
                for each, field in kind.fields.items()
                if isinstance(field.type, GraphQLNonNull) or self.maybe(30)
            ]
            return "{" + ", ".join(inner) + "}"
        match kind.name:
            case "Int":
                return str(
                    self.draw(st.sampled_from([1, 2, 3, 5, 50, 200] + [0, 201] * self.maybe(5)))
                )
            case "ID":
                return f'"{self.draw(st.sampled_from(self.ids(name)))}"'
            case "Date":
                return f'"{date(2026, 11, self.draw(st.integers(8, 18)))}"'
            case "Decimal":
                return f'"{Decimal(self.draw(st.integers(-10, 3000))) / 2}"'
            case "String" if name == "period":
                return '"2026"'
            case "Boolean":
                return self.draw(st.sampled_from(["true", "false"]))  # type: ignore[no-any-return]
            case _:
                return '"INV-2026-00001"'

    def ids(self, name: str) -> list[Any]:
        """Return ids to choose from: mostly of the entity that a field or argument names."""
        prefix = PREFIX_OF.get(name, "")
        fitting = [each for each in self.known["id"] if each.startswith(prefix)]
        return self.known["id"] if self.maybe(15) else fitting


def weight(field: GraphQLField) -> int:
    """Return how much there is to read behind a field; hypothesis likes what comes first."""
    return 2 if field.args else 1 if is_composite_type(get_named_type(field.type)) else 0


def types_within(kind: Any) -> list[Any]:
    """Return the concrete types of an abstract one, and the interfaces of any."""
    possible = SCHEMA.get_possible_types(kind) if is_abstract_type(kind) else []
    return [*possible, *getattr(kind, "interfaces", ())]


def default_sort(field: GraphQLField) -> str | None:
    """Return the order of a list that names none."""
    sort = field.args.get("sort")
    return None if sort is None else sort.default_value


@pytest.fixture(scope="module")
async def known(company: Trading) -> dict[str, list[Any]]:
    """Values to choose from: ids, and cursors by list and order."""
    answer = await company.anna.ask("{ numberSeries { nodes { id } } }")
    series = [each["id"] for each in answer.data["numberSeries"]["nodes"]]
    ids = [*company.ids, *series]
    found: dict[str, list[Any]] = {"id": [*ids, *ids, "none", "doc_1"]}
    found["id"].append(f"usr_{actor_of(company.erp).user}")
    edges = "edges { cursor }"
    for name, field in SCHEMA.query_type.fields.items():  # type: ignore[union-attr]
        if "sort" in field.args:
            for sort in sorted(get_named_type(field.args["sort"].type).values):  # type: ignore[union-attr]
                side = ", side: SALES" if "side" in field.args else ""
                asked = f"{{ {name}(sort: {sort}{side}) {{ {edges} }} }}"
                shown = (await company.anna.ask(asked)).data
                found[f"{name} {sort}"] = [each["cursor"] for each in shown[name]["edges"]]
    asked = f"{{ documents {{ nodes {{ history {{ {edges} }} }} }} }}"
    nodes = (await company.anna.ask(asked)).data["documents"]["nodes"]
    found["history OLDEST"] = [
        edge["cursor"] for node in nodes for edge in node["history"]["edges"]
    ]
    return found


@pytest.fixture(scope="module")
def tally() -> Iterator[list[Statements]]:
    """Statements of each example; at the end enough must have read, and joined, by the engine."""
    examples: list[Statements] = []
    yield examples
    assert len(examples) >= EXAMPLES_MIN
    assert sum(each.engine > 0 for each in examples) > len(examples) / 2
    assert sum(each.engine < each.executor for each in examples) > len(examples) / 8


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_a_random_operation_is_answered_the_same_both_ways(
    data: Any, company: Trading, known: dict[str, list[Any]], tally: list[Statements]
):
    """Whatever is asked within the schema, the bytes are equal and nothing is our error."""
    state = company.erp.server.state
    actor = await state.verifier.actor(f"Bearer {company.anna.token}")
    query = Writer(data.draw, known).operation()

    try:
        plan = state.plans.plan(query)
    except InvalidDocument:  # types of one node have fields of the same name but not of one type
        reject()

    answer = await BOTH_WAYS.run(state.context(actor), plan, {}, None)

    tally.append(BOTH_WAYS.statements)
    codes = {error["extensions"].get("code") for error in answer.get("errors", ())}
    assert "INTERNAL" not in codes, query
    assert BOTH_WAYS.differences == []
