"""Items: their units, suppliers and facts through the API; what is refused; how they are found."""

from typing import Any

import pytest

from tests.erp import Erp, User
from tests.refused import ITEM, problem_of, unchanged

WHOLE = """item { id version number name descriptionDe descriptionEn itemGroup unit
  units { unit factor } unitPrice priceQuantity lastPurchasePrice taxCategory taxRate taxClass gtin
  isStocked weightKg suppliers { partner { name } itemNumber itemName leadDays }
  isBlocked blockedReason }"""
FEED: dict[str, Any] = {
    "number": "F-300",
    "name": "Milchleistungsfutter 18/4",
    "descriptionDe": "Pelletiert, für laktierende Kühe",
    "descriptionEn": "Pellets for dairy cows",
    "itemGroup": "FEED",
    "unit": "KILOGRAM",
    "units": [{"unit": "PALLET", "factor": "1000"}, {"unit": "BAG", "factor": "25"}],
    "unitPrice": "31.90",
    "priceQuantity": "100",
    "taxRate": "7",
    "gtin": "4006381333931",
    "weightKg": "1",
}


async def _create(user: User, **more: Any) -> Any:
    return (await user.do("createItem", WHOLE, **{**FEED, **more})).made


async def _numbers(user: User, filter: dict[str, Any], sort: str = "NUMBER") -> list[str]:
    asked = """query($filter: ItemFilter!, $sort: ItemSort!) {
      items(filter: $filter, sort: $sort) { totalCount nodes { number } } }"""
    found = (await user.ask(asked, filter=filter, sort=sort)).data["items"]
    assert found["totalCount"] == len(found["nodes"])
    return [each["number"] for each in found["nodes"]]


async def test_an_item_is_kept_with_everything_that_was_said_of_it(erp: Erp):
    """Units come in alphabetical order; the tax class follows from category and rate."""
    anna = await erp.sign_in()
    mill = await anna.create_partner("Mühle Nord GmbH")
    supplier = {"partnerId": mill, "itemNumber": "MN-18", "itemName": "MLF 18", "leadDays": 5}

    made = await _create(anna, suppliers=[supplier])

    assert made == {
        "id": made["id"],
        "version": 1,
        "number": "F-300",
        "name": "Milchleistungsfutter 18/4",
        "descriptionDe": "Pelletiert, für laktierende Kühe",
        "descriptionEn": "Pellets for dairy cows",
        "itemGroup": "FEED",
        "unit": "KILOGRAM",
        "units": [{"unit": "BAG", "factor": "25"}, {"unit": "PALLET", "factor": "1000"}],
        "unitPrice": "31.9",
        "priceQuantity": "100",
        "lastPurchasePrice": None,
        "taxCategory": "S",
        "taxRate": "7",
        "taxClass": "REDUCED",
        "gtin": "4006381333931",
        "isStocked": True,
        "weightKg": "1",
        "suppliers": [
            {
                "partner": {"name": "Mühle Nord GmbH"},
                "itemNumber": "MN-18",
                "itemName": "MLF 18",
                "leadDays": 5,
            }
        ],
        "isBlocked": False,
        "blockedReason": None,
    }


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"taxRate": "19"}, "STANDARD"),
        ({"taxRate": "7"}, "REDUCED"),
        ({"taxCategory": "Z", "taxRate": None}, "ZERO_RATED"),
        ({"taxCategory": "E", "taxRate": None}, "EXEMPT"),
        ({"taxCategory": "O", "taxRate": None}, "OUT_OF_SCOPE"),
        ({"taxCategory": "AE", "taxRate": None}, "REVERSE_CHARGE_GOODS"),
        ({"taxCategory": "K", "taxRate": None}, "STANDARD"),
        ({"taxRate": "19", "taxClass": "REVERSE_CHARGE_GOODS"}, "REVERSE_CHARGE_GOODS"),
    ],
)
async def test_the_tax_class_follows_from_category_and_rate_unless_it_is_named(
    erp: Erp, given: dict[str, Any], shown: str
):
    """Scrap has 19 % and its own class: only the class tells of section 13b."""
    made = await _create(await erp.sign_in(), **given)

    assert made["taxClass"] == shown


async def test_an_update_replaces_everything_and_the_journal_tells_each_change(erp: Erp):
    """Also of units and suppliers, each by its name; what is not sent is gone."""
    anna = await erp.sign_in()
    mill = await anna.create_partner("Mühle Nord GmbH")
    made = await _create(anna, suppliers=[{"partnerId": mill, "leadDays": 5}])
    more = {"id": made["id"], "expectedVersion": 1, "number": "F-301", "gtin": "96385074"}
    units = [{"unit": "BAG", "factor": "30"}, {"unit": "BIG_BAG", "factor": "750"}]
    rest = {name: FEED[name] for name in ("name", "unit", "unitPrice", "taxRate")}

    updated = (await anna.do("updateItem", WHOLE, units=units, **rest, **more)).made

    assert updated["version"] == 2
    assert updated["units"] == [
        {"unit": "BAG", "factor": "30"},
        {"unit": "BIG_BAG", "factor": "750"},
    ]
    assert (updated["suppliers"], updated["descriptionDe"]) == ([], None)
    asked = """query($id: ID!) { item(id: $id) { history { nodes { type
      changes { field before after } } } } }"""
    history = (await anna.ask(asked, id=made["id"])).data["item"]["history"]["nodes"]
    assert [each["type"] for each in history] == ["ItemCreated", "ItemUpdated"]
    changes = {each["field"]: (each["before"], each["after"]) for each in history[1]["changes"]}
    partner = mill.partition("_")[2]
    assert changes == {
        "number": ("F-300", "F-301"),
        "descriptionDe": ("Pelletiert, für laktierende Kühe", None),
        "descriptionEn": ("Pellets for dairy cows", None),
        "itemGroup": ("FEED", None),
        "priceQuantity": ("100", "1"),
        "gtin": ("4006381333931", "96385074"),
        "weightKg": ("1", None),
        "units.BAG.factor": ("25", "30"),
        "units.BIG_BAG.factor": (None, "750"),
        "units.PALLET.factor": ("1000", None),
        f"suppliers.{partner}.partnerId": (partner, None),
        f"suppliers.{partner}.leadDays": ("5", None),
    }


FAULTS = [
    ({"itemGroup": "x" * 41}, "TOO_LONG", "itemGroup"),
    ({"descriptionDe": "x" * 2001}, "TOO_LONG", "descriptionDe"),
    ({"descriptionEn": "a\u0000"}, "UNPRINTABLE_TEXT", "descriptionEn"),
    ({"gtin": "4006381333932"}, "GTIN_INVALID", "gtin"),
    ({"gtin": "400638133393"}, "GTIN_INVALID", "gtin"),
    ({"gtin": "1234567"}, "GTIN_INVALID", "gtin"),
    ({"gtin": "٤٠٠٦٣٨١٣٣٣٩٣١"}, "GTIN_INVALID", "gtin"),
    ({"gtin": "400638133393100"}, "TOO_LONG", "gtin"),
    ({"weightKg": "0"}, "MUST_BE_POSITIVE", "weightKg"),
    ({"weightKg": "0.0000001"}, "TOO_PRECISE", "weightKg"),
    ({"units": [{"unit": "BAG", "factor": "0"}]}, "MUST_BE_POSITIVE", "units.0.factor"),
    ({"units": [{"unit": "BAG", "factor": "-25"}]}, "MUST_BE_POSITIVE", "units.0.factor"),
    ({"units": [{"unit": "BAG", "factor": "0.0000001"}]}, "TOO_PRECISE", "units.0.factor"),
    ({"units": [{"unit": "TONNE", "factor": "900"}]}, "UNIT_FACTOR_FIXED", "units.0"),
    ({"units": [{"unit": "KILOGRAM", "factor": "2"}]}, "UNIT_FACTOR_FIXED", "units.0"),
    ({"units": [{"unit": "BAG", "factor": "25"}] * 2}, "LISTED_TWICE", "units.1.unit"),
]


@pytest.mark.parametrize(("change", "code", "place"), FAULTS)
async def test_a_wrong_item_is_neither_made_nor_taken_over(
    erp: Erp, change: dict[str, Any], code: str, place: str
):
    """Create and update answer with the same problem at the same place; the item stays."""
    anna = await erp.sign_in()
    item = (await _create(anna))["id"]
    wrong = {**FEED, "number": "F-301", **change}

    async with unchanged(erp):
        made = await anna.do("createItem", "item { id }", **wrong)
        updated = await anna.do("updateItem", "item { id }", id=item, expectedVersion=1, **wrong)

    assert problem_of(made)[:2] == problem_of(updated)[:2] == (code, f"input.{place}")


@pytest.mark.parametrize(
    ("supplier", "code", "place"),
    [
        ({"leadDays": -1}, "LEAD_DAYS_OUT_OF_RANGE", "suppliers.0.leadDays"),
        ({"leadDays": 731}, "LEAD_DAYS_OUT_OF_RANGE", "suppliers.0.leadDays"),
        ({"itemNumber": "x" * 51}, "TOO_LONG", "suppliers.0.itemNumber"),
        ({"itemName": "x" * 201}, "TOO_LONG", "suppliers.0.itemName"),
    ],
)
async def test_a_wrong_supplier_is_not_kept(
    erp: Erp, supplier: dict[str, Any], code: str, place: str
):
    """The path leads to the field of the supplier."""
    anna = await erp.sign_in()
    mill = await anna.create_partner("Mühle Nord GmbH")

    async with unchanged(erp):
        answer = await anna.do(
            "createItem", "item { id }", **FEED, suppliers=[{"partnerId": mill, **supplier}]
        )

    assert problem_of(answer)[:2] == (code, f"input.{place}")


async def test_a_supplier_stands_once_and_there_are_not_too_many(erp: Erp):
    """The second of the same is named; 51 are one too many."""
    anna = await erp.sign_in()
    mill = await anna.create_partner("Mühle Nord GmbH")
    same = {"partnerId": mill}

    async with unchanged(erp):
        twice = await anna.do("createItem", "item { id }", **FEED, suppliers=[same, same])
        many = await anna.do("createItem", "item { id }", **FEED, suppliers=[same] * 51)

    assert problem_of(twice) == (
        "LISTED_TWICE",
        "input.suppliers.1.partnerId",
        f"{mill} stands in this list twice.",
    )
    assert problem_of(many)[:2] == ("TOO_MANY_SUPPLIERS", "input.suppliers")


async def test_an_update_cannot_take_the_number_of_another_item(erp: Erp):
    """As when it is made; and an item that somebody else changed meanwhile is a conflict."""
    anna = await erp.sign_in()
    await anna.do("createItem", "item { id }", **ITEM)
    item = (await _create(anna))["id"]

    async with unchanged(erp):
        taken = await anna.do("updateItem", "item { id }", id=item, expectedVersion=1, **ITEM)
        stale = await anna.do("updateItem", "item { id }", id=item, expectedVersion=2, **FEED)

    assert problem_of(taken)[:2] == ("DUPLICATE_ITEM", "input.number")
    assert problem_of(stale)[:2] == ("VERSION_CONFLICT", "input.expectedVersion")


async def test_a_blocked_item_says_why_and_may_be_unblocked_once(erp: Erp):
    """A second reason replaces the first; who unblocks what is not blocked is told so."""
    anna = await erp.sign_in()
    id = (await _create(anna))["id"]
    shown = "item { version isBlocked blockedReason }"

    async def told(mutation: str, version: int, **more: str) -> Any:
        return await anna.do(mutation, shown, id=id, expectedVersion=version, **more)

    first = await told("blockItem", 1, reason="Zulassung abgelaufen")
    second = await told("blockItem", 2, reason="Rückruf")
    free = await told("unblockItem", 3)
    async with unchanged(erp):
        again = await told("unblockItem", 4)
        silent = await told("blockItem", 4, reason="  ")

    assert [each.made for each in (first, second, free)] == [
        {"version": 2, "isBlocked": True, "blockedReason": "Zulassung abgelaufen"},
        {"version": 3, "isBlocked": True, "blockedReason": "Rückruf"},
        {"version": 4, "isBlocked": False, "blockedReason": None},
    ]
    assert problem_of(again)[:2] == ("ITEM_NOT_BLOCKED", "input.id")
    assert problem_of(silent)[:2] == ("REQUIRED", "input.reason")
    assert await erp.journal_types(id) == [
        "ItemCreated",
        "ItemBlocked",
        "ItemBlocked",
        "ItemUnblocked",
    ]


async def test_items_are_found_by_the_start_of_number_or_name_by_group_and_more(erp: Erp):
    """In capitals or not, sorted as asked; all conditions must hold."""
    anna = await erp.sign_in()
    mill = await anna.create_partner("Mühle Nord GmbH")
    wheat = {"name": "Winterweizen Asano", "itemGroup": "SEED", "gtin": None}
    await _create(anna, number="W-100", suppliers=[{"partnerId": mill}], **wheat)
    await _create(anna, number="w-200", **{**wheat, "name": "Wintergerste"})
    blocked = await _create(anna, number="F-300", suppliers=[{"partnerId": mill}])
    await _create(anna, number="ÖL-1", name="100 % Rapsöl", itemGroup="OIL", gtin=None)
    await anna.do("blockItem", "item { id }", id=blocked["id"], expectedVersion=1, reason="Rückruf")

    found = {
        "w-": await _numbers(anna, {"search": "w-"}),
        "WINTER by name": await _numbers(anna, {"search": "WINTER"}, "NAME"),
        "1": await _numbers(anna, {"search": "1"}),
        "öl": await _numbers(anna, {"search": "öl-"}),
        "100 % and no wildcard": await _numbers(anna, {"search": "100 %"}),
        "%": await _numbers(anna, {"search": "%"}),
        "inside of a word": await _numbers(anna, {"search": "weizen"}),
        "seed, newest first": await _numbers(anna, {"itemGroup": "SEED"}, "NEWEST"),
        "supplied": await _numbers(anna, {"supplier": mill}),
        "supplied and blocked": await _numbers(anna, {"supplier": mill, "isBlocked": True}),
        "not blocked feed": await _numbers(anna, {"itemGroup": "FEED", "isBlocked": False}),
        "gtin": await _numbers(anna, {"gtin": "4006381333931"}),
    }

    assert found == {
        "w-": ["W-100", "w-200"],
        "WINTER by name": ["w-200", "W-100"],
        "1": ["ÖL-1"],
        "öl": ["ÖL-1"],
        "100 % and no wildcard": ["ÖL-1"],
        "%": [],
        "inside of a word": [],
        "seed, newest first": ["w-200", "W-100"],
        "supplied": ["F-300", "W-100"],
        "supplied and blocked": ["F-300"],
        "not blocked feed": [],
        "gtin": ["F-300"],
    }


async def test_a_text_that_no_database_keeps_finds_nothing(erp: Erp):
    """Neither NUL nor a text of megabytes is our error."""
    anna = await erp.sign_in()
    await _create(anna)

    for text in ("a\0b", "x" * 100_000, "\U0010ffff"):
        assert await _numbers(anna, {"search": text, "itemGroup": text}) == []


async def test_who_only_reads_changes_no_item(erp: Erp):
    """Neither makes, nor changes, nor blocks it."""
    id = (await _create(await erp.sign_in()))["id"]
    reader = await erp.sign_in("leser", roles=("controller",))
    one = {"id": id, "expectedVersion": 1}

    async with unchanged(erp):
        answers = [
            await reader.do("createItem", "item { id }", **ITEM),
            await reader.do("updateItem", "item { id }", **one, **ITEM),
            await reader.do("blockItem", "item { id }", **one, reason="leer"),
            await reader.do("unblockItem", "item { id }", **one),
        ]

    assert [answer.error_codes for answer in answers] == [["FORBIDDEN"]] * 4
