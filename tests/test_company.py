"""The company: profile and settings, how kinds are approved, branches."""

from typing import Any
from uuid import UUID

import pytest

from domain.company import CompanySettings, CreditCheck, Turnover
from domain.documents.kinds import KINDS
from persistence.unit_of_work import UnitOfWork
from tests.companies import work_of
from tests.erp import Erp, User
from tests.refused import problem_of, unchanged

PROFILE: dict[str, Any] = {
    "name": "Prüfstand GmbH",
    "street": "Neuer Weg 2",
    "postcode": "28195",
    "city": "Bremen",
    "country": "DE",
    "vatId": "DE136695976",
    "taxNumber": "60/000/00000",
    "email": "rechnung@example.org",
    "phone": "+49 421 1",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "bank": "Commerzbank",
    "creditorId": "DE98ZZZ09999999999",
    "legalNotice": "Amtsgericht Bremen HRB 1",
    "timeZone": "Europe/Vienna",
    "isSmallBusiness": True,
    "isFlatRateFarmer": True,
    "isTaxedOnCashBasis": True,
    "previousTurnover": "UP_TO_800000",
    "fiscalYearStartMonth": 7,
    "overDeliveryTolerancePercent": "5",
    "matchTolerance": "0.05",
    "creditCheck": "BLOCK",
    "printsContact": True,
}
SHOWN = f"company {{ id {' '.join(PROFILE)} currency version }}"


async def _history(user: User) -> list[tuple[str, list[tuple[str, Any, Any]]]]:
    answer = await user.ask(
        "{ company { history(first: 9) { nodes { type changes { field before after } } } } }"
    )
    return [
        (entry["type"], [(c["field"], c["before"], c["after"]) for c in entry["changes"]])
        for entry in answer.data["company"]["history"]["nodes"]
    ]


async def test_a_new_company_works_by_the_usual_settings(erp: Erp):
    """Nothing has to be set before the first document."""
    anna = await erp.sign_in()

    company = (await anna.ask(f"{{ {SHOWN} }}")).data["company"]

    assert company["id"] == f"ten_{erp.tenant}"
    assert {name: company[name] for name in list(PROFILE)[14:]} == {
        "timeZone": "Europe/Berlin",
        "isSmallBusiness": False,
        "isFlatRateFarmer": False,
        "isTaxedOnCashBasis": False,
        "previousTurnover": "ABOVE_800000",
        "fiscalYearStartMonth": 1,
        "overDeliveryTolerancePercent": "0",
        "matchTolerance": "0.02",
        "creditCheck": "WARN",
        "printsContact": False,
    }
    assert (company["currency"], company["version"]) == ("EUR", 1)


async def test_the_profile_is_replaced_and_documents_ask_for_it_in_one_statement(erp: Erp):
    """The journal tells what changed; `terms` of the next document holds the settings."""
    anna = await erp.sign_in()

    made = (await anna.do("updateCompany", SHOWN, expectedVersion=1, **PROFILE)).made

    assert made == {"id": f"ten_{erp.tenant}", **PROFILE, "currency": "EUR", "version": 2}
    [(type, changes)] = await _history(anna)
    assert type == "CompanyUpdated"
    assert ("street", "Prüfweg 1", "Neuer Weg 2") in changes
    assert ("matchTolerance", "0.02", "0.05") in changes
    assert len(changes) == len(PROFILE) - 7  # name, postcode, city, country, two tax ids, IBAN
    work: UnitOfWork
    async with work_of(erp) as work:
        terms = await work.tenants.terms(KINDS["SALES_INVOICE"])
    assert terms.company.street == "Neuer Weg 2"
    assert terms.settings == CompanySettings(
        is_small_business=True,
        is_flat_rate_farmer=True,
        is_taxed_on_cash_basis=True,
        previous_turnover=Turnover.UP_TO_800000,
        fiscal_year_start_month=7,
        over_delivery_tolerance_percent=terms.settings.over_delivery_tolerance_percent,
        match_tolerance=terms.settings.match_tolerance,
        credit_check=CreditCheck.BLOCK,
        prints_contact=True,
    )
    assert f"{terms.settings.over_delivery_tolerance_percent.normalize()}" == "5"
    assert f"{terms.settings.match_tolerance}" == "0.05"


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"name": ""}, "REQUIRED", "name"),
        ({"country": "XX"}, "COUNTRY_UNKNOWN", "country"),
        ({"vatId": "DE123456789"}, "VAT_ID_CHECK_DIGIT_WRONG", "vatId"),
        ({"email": "Rechnung <a@b.example>"}, "EMAIL_MALFORMED", "email"),
        ({"iban": "DE88370400440532013000"}, "IBAN_INVALID", "iban"),
        ({"bic": "COBA"}, "BIC_MALFORMED", "bic"),
        ({"creditorId": "DE97ZZZ09999999999"}, "CREDITOR_ID_INVALID", "creditorId"),
        ({"legalNotice": "x" * 501}, "TOO_LONG", "legalNotice"),
        ({"timeZone": "Europe/Bremen"}, "TIME_ZONE_UNKNOWN", "timeZone"),
        ({"timeZone": "Europe"}, "TIME_ZONE_UNKNOWN", "timeZone"),
        ({"timeZone": "../../etc/passwd"}, "TIME_ZONE_UNKNOWN", "timeZone"),
        ({"fiscalYearStartMonth": 13}, "MONTH_OUT_OF_RANGE", "fiscalYearStartMonth"),
        ({"fiscalYearStartMonth": 0}, "MONTH_OUT_OF_RANGE", "fiscalYearStartMonth"),
        ({"matchTolerance": "-0.01"}, "AMOUNT_BELOW_ZERO", "matchTolerance"),
        (
            {"overDeliveryTolerancePercent": "-1"},
            "AMOUNT_BELOW_ZERO",
            "overDeliveryTolerancePercent",
        ),
        ({"overDeliveryTolerancePercent": "101"}, "TOO_LARGE", "overDeliveryTolerancePercent"),
        (
            {"overDeliveryTolerancePercent": "1.001"},
            "TOO_PRECISE",
            "overDeliveryTolerancePercent",
        ),
    ],
)
async def test_a_wrong_profile_is_not_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """The company stays as it is."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await anna.do("updateCompany", SHOWN, expectedVersion=1, **{**PROFILE, **change})

    assert problem_of(answer)[:2] == (code, f"input.{place}")


async def test_of_two_who_change_the_company_the_first_wins(erp: Erp):
    """The second has seen an older version."""
    anna = await erp.sign_in()
    await anna.do("updateCompany", SHOWN, expectedVersion=1, **PROFILE)

    async with unchanged(erp):
        answer = await anna.do("updateCompany", SHOWN, expectedVersion=1, **PROFILE)

    assert answer.problem_codes == ["VERSION_CONFLICT"]


@pytest.mark.parametrize(
    ("mutation", "input"),
    [
        ("updateCompany", {**PROFILE, "expectedVersion": 1}),
        ("setApprovalMode", {"kind": "SALES_INVOICE", "approval": "NONE", "expectedVersion": 1}),
    ],
)
async def test_only_an_administrator_changes_the_company(
    erp: Erp, mutation: str, input: dict[str, Any]
):
    """Everybody who reads documents may read it."""
    martin = await erp.sign_in("martin", roles=("manager",))

    async with unchanged(erp):
        answer = await martin.do(mutation, "company { id }", **input)

    assert answer.error_codes == ["FORBIDDEN"]
    assert (await martin.ask("{ company { name } }")).data["company"]["name"] == "Prüfstand GmbH"


async def test_a_kind_is_approved_as_the_company_says_from_now_on(erp: Erp):
    """Without approval a draft is posted in one call; the journal tells who decided that."""
    anna = await erp.sign_in()
    invoice = await anna.create_invoice()
    assert (await anna.post(invoice)).problem_codes == ["TRANSITION_NOT_ALLOWED"]
    shown = "company { version documentSettings { kind approval } }"

    answer = await anna.do(
        "setApprovalMode", shown, kind="SALES_INVOICE", approval="NONE", expectedVersion=1
    )

    setting = {"kind": "SALES_INVOICE", "approval": "NONE"}
    assert answer.made["version"] == 2
    assert setting in answer.made["documentSettings"]
    assert (await anna.post(invoice)).problems == []
    assert await _history(anna) == [
        (
            "ApprovalModeSet",
            [("documentSettings.SALES_INVOICE.approval", "ALWAYS", "NONE")],
        )
    ]


async def test_a_kind_without_a_setting_gets_one(erp: Erp):
    """A kind that a later release brings has none yet."""
    anna = await erp.sign_in()
    await erp.owner.execute("delete from kind_setting where tenant_id = $1", erp.tenant)
    shown = "company { documentSettings { kind approval } }"

    answer = await anna.do(
        "setApprovalMode", shown, kind="SALES_INVOICE", approval="BY_RULE", expectedVersion=1
    )

    setting = {"kind": "SALES_INVOICE", "approval": "BY_RULE"}
    assert answer.made["documentSettings"] == [setting]


async def test_nobody_sees_another_company(erp: Erp):
    """Its id is an unknown id."""
    anna = await erp.sign_in()
    other = await Erp.found(erp.server, erp.owner, erp.http)

    answer = await anna.ask(
        "query($own: ID!, $other: ID!) { own: node(id: $own) { id } other: node(id: $other) { id }"
        " }",
        own=f"ten_{erp.tenant}",
        other=f"ten_{other.tenant}",
    )

    assert answer.data == {"own": {"id": f"ten_{erp.tenant}"}, "other": None}


# ------------------------------------------------------------------------------------- branches

NORTH = {"code": "NORD", "name": "Lager Nord", "street": "Weg 1", "postcode": "1", "city": "Hoya"}
BRANCH = "branch { id code name street postcode city country version }"


async def test_a_branch_is_made_listed_and_replaced(erp: Erp):
    """It stands in the list and with the company, by code."""
    anna = await erp.sign_in()
    made = (await anna.do("createBranch", BRANCH, **NORTH)).made
    await anna.do("createBranch", BRANCH, **{**NORTH, "code": "A"})

    changed = (
        await anna.do(
            "updateBranch", BRANCH, id=made["id"], expectedVersion=1, **{**NORTH, "city": "Verden"}
        )
    ).made

    assert UUID(made["id"].removeprefix("brn_"))
    assert changed == {**made, "city": "Verden", "version": 2}
    listed = await anna.ask("{ branches { nodes { code } } company { branches { code } } }")
    codes = [{"code": "A"}, {"code": "NORD"}]
    assert listed.data == {"branches": {"nodes": codes}, "company": {"branches": codes}}
    assert await erp.journal_types(made["id"]) == ["BranchCreated", "BranchUpdated"]


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"code": " "}, "REQUIRED", "code"),
        ({"name": "x" * 201}, "TOO_LONG", "name"),
        ({"country": "de"}, "COUNTRY_UNKNOWN", "country"),
        ({"code": "TAKEN"}, "DUPLICATE_BRANCH", "code"),
    ],
)
async def test_a_wrong_branch_is_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """The same problem at the same place; nothing is written."""
    anna = await erp.sign_in()
    await anna.do("createBranch", BRANCH, **{**NORTH, "code": "TAKEN"})
    known = (await anna.do("createBranch", BRANCH, **NORTH)).made
    wrong = {**NORTH, "code": "NEW", **change}

    async with unchanged(erp):
        made = await anna.do("createBranch", BRANCH, **wrong)
        updated = await anna.do("updateBranch", BRANCH, id=known["id"], expectedVersion=1, **wrong)

    assert problem_of(made)[:2] == problem_of(updated)[:2] == (code, f"input.{place}")
