"""GraphQL types of problems, made from the domain's classes: code, message, path, and the facts."""

from dataclasses import fields
from typing import Any

import strawberry
from strawberry.types import Info

import domain.amounts
import domain.approvals
import domain.branches
import domain.bulk
import domain.company
import domain.countries
import domain.credit
import domain.dates
import domain.documents.amounts
import domain.documents.asking
import domain.documents.cancellation
import domain.documents.companions
import domain.documents.conversion
import domain.documents.credits
import domain.documents.document
import domain.documents.facts
import domain.documents.figures
import domain.documents.invoice_run
import domain.documents.jobs
import domain.documents.life
import domain.documents.posting
import domain.documents.remainders
import domain.documents.stated
import domain.documents.upstream
import domain.einvoice
import domain.exchange_rates
import domain.feed
import domain.gtin
import domain.identity
import domain.imports.cells
import domain.imports.columns
import domain.imports.files
import domain.imports.groups
import domain.imports.item_rows
import domain.imports.run
import domain.inbox
import domain.items
import domain.journal
import domain.money
import domain.numbering.ranges
import domain.numbering.series
import domain.numbering.templates
import domain.partners
import domain.payment_terms
import domain.payments
import domain.periods
import domain.prices.price
import domain.printing.links
import domain.requests
import domain.tax
import domain.text
import domain.texts  # noqa: F401  all imported so that every problem is known
from domain.problems import PROBLEMS
from domain.problems import Problem as DomainProblem


class Told:
    """A problem on its way into an answer; graphql-core would raise the exception itself."""

    def __init__(self, problem: DomainProblem) -> None:
        self.problem = problem
        self.__dict__.update(problem.facts())


def _code(root: Told) -> str:
    return root.problem.code


def _message(root: Told, info: Info[Any, None]) -> str:
    return root.problem.message(info.context.language)


def _path(root: Told) -> list[str]:
    return list(root.problem.path)


@strawberry.interface(
    description="A rule was broken, by something the caller can mend. See docs/problems by code."
)
class Problem:
    """What every problem tells; concrete types add the facts."""

    code: str = strawberry.field(resolver=_code, description="The rule, such as NOT_FOUND.")
    message: str = strawberry.field(
        resolver=_message, description="What happened, in the caller's language."
    )
    path: list[str] = strawberry.field(
        resolver=_path, description="Where in the input; empty when it is about the whole."
    )


def _type_of(problem: type[DomainProblem]) -> type:
    facts = {field.name: field.type for field in fields(problem) if field.name != "path"}
    name = problem.__name__
    body: dict[str, Any] = {
        "__annotations__": facts,
        "__module__": __name__,
        "is_type_of": classmethod(lambda cls, found, info: type(found.problem) is problem),
    }
    for fact in facts:
        body[fact] = strawberry.field(description=f"The fact `{fact}` of the message.")
    return strawberry.type(type(name, (Problem,), body), description=problem.sentence("en"))


PROBLEM_TYPES: list[type] = [_type_of(PROBLEMS[code]) for code in sorted(PROBLEMS)]
"""One GraphQL type per problem class."""
