"""Running operations: plans are cached by document, errors leave without traces."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    execute,
    parse,
    validate,
    visit,
)
from graphql.execution.execute import execute_subscription
from graphql.utilities import get_operation_ast

from domain.identity import Actor, Forbidden
from domain.problems import Problem
from resolvers.api import COMPUTED, SCHEMA
from resolvers.context import Context
from resolvers.feed.fields import Stream
from resolvers.reading.executor import ReadingExecutor
from resolvers.reading.names import camel
from schema.entities import RequiresScope

PLANS_MAX = 1_000
PLAN_LENGTH_MAX = 10_000  # a plan takes a hundred times the memory of its text; larger ones go
TOKENS_MAX = 10_000
QUERY_LENGTH_MAX = 100_000

_log = logging.getLogger("neuroerp.graphql")


@dataclass(frozen=True, slots=True)
class Plan:
    """A document that was parsed and validated, with the scopes of all its branches."""

    document: DocumentNode
    scopes: tuple[tuple[str, ...], ...]
    is_personal: bool  # some answer in it may differ between users of equal rights

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation that is to run. Raises GraphQLError if that is not clear."""
        found = get_operation_ast(self.document, name)
        if found is None:
            raise GraphQLError(
                f"There is no operation named {name}."
                if name
                else "The document has several operations or none; name one in operationName."
            )
        return found

    def is_subscription(self, name: str | None) -> bool:
        """Say whether the operation is a subscription."""
        return self.operation(name).operation is OperationType.SUBSCRIPTION

    def resumes_at(self, name: str | None) -> str | None:
        """Return the variable that says where a subscription starts and nothing else besides."""
        root = self.operation(name).selection_set.selections[0]
        given = root.arguments if isinstance(root, FieldNode) else None
        for argument in given or ():
            if argument.name.value == "after" and isinstance(argument.value, VariableNode):
                variable = argument.value.name.value
                return variable if _mentions(self.document, variable) == 2 else None
        return None

    def demand(self, actor: Actor) -> None:
        """Refuse the plan as a whole unless every branch is open. Raises Forbidden."""
        for any_of in self.scopes:
            if not actor.has_any(any_of):
                raise Forbidden(required_scope=" or ".join(any_of))


class InvalidDocument(Exception):
    """The document does not parse or does not fit the schema; `errors` say where."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        self.errors = errors


class Plans:
    """Plans by document text, the least recently used one forgotten first."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()

    def plan(self, query: str) -> Plan:
        """Return the plan of a document. Raises InvalidDocument."""
        known = self._plans.get(query)
        if known is not None:
            self._plans.move_to_end(query)
            return known
        plan = _planned(query)
        if len(query) > PLAN_LENGTH_MAX:
            return plan
        self._plans[query] = plan
        if len(self._plans) > PLANS_MAX:
            self._plans.popitem(last=False)
        return plan


def _planned(query: str) -> Plan:
    if len(query) > QUERY_LENGTH_MAX:
        raise InvalidDocument([GraphQLError(f"A query has at most {QUERY_LENGTH_MAX} characters.")])
    try:
        document = parse(query, max_tokens=TOKENS_MAX)
    except GraphQLError as error:
        raise InvalidDocument([error]) from None
    except RecursionError:
        raise InvalidDocument([GraphQLError("The query is nested too deeply.")]) from None
    try:
        if errors := validate(SCHEMA, document, max_errors=20):
            raise InvalidDocument(errors)
    except RecursionError:
        raise InvalidDocument([GraphQLError("The query is nested too deeply.")]) from None
    return Plan(document, *_guards(document))


def _mentions(document: DocumentNode, variable: str) -> int:
    """Count how often a variable is named: once where it is declared, once for each use."""
    found = 0

    class Mentions(Visitor):
        def enter_variable(self, node: VariableNode, *_args: Any) -> None:
            nonlocal found
            found += node.name.value == variable

    visit(document, Mentions())
    return found


def _guards(document: DocumentNode) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Return what every guarded field asks for, fragments included, and whether any needs Python.

    What needs Python may look at who asks, so its answers are nobody else's.
    """
    found: set[tuple[str, ...]] = set()
    names: set[str] = set()
    types = TypeInfo(SCHEMA)

    class Guards(Visitor):
        def enter_field(self, node: FieldNode, *_args: Any) -> None:
            names.add(node.name.value)
            definition = types.get_field_def()
            if definition is not None and (any_of := required_scopes(definition)) is not None:
                found.add(any_of)

    visit(document, TypeInfoVisitor(types, Guards()))
    return tuple(sorted(found)), not names.isdisjoint(name for _, name in COMPUTED)


def required_scopes(definition: Any) -> tuple[str, ...] | None:
    """Return the scopes that open a field, or None where the field is not guarded."""
    declared = definition.extensions.get("strawberry-definition")
    for directive in getattr(declared, "directives", ()):
        if isinstance(directive, RequiresScope):
            return tuple(directive.any_of)
    return None


async def run(
    context: Context,
    plan: Plan,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    root: Any = None,
) -> dict[str, Any]:
    """Run an operation and return the answer, its JSON parts still as fragments.

    Without the key `data` the request was refused before anything ran.
    """
    try:
        return await executed(context, plan, variables, operation_name, root)
    finally:
        await context.close()


async def executed(
    context: Context,
    plan: Plan,
    variables: dict[str, Any] | None,
    operation_name: str | None,
    root: Any = None,
) -> dict[str, Any]:
    """Run an operation on the context's snapshot, which stays open."""
    try:
        plan.demand(context.actor)
        outcome = execute(
            SCHEMA,
            plan.document,
            root,
            context,
            variables,
            operation_name,
            executor_class=ReadingExecutor,
        )
        result: ExecutionResult = outcome if isinstance(outcome, ExecutionResult) else await outcome
    except (Problem, GraphQLError) as error:
        return {"errors": [told(error, context)]}
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [told(error, context) for error in result.errors]
    if result.data is not None or not _before_execution(result):
        answer["data"] = result.data
    return answer


async def subscribed(
    context: Context, plan: Plan, variables: dict[str, Any] | None, operation_name: str | None
) -> Stream:
    """Return what a subscription follows. Raises GraphQLError or the resolver's Problem."""
    built = ReadingExecutor.build(
        SCHEMA,
        plan.document,
        context_value=context,
        raw_variable_values=variables,
        operation_name=operation_name,
    )
    if isinstance(built, list):
        raise built[0]
    found = execute_subscription(built)
    stream = await found if isinstance(found, Awaitable) else found
    assert isinstance(stream, Stream)
    return stream


def _before_execution(result: ExecutionResult) -> bool:
    return all(error.path is None for error in result.errors or ())


def told(error: Exception, context: Context | None = None) -> dict[str, Any]:
    """Return an error as clients see it: a code, a sentence, never a trace."""
    shown: dict[str, Any] = dict(error.formatted) if isinstance(error, GraphQLError) else {}
    cause = error.original_error if isinstance(error, GraphQLError) else error
    if isinstance(cause, Problem):
        facts = {camel(name): value for name, value in cause.facts().items()}
        shown["message"] = cause.message(context.language if context else "en")
        shown["extensions"] = {"code": cause.code, **facts}
        if cause.path:
            shown["extensions"]["path"] = list(cause.path)
    elif isinstance(cause, RecursionError):
        shown["message"] = "The query is nested too deeply."
        shown["extensions"] = {"code": "BAD_REQUEST"}
    elif _is_ours(error, cause):
        incident = secrets.token_hex(8)
        _log.error("incident %s", incident, exc_info=cause)
        shown["message"] = (
            f"Something went wrong on our side. Tell support the incident {incident}."
        )
        shown["extensions"] = {"code": "INTERNAL", "incidentId": incident}
        if context and context.committed:
            shown["extensions"]["committed"] = True
    else:
        shown.setdefault("extensions", {"code": "BAD_REQUEST"})
    return shown


def _is_ours(error: Exception, cause: Exception | None) -> bool:
    """Say whether nobody but us can mend it: it happened in a field, or outside of GraphQL."""
    if cause is None or isinstance(cause, GraphQLError):
        return False
    return not isinstance(error, GraphQLError) or error.path is not None
