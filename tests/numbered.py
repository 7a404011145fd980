"""What tests of numbers share: a company's series and ranges as a client sees them."""

from typing import Any

from tests.erp import Answer, User

SERIES = """{ numberSeries { nodes {
  id series version template ranges { period template last takenOver nextNumber remaining }
} } }"""
SHOWN = "numberSeries { id version series template ranges { period template last nextNumber } }"


async def series_of(user: User, name: str = "sales_invoice") -> dict[str, Any]:
    """Return one series with its ranges."""
    nodes = (await user.ask(SERIES)).data["numberSeries"]["nodes"]
    [found] = [each for each in nodes if each["series"] == name]
    return dict(found)


async def range_of(user: User, period: str, name: str = "sales_invoice") -> dict[str, Any]:
    """Return one range of a series."""
    [found] = [each for each in (await series_of(user, name))["ranges"] if each["period"] == period]
    return dict(found)


async def posted(user: User, day: str, **more: Any) -> dict[str, Any]:
    """Write an invoice of a day and post it."""
    invoice = await user.create_invoice(issueDate=day, supplyDate=day)
    answer = await user.post(invoice, **more)
    assert answer.problems == []
    return invoice


async def create_series(user: User, **more: Any) -> Answer:
    """Set up a series of invoices; what is not given is that of a branch in Hamburg."""
    facts = {
        "series": "invoice_hamburg",
        "kind": "SALES_INVOICE",
        "branch": "hamburg",
        "template": "HH-{year}-{seq:5}",
        **more,
    }
    return await user.do("createNumberSeries", SHOWN, **facts)


async def change_series(user: User, series: dict[str, Any], **more: Any) -> Answer:
    """Change a series in the version we know."""
    facts = {"id": series["id"], "expectedVersion": series["version"], **more}
    return await user.do("updateNumberSeries", SHOWN, **facts)


REPORT = """query($series: ID!, $period: String!) {
  numberingReport(series: $series, period: $period) {
    period last firstNumber lastNumber takenOver takenOverNumber takenOverProof
    numberSeries { series }
    allocations { nodes { number counter voidedReason document { id } } }
    voided { number reason } gaps { firstNumber lastNumber count }
  }
}"""


async def report(user: User, period: str, name: str = "sales_invoice") -> dict[str, Any]:
    """Return the report on one range."""
    id = (await series_of(user, name))["id"]
    answer = await user.ask(REPORT, series=id, period=period)
    found: dict[str, Any] = answer.data["numberingReport"]
    return found
