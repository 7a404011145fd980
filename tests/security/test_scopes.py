"""Who may call which root field: the schema says it, the policy grants it, the server keeps it."""

import contextlib
import csv
import itertools
import uuid
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    parse,
)

from domain.documents.kinds import KINDS, Action
from domain.identity import ADMIN, SCOPE_OF, SCOPES
from resolvers.api import API, SCHEMA
from resolvers.execution import required_scopes
from tests.erp import PROBLEMS, Erp, User
from tests.refused import unchanged

ROOTS = ("Query", "Mutation", "Subscription")
ROLES = ("admin", "manager", "controller", "accountant", "operator", "")
FIELDS: dict[str, GraphQLField] = {
    f"{root}.{name}": field
    for root in ROOTS
    for name, field in SCHEMA.type_map[root].fields.items()
}

# -- The schema decides about every field ---------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS)
def test_every_root_field_has_a_decision(field: str):
    """A field without @requiresScope would be open to everybody who is signed in.

    Where only administrators may act, `admin:all` stands alone: beside others it says nothing.
    """
    scopes = required_scopes(FIELDS[field])

    assert scopes is not None
    assert set(scopes) <= set(SCOPES)
    assert ADMIN not in scopes or scopes == (ADMIN,)  # it opens every other field anyway


def test_only_me_is_open_to_everybody_who_is_signed_in():
    """Whoever adds a second one says so here."""
    assert [name for name, field in FIELDS.items() if required_scopes(field) == ()] == ["Query.me"]


def test_the_decision_is_visible_in_the_printed_schema():
    """What the SDL promises is what the server demands, for every root field."""
    printed = {
        f"{type.name.value}.{field.name.value}": [
            tuple(scope.value for scope in directive.arguments[0].value.values)
            for directive in field.directives
            if directive.name.value == "requiresScope"
        ]
        for type in parse(str(API)).definitions
        if getattr(type, "name", None) is not None and type.name.value in ROOTS
        for field in type.fields
    }

    assert printed == {name: [required_scopes(field)] for name, field in FIELDS.items()}


def test_every_action_on_every_kind_has_a_scope():
    """(kind, action) decides per document; a kind without it could not be acted on safely."""
    assert SCOPE_OF.keys() == set(itertools.product(KINDS, Action))
    assert set(SCOPE_OF.values()) <= set(SCOPES)


# -- The policy, read here without Casbin ---------------------------------------------------------


def policy() -> dict[str, set[str]]:
    """Return what each role is granted, from the file that people read."""
    granted: dict[str, set[str]] = {role: set() for role in ROLES}
    inherits: list[tuple[str, str]] = []
    lines = (files("persistence") / "policy" / "policy.csv").read_text().splitlines()
    for row in csv.reader(line for line in lines if not line.startswith("#")):
        match [cell.strip() for cell in row]:
            case ["p", role, "*", scope]:
                granted[role].add(scope)
            case ["g", heir, role, "*"]:
                inherits.append((heir, role))
            case other:
                raise AssertionError(f"this test cannot read {other}")
    for heir, role in inherits:
        granted[heir] |= granted[role]
    return granted


POLICY = policy()


def opens(role: str, field: str) -> bool:
    """Say whether the policy lets a role in."""
    wanted = set(required_scopes(FIELDS[field]) or ())
    return not wanted or ADMIN in POLICY[role] or bool(wanted & POLICY[role])


def test_the_table_has_both_answers_for_every_role_but_the_extremes():
    """A check of the check: admin may do everything, nobody's role only `me`."""
    open_to = {role: {field for field in FIELDS if opens(role, field)} for role in ROLES}

    assert open_to["admin"] == set(FIELDS)
    assert open_to[""] == {"Query.me"}
    assert "Mutation.postDocument" not in open_to["operator"] | open_to["manager"]
    assert "Mutation.postDocument" in open_to["accountant"] & open_to["controller"]
    assert "Mutation.approveDocument" not in open_to["operator"]
    assert "Mutation.createSalesInvoice" not in open_to["controller"]


# -- Every field for every role -------------------------------------------------------------------


def example(type: Any) -> Any:
    """Return a value of an input type, nothing optional in it."""
    if is_non_null_type(type):
        return example(type.of_type)
    if is_list_type(type):
        return [example(type.of_type)]
    if isinstance(type, GraphQLInputObjectType):
        return {
            name: example(field.type)
            for name, field in type.fields.items()
            if is_required_input_field(field)
        }
    if isinstance(type, GraphQLEnumType):
        return next(iter(type.values))
    return {"Int": 1, "ID": f"doc_{uuid.UUID(int=1)}", "Upload": None}.get(type.name, "x")


def operation(name: str) -> tuple[str, dict[str, Any]]:
    """Return an operation that selects one root field, and its variables."""
    root, field_name = name.split(".")
    field = FIELDS[name]
    required = {key: each for key, each in field.args.items() if is_required_argument(each)}
    declared = ", ".join(f"${key}: {each.type}" for key, each in required.items())
    given = ", ".join(f"{key}: ${key}" for key in required)
    shown = _shown(get_named_type(field.type), root == "Mutation")
    text = (
        f"{root.lower()} Try{f'({declared})' if declared else ''}"
        f" {{ {field_name}{f'({given})' if given else ''} {shown} }}"
    )
    return text, {key: example(each.type) for key, each in required.items()}


def _shown(type: Any, is_payload: bool) -> str:
    if not hasattr(type, "fields"):
        return ""
    return "{ problems { code } }" if is_payload else "{ __typename }"


def cases() -> Iterator[Any]:
    """Yield each root field with each role."""
    for field, role in itertools.product(FIELDS, ROLES):
        yield pytest.param(field, role, id=f"{field}-{role or 'no role'}")


@pytest.mark.parametrize(("field", "role"), list(cases()))
async def test_a_root_field_is_open_to_exactly_the_roles_of_the_policy(
    erp: Erp, field: str, role: str
):
    """Where the policy says no, the answer is FORBIDDEN alone, and nothing ran."""
    user = await erp.sign_in("user", roles=(role,) if role else ())
    text, variables = operation(field)

    async with contextlib.nullcontext() if opens(role, field) else unchanged(erp):
        errors = await errors_of(user, text, variables)

    wanted = " or ".join(required_scopes(FIELDS[field]) or ())
    if opens(role, field):  # what the input names may ask for more than the door does
        assert [e for e in errors if e["extensions"].get("requiredScope") == wanted] == []
    else:
        assert errors == [
            {
                "message": f"You need the scope {wanted} for this.",
                "extensions": {"code": "FORBIDDEN", "requiredScope": wanted},
            }
        ]


async def errors_of(user: User, text: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the errors of an operation; a subscription is sent over a socket."""
    if not text.startswith("subscription"):
        answer = await user.ask(text, **variables)
        assert ("data" in answer.body) == (answer.status == 200)
        errors: list[dict[str, Any]] = answer.body.get("errors", [])
        return errors
    head, _, rest = text.partition(" { ")
    field, _, shown = rest.partition(" {")
    given = f"{field[:-1]}, " if field.endswith(")") else f"{field}("
    spoiled = f'{head} {{ {given}after: "no cursor") {{{shown}'
    address = f"{user.erp.server.url}/graphql"
    async with user.erp.http.ws_connect(address, protocols=["graphql-transport-ws"]) as socket:
        payload = {"authorization": f"Bearer {user.token}"}
        await socket.send_json({"type": "connection_init", "payload": payload})
        assert (await socket.receive_json())["type"] == "connection_ack"
        query = {"query": spoiled, "variables": variables}
        await socket.send_json({"type": "subscribe", "id": "1", "payload": query})
        answer = await socket.receive_json(timeout=5)
        assert answer["type"] == "error"
        return answer["payload"]


CREATE_PARTNER = (
    'createPartner(input: {name: "Hof", street: "Weg 1", postcode: "27318", city: "Hoya",'
    f' idempotencyKey: "%s"}}) {{ partner {{ id }} {PROBLEMS} }}'
)
POST = (
    f'postDocument(input: {{id: "doc_{uuid.UUID(int=1)}", expectedVersion: 1,'
    ' idempotencyKey: "p"}) { problems { code } }'
)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(f"mutation {{ a: {CREATE_PARTNER % 'a'} b: {POST} }}", id="second"),
        pytest.param(
            f"mutation {{ a: {CREATE_PARTNER % 'a'} ... @skip(if: true) {{ b: {POST} }} }}",
            id="skipped",
        ),
        pytest.param(
            f"mutation {{ a: {CREATE_PARTNER % 'a'} ... @include(if: false) {{ b: {POST} }} }}",
            id="not included",
        ),
        pytest.param(
            f"mutation {{ a: {CREATE_PARTNER % 'a'} ...Hidden }}"
            f" fragment Hidden on Mutation {{ b: {POST} }}",
            id="in a fragment",
        ),
    ],
)
async def test_an_operation_with_one_closed_branch_runs_nothing_at_all(erp: Erp, query: str):
    """Also where the branch is skipped: what a plan needs does not depend on its variables."""
    olga = await erp.sign_in("olga", roles=("operator",))

    async with unchanged(erp):
        answer = await olga.ask(query)

    assert (answer.status, answer.error_codes) == (400, ["FORBIDDEN"])
    assert "data" not in answer.body
    assert answer.body["errors"][0]["extensions"]["requiredScope"] == "sales:post or purchase:post"


# -- Scopes of a token, and the scope that one document needs -------------------------------------


async def test_a_token_brings_scopes_beside_those_of_its_roles(erp: Erp):
    """The claim `scope` (RFC 9068) grants known scopes; unknown ones are nothing."""
    token = erp.token("max", ("operator",), scope="sales:post openid profile sales:everything")

    me = (await User(erp, "max", token).ask("{ me { roles scopes } }")).data["me"]

    assert me == {"roles": ["operator"], "scopes": sorted({*POLICY["operator"], "sales:post"})}


@pytest.mark.parametrize(
    ("scope", "code", "message"),
    [
        ("purchase:post", "NOT_FOUND", "There is no Document with the id {id}."),
        ("purchase:post purchase:read", "NOT_FOUND", "There is no Document with the id {id}."),
        ("purchase:post sales:read", "FORBIDDEN", "You need the scope sales:post for this."),
    ],
)
async def test_the_scope_of_the_other_side_posts_no_sales_invoice(
    erp: Erp, scope: str, code: str, message: str
):
    """Who may not read the invoice learns nothing of it; who may read it learns what is missing."""
    anna = await erp.sign_in()
    martin = await erp.sign_in("martin", roles=("manager",))
    invoice = await anna.create_invoice()
    await anna.submit(invoice)
    await martin.approve(invoice)
    buyer = User(erp, "buyer", erp.token("buyer", (), scope=scope))

    async with unchanged(erp):
        answer = await buyer.post(dict(invoice))

    if code == "NOT_FOUND":
        [problem] = answer.problems
        assert (problem["code"], problem["path"]) == (code, ["input", "id"])
        assert problem["message"] == message.format(id=invoice["id"])
    else:
        [error] = answer.body["errors"]
        assert (error["extensions"]["code"], error["message"]) == (code, message)
        assert error["extensions"]["requiredScope"] == "sales:post"


@pytest.mark.parametrize("verb", ["submit", "approve", "reject", "post"])
async def test_who_reads_no_sales_sees_no_sales_invoice_anywhere(erp: Erp, verb: str):
    """Neither in a list, by id, in a partner's documents nor by acting on it."""
    anna = await erp.sign_in()
    partner = await anna.create_partner()
    invoice = await anna.create_invoice(soldTo=partner)
    every = " ".join(scope for scope in SCOPES if scope.startswith("purchase:"))
    buyer = User(erp, "buyer", erp.token("buyer", (), scope=every))

    async with unchanged(erp):
        seen = await buyer.ask(
            "query($doc: ID!, $par: ID!) { documents { totalCount nodes { id } }"
            " document(id: $doc) { id } node(id: $doc) { id }"
            " partner(id: $par) { name documents { totalCount } } }",
            doc=invoice["id"],
            par=partner,
        )
        acted = await getattr(buyer, verb)(dict(invoice))

    assert seen.data == {
        "documents": {"totalCount": 0, "nodes": []},
        "document": None,
        "node": None,
        "partner": {"name": "Hof Lindenau", "documents": {"totalCount": 0}},
    }
    assert acted.problem_codes == ["NOT_FOUND"]
