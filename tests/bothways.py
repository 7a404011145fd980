"""The differential: whatever a test reads is read both ways, and the bytes are compared.

The test server runs operations through `BothWays.run`. A query, and the answer to an event, is
executed by the reading engine and by the standard executor, on one snapshot of the database and at
one moment, so that nothing has to be left out of the comparison, download links included.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from graphql import OperationType, print_ast

from resolvers.context import Context
from resolvers.execution import Plan, executed, run

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statements:
    """How many SQL statements one operation took."""

    engine: int
    executor: int


@dataclass(slots=True)
class BothWays:
    """Runs operations like resolvers.execution.run, and remembers where the two ways differ."""

    compared: int = 0
    statements: Statements = Statements(0, 0)  # of the last comparison
    differences: list[str] = field(default_factory=list)

    async def run(
        self,
        context: Context,
        plan: Plan,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        root: Any = None,
    ) -> Answer:
        """Run an operation; a read is done both ways."""
        if plan.operation(operation_name).operation is OperationType.MUTATION:
            return await run(context, plan, variables, operation_name, root)
        moment = context.services.clock()
        services = replace(context.services, clock=lambda: moment)
        ways = [replace(context, services=services, engine=engine) for engine in (True, False)]
        answers, counts = [], []
        try:
            for way in ways:
                way.loaders, way._snapshot = {}, context.snapshot
                before = context.database.statements
                answers.append(await executed(way, plan, variables, operation_name, root))
                counts.append(context.database.statements - before)
                if failed(answers[-1]):  # its transaction is lost; the other way starts a new one
                    await context.renew()
        finally:  # also where the client went away in the middle
            await context.close()
        context.database.statements -= counts[1]  # a test counts what the engine needs
        self._compare(plan, variables, *answers)
        self.statements = Statements(*counts)
        return answers[0]

    def _compare(self, plan: Plan, variables: Any, engine: Answer, executor: Answer) -> None:
        self.compared += 1
        if packed(engine) != packed(executor):
            self.differences.append(
                f"{print_ast(plan.document)}\nvariables {variables}\n"
                f"engine:   {packed(engine).decode()}\nexecutor: {packed(executor).decode()}"
            )


BOTH_WAYS = BothWays()


def failed(answer: Answer) -> bool:
    """Say whether something went wrong on our side."""
    return any(error["extensions"].get("code") == "INTERNAL" for error in answer.get("errors", ()))


def packed(answer: Answer) -> bytes:
    """Return an answer without white space, its keys in their order; incidents have no number."""
    plain = orjson.loads(orjson.dumps(answer))
    for error in plain.get("errors", ()):
        if error["extensions"].pop("incidentId", None):
            error["message"] = "incident"
    return orjson.dumps(plain)
