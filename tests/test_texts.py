"""Opening and closing texts of a company, through the public door."""

import uuid
from typing import Any

import pytest

from domain.documents.kinds import KINDS
from domain.identity import Language
from domain.texts import (
    PLACEHOLDERS,
    KindNotPrinted,
    TextPlace,
    TextPlaceholderUnknown,
    built_in,
    checked_template,
    filled,
)
from tests.companies import found_without_approval
from tests.erp import PROBLEMS, Answer, Erp, User
from tests.refused import unchanged

SHOWN = "textTemplate { id kind language place text version }"
TEXTS = """query($kind: DocumentKind, $in: Language) {
  textTemplates(kind: $kind, language: $in) {
    nodes { kind language place text version history { nodes { type } } } } }"""
SET_TEXT = f"""mutation($input: SetTextTemplateInput!) {{
  setTextTemplate(input: $input) {{ {SHOWN} {PROBLEMS} }} }}"""
WORDS = {"kind": "SALES_OFFER", "language": "DE", "place": "CLOSING"}


async def set_text(user: User, text: str | None, **more: Any) -> Answer:
    """Set the closing text of German offers."""
    key = {"idempotencyKey": str(uuid.uuid4())}
    return await user.ask(SET_TEXT, input={"text": text, **WORDS, **more, **key})


async def test_a_text_is_set_changed_and_given_up_again(erp: Erp):
    """Version by version; null goes back to the built-in text, and the journal tells each step."""
    anna = await erp.sign_in()

    first = (await set_text(anna, " Gültig bis {valid_until}. ")).made
    second = (await set_text(anna, "", expectedVersion=1)).made
    third = (await set_text(anna, None, expectedVersion=2)).made

    kept = [(each["text"], each["version"]) for each in (first, second, third)]
    assert kept == [("Gültig bis {valid_until}.", 1), ("", 2), (None, 3)]
    [listed] = (await anna.ask(TEXTS)).data["textTemplates"]["nodes"]
    assert [row["type"] for row in listed.pop("history")["nodes"]] == ["TextTemplateSet"] * 3
    assert listed == {**WORDS, "text": None, "version": 3}
    await erp.check_books()


async def test_texts_are_listed_by_kind_and_language(erp: Erp):
    """Each kind, language and place has its own."""
    anna = await erp.sign_in()
    for kind in ("SALES_ORDER", "SALES_OFFER"):
        for language in ("DE", "EN"):
            await set_text(anna, f"{kind} {language}", kind=kind, language=language)

    everything = (await anna.ask(TEXTS)).data["textTemplates"]["nodes"]
    some = (await anna.ask(TEXTS, kind="SALES_ORDER", **{"in": "EN"})).data["textTemplates"][
        "nodes"
    ]

    assert [each["kind"] for each in everything] == ["SALES_OFFER"] * 2 + ["SALES_ORDER"] * 2
    assert [each["text"] for each in some] == ["SALES_ORDER EN"]


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"text": "Hallo {customer}"}, "TEXT_PLACEHOLDER_UNKNOWN", "text"),
        ({"text": "{}"}, "TEXT_PLACEHOLDER_UNKNOWN", "text"),
        ({"text": "x" * 2001}, "TOO_LONG", "text"),
        ({"text": "a\u202eb"}, "UNPRINTABLE_TEXT", "text"),
        ({"kind": "SUPPLIER_INVOICE"}, "KIND_NOT_PRINTED", "kind"),
        ({"expectedVersion": 1}, "VERSION_CONFLICT", "expectedVersion"),
    ],
)
async def test_a_wrong_text_is_refused(erp: Erp, given: dict[str, Any], code: str, path: str):
    """Nothing is kept, and the problem leads to the place."""
    anna = await erp.sign_in()
    async with unchanged(erp):
        answer = await set_text(anna, **{"text": "Danke", **given})

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", path])


async def test_whoever_may_not_write_settings_sets_no_text(erp: Erp):
    """A manager reads them only."""
    martin = await erp.sign_in("martin", roles=("manager",))

    answer = await set_text(martin, "Danke")

    assert answer.error_codes == ["FORBIDDEN"]
    assert (await martin.ask(TEXTS)).data["textTemplates"]["nodes"] == []


async def test_texts_of_another_company_are_not_seen(erp: Erp, server, owner, http):
    """Neither listed nor in the way."""
    other = await found_without_approval(server, owner, http)
    await set_text(await other.sign_in(), "Von drüben")
    anna = await erp.sign_in()

    assert (await anna.ask(TEXTS)).data["textTemplates"]["nodes"] == []
    assert (await set_text(anna, "Von hier")).made["version"] == 1


async def test_the_built_in_text_can_be_read(erp: Erp):
    """So that a person sees what stands there before writing an own one."""
    anna = await erp.sign_in()

    answer = await anna.ask("{ builtInText(kind: PURCHASE_ORDER, language: EN, place: OPENING) }")

    assert answer.data == {"builtInText": "We order from you:"}


def test_every_built_in_text_names_known_facts_in_both_languages():
    """German and English have the same kinds and places."""
    for kind in KINDS:
        for place in TextPlace:
            german, english = (built_in(kind, language, place) for language in Language)
            assert bool(german) == bool(english)
            assert checked_template(german, ()) == german
            assert checked_template(english, ()) == english
            if not KINDS[kind].print_template:
                assert german == ""


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{number} vom {date}", "A-1 vom 01.12.2026"),
        ("Ihr Zeichen {customer_reference}\nDanke", "Danke"),
        ("{valid_until}", ""),
        ("{ offen } und {", None),
        ("nur { und }", None),
        ("lone { brace", "lone { brace"),
    ],
)
def test_a_text_is_filled_with_facts(template: str, expected: str | None):
    """A line without its fact is left out; braces that enclose nothing known are refused before."""
    facts = dict.fromkeys(PLACEHOLDERS, "") | {"number": "A-1", "date": "01.12.2026"}
    if expected is None:
        with pytest.raises(TextPlaceholderUnknown):
            checked_template(template, ())
    else:
        assert filled(checked_template(template, ()), facts) == expected


def test_the_facts_of_a_document_are_no_templates():
    """A customer reference with braces is printed as it was written."""
    facts = dict.fromkeys(PLACEHOLDERS, "x") | {"customer_reference": "{number}"}

    assert filled("Zeichen {customer_reference}", facts) == "Zeichen {number}"
    assert KindNotPrinted(kind="SUPPLIER_OFFER").facts() == {"kind": "SUPPLIER_OFFER"}
