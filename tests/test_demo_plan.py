"""The plan of the demo company: two years on paper, before anything is made."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from domain.check_digits import has_form_of_vat_id, is_german_vat_id, is_iban
from domain.documents.kinds import KINDS
from web.demo_company.chance import Chance, Watch
from web.demo_company.goods import Group, articles
from web.demo_company.people import Sort, people
from web.demo_company.plan import Plan, planned
from web.demo_company.planner import MAKING, Verb

UNTIL = date(2026, 10, 30)
SMALL = Decimal("0.02")


def plan_of(seed: int = 1, scale: Decimal = Decimal(1)) -> Plan:
    """Plan a company."""
    return planned(seed=seed, scale=scale, until=UNTIL)


def test_two_years_have_300_partners_800_items_and_5000_documents() -> None:
    """The sizes are those that were promised, to the document."""
    plan = plan_of()

    made = [step for step in plan.steps if step.verb in MAKING]
    assert (len(plan.people), len(plan.articles), len(made)) == (300, 800, 5_000)
    assert (plan.start, plan.until) == (date(2024, 10, 31), UNTIL)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_even_a_small_company_shows_every_kind_and_every_verb(seed: int) -> None:
    """The first deal of each trade is an eventful one; objections are too rare to promise."""
    steps = plan_of(seed, SMALL).steps

    assert {step.kind for step in steps if step.made} == set(KINDS)
    assert set(Verb) - {step.verb for step in steps} <= {Verb.OBJECT}


def test_the_same_seed_plans_the_same_two_years_and_another_seed_others() -> None:
    """Luck comes from the seed alone."""
    first, again, other = plan_of(7, SMALL), plan_of(7, SMALL), plan_of(8, SMALL)

    assert first == again
    assert first.steps != other.steps


@pytest.mark.parametrize("seed", [1, 2])
def test_a_document_is_touched_on_working_days_once_a_day_and_only_once_it_is_there(
    seed: int,
) -> None:
    """A follow-up names the number of its source, which that has the day after."""
    touched: dict[str, date] = {}
    for step in plan_of(seed).steps:
        assert step.day.weekday() < 5
        assert all(touched[name] < step.day for name in step.of)
        touched |= dict.fromkeys((*step.of, step.made), step.day)


def test_grain_comes_in_from_july_to_october() -> None:
    """Farmers thresh in summer; most loads come in August."""
    plan = plan_of()
    months = Counter(
        step.day.month
        for step in plan.steps
        if step.kind == "GOODS_RECEIPT" and step.verb is Verb.WRITE
    )

    assert set(months) <= {7, 8, 9, 10, 11}
    assert months.most_common(1)[0][0] == 8


def test_partners_of_four_countries_have_vat_ids_and_accounts_that_check_themselves() -> None:
    """Every number made up here passes the check that typed ones must pass."""
    found = people(300, Chance(1, "people"))

    vat_ids = [person.address.vat_id for person in found if person.address.vat_id]
    ibans = [person.iban for person in found if person.iban]
    assert {person.address.country for person in found} == {"DE", "DK", "NL", "AT"}
    assert {person.sort for person in found} == set(Sort)
    assert len(set(vat_ids)) == len(vat_ids) > 100
    assert all(map(has_form_of_vat_id, vat_ids))
    assert all(is_german_vat_id(each) for each in vat_ids if each.startswith("DE"))
    assert len(set(ibans)) == len(ibans) == 299
    assert all(map(is_iban, ibans))


def test_names_of_partners_and_items_are_told_apart() -> None:
    """Nobody has to guess which of two is meant."""
    names = [person.address.name for person in people(300, Chance(1, "people"))]
    goods = articles(800, Chance(1, "goods"))

    assert len(set(names)) == len(names)
    assert len({each.number for each in goods}) == len({each.name for each in goods}) == 800
    assert {each.group for each in goods} == set(Group)


def test_ids_of_the_watch_sort_by_the_time_they_were_made() -> None:
    """Lists by id show the newest first, as with ids of everyday work."""
    watch = Watch(1)
    ids = []
    for day in (date(2025, 1, 2), date(2025, 1, 3)):
        watch.set_to(day)
        ids += [watch.new_id() for _ in range(5_000)]

    assert ids == sorted(set(ids))
    assert {(each.version, each.variant) for each in ids} == {
        (7, "specified in RFC 4122"),
    }
