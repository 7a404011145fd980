"""Tags, comments and attached files: they go along with a document in any state."""

import hashlib
import json
import uuid
from typing import Any

import pytest

from tests.erp import Erp, User

SHOWN = """document { id version state
  tags { name adder { name } } comments { id text author { name } editedAt }
  attachments { id fileName mediaType fileHash fileSize attacher { name } download { url } } }"""


async def posted(anna: User, martin: User) -> dict[str, Any]:
    """Return a posted invoice."""
    invoice = await anna.create_invoice()
    await anna.submit(invoice)
    await martin.approve(invoice)
    assert (await anna.post(invoice)).problems == []
    return invoice


def names(document: dict[str, Any]) -> list[str]:
    """Return the tags of a document."""
    return [tag["name"] for tag in document["tags"]]


async def history(user: User, document: str) -> list[dict[str, Any]]:
    """Return type and changes of what happened to a document."""
    text = "query($id: ID!) { document(id: $id) { history(first: 50) { nodes { type changes {"
    text += " field before after } } } } }"
    answer = await user.ask(text, id=document)
    nodes: list[dict[str, Any]] = answer.data["document"]["history"]["nodes"]
    return nodes


async def test_tags_of_a_document_are_set_as_a_whole(erp: Erp):
    """Each once, blanks tidied, in the order of their names; the journal tells what changed."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    first = await anna.do(
        "setDocumentTags", SHOWN, id=invoice["id"], tags=["  Herbst   2026 ", "Bio", "Bio"]
    )
    second = await anna.do("setDocumentTags", SHOWN, id=invoice["id"], tags=["Bio", "Eilig"])

    assert names(first.made) == ["Bio", "Herbst 2026"]
    assert names(second.made) == ["Bio", "Eilig"]
    assert second.made["tags"][0]["adder"]["name"] == "anna"
    assert second.made["version"] == 3
    told = [row for row in await erp.journal() if row["type"] == "SalesInvoiceTagged"]
    facts = [json.loads(row["facts"]) for row in told]
    assert [(each["added"], each["removed"]) for each in facts] == [
        (["Bio", "Herbst 2026"], []),
        (["Eilig"], ["Herbst 2026"]),
    ]


@pytest.mark.parametrize(
    ("tags", "code", "path"),
    [
        ([""], "REQUIRED", ["input", "tags", "0"]),
        (["gut", "x" * 41], "TOO_LONG", ["input", "tags", "1"]),
        (["\u202eoiB"], "UNPRINTABLE_TEXT", ["input", "tags", "0"]),
        ([f"t{n}" for n in range(21)], "TOO_MANY_TAGS", ["input", "tags"]),
    ],
)
async def test_tags_that_cannot_be_kept_are_refused(
    erp: Erp, tags: list[str], code: str, path: list[str]
):
    """And the document keeps those it had."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()
    await anna.do("setDocumentTags", SHOWN, id=invoice["id"], tags=["Bio"])

    refused = await anna.do("setDocumentTags", SHOWN, id=invoice["id"], tags=tags)

    assert [(problem["code"], problem["path"]) for problem in refused.problems] == [(code, path)]
    answer = await anna.ask(
        "query($id: ID!) { document(id: $id) { tags { name } } }", id=invoice["id"]
    )
    assert names(answer.data["document"]) == ["Bio"]


async def test_many_documents_are_tagged_at_once_and_listed_by_their_tag(erp: Erp):
    """An unknown one is left out; a tag taken away where it is not changes nothing else."""
    anna = await erp.sign_in("anna")
    ids = [(await anna.create_invoice())["id"] for _ in range(3)]
    unknown = f"doc_{uuid.uuid4()}"
    shown = "items { place document { id tags { name } } problems { code path } }"

    tagged = await anna.do(
        "addTag", shown, ids=[*ids[:2], unknown], tag="Ernte", errorPolicy="SKIP_FAILED"
    )
    untagged = await anna.do("removeTag", shown, ids=[ids[1], ids[2]], tag="Ernte")

    items = tagged.data["addTag"]["items"]
    assert [each["document"] and names(each["document"]) for each in items] == [
        ["Ernte"],
        ["Ernte"],
        None,
    ]
    assert items[2]["problems"] == [{"code": "NOT_FOUND", "path": ["input", "ids", "2"]}]
    assert [names(each["document"]) for each in untagged.data["removeTag"]["items"]] == [[], []]
    listed = await anna.ask('{ documents(filter: {tag: "Ernte"}) { totalCount nodes { id } } }')
    assert listed.data["documents"] == {"totalCount": 1, "nodes": [{"id": ids[0]}]}


async def test_capitals_do_not_tell_tags_apart(erp: Erp):
    """The company's first spelling stays, on the same document, on others and in bulk."""
    anna = await erp.sign_in("anna")
    ids = [(await anna.create_invoice())["id"] for _ in range(3)]
    shown = "items { document { tags { name } } problems { code } }"

    first = await anna.do("setDocumentTags", SHOWN, id=ids[0], tags=["Eilig", "EILIG", "Öko"])
    second = await anna.do("setDocumentTags", SHOWN, id=ids[1], tags=["eilig", "öko", "neu"])
    again = await anna.do("setDocumentTags", SHOWN, id=ids[0], tags=["eilig", "ÖKO"])
    bulk = await anna.do("addTag", shown, ids=[ids[0], ids[2]], tag="NEU")
    gone = await anna.do("removeTag", shown, ids=[ids[0]], tag="EILIG")

    assert [sorted(names(each.made)) for each in (first, second, again)] == [
        ["Eilig", "Öko"],
        ["Eilig", "neu", "Öko"],
        ["Eilig", "Öko"],
    ]
    items = [each["document"] for each in bulk.data["addTag"]["items"]]
    assert [sorted(names(each)) for each in items] == [["Eilig", "neu", "Öko"], ["neu"]]
    [item] = gone.data["removeTag"]["items"]
    assert sorted(names(item["document"])) == ["neu", "Öko"]


async def test_another_companys_spelling_is_none_of_ours(erp: Erp):
    """Each company spells its tags as it likes."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()
    await anna.do("setDocumentTags", SHOWN, id=invoice["id"], tags=["Eilig"])
    eve = await (await Erp.found(erp.server, erp.owner, erp.http)).sign_in("eve")
    theirs = await eve.create_invoice()

    tagged = await eve.do("setDocumentTags", SHOWN, id=theirs["id"], tags=["EILIG"])

    assert names(tagged.made) == ["EILIG"]


async def test_comments_are_written_changed_and_removed_by_their_author_alone(erp: Erp):
    """The history shows what a comment said before; nobody becomes an author of the document."""
    anna, martin = await erp.sign_in("anna"), await erp.sign_in("martin")
    invoice = await posted(anna, martin)
    id = invoice["id"]

    said = (await martin.do("addComment", SHOWN, id=id, text=" Kunde rief an \r\n um 8 ")).made
    [comment] = said["comments"]
    refused = [
        await anna.do(verb, SHOWN, id=id, commentId=comment["id"], **more)
        for verb, more in (("editComment", {"text": "nein"}), ("removeComment", {}))
    ]
    edited = await martin.do("editComment", SHOWN, id=id, commentId=comment["id"], text="Erledigt")
    removed = await martin.do("removeComment", SHOWN, id=id, commentId=comment["id"])

    assert (comment["text"], comment["author"]["name"]) == ("Kunde rief an \n um 8", "martin")
    assert comment["editedAt"] is None
    assert [answer.problem_codes for answer in refused] == [["NOT_YOUR_COMMENT"]] * 2
    [now] = edited.made["comments"]
    assert now["text"] == "Erledigt"
    assert now["editedAt"] is not None
    assert removed.made["comments"] == []
    assert removed.made["state"] == "POSTED"
    last = [each for each in await history(anna, id) if "Comment" in each["type"]]
    text = f"comments.{comment['id'].partition('_')[2]}.text"
    assert [
        (each["type"], change["before"], change["after"])
        for each in last
        for change in each["changes"]
        if change["field"] == text
    ] == [
        ("SalesInvoiceCommented", None, "Kunde rief an \n um 8"),
        ("SalesInvoiceCommentEdited", "Kunde rief an \n um 8", "Erledigt"),
        ("SalesInvoiceCommentRemoved", "Erledigt", None),
    ]
    authors = await anna.ask(
        "query($id: ID!) { document(id: $id) { authors { user { name } } } }", id=id
    )
    assert authors.data["document"]["authors"] == [{"user": {"name": "anna"}}]


async def test_what_a_comment_says_stands_apart_from_the_chain_under_its_author(erp: Erp):
    """A text about people can be erased, and the journal still verifies."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    await anna.do("addComment", SHOWN, id=invoice["id"], text="Herr Meier zahlt spät")

    rows = await erp.journal()
    assert not any("Meier" in row["body"] for row in rows)
    kept = await erp.owner.fetch(
        "select subject_type, subject_id, value from journal_private where tenant_id = $1"
        " and value like '%Meier%'",
        erp.tenant,
    )
    assert [(row["subject_type"], row["value"]) for row in kept] == [
        ("user", "Herr Meier zahlt spät")
    ]
    assert kept[0]["subject_id"] == rows[-1]["actor"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "REQUIRED"),
        (" \n ", "REQUIRED"),
        ("x" * 2_001, "TOO_LONG"),
        ("\x07", "UNPRINTABLE_TEXT"),
    ],
)
async def test_a_comment_that_says_nothing_or_too_much_is_refused(erp: Erp, text: str, code: str):
    """With the place in the input."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    answer = await anna.do("addComment", SHOWN, id=invoice["id"], text=text)

    assert [(each["code"], each["path"]) for each in answer.problems] == [(code, ["input", "text"])]


async def test_who_may_only_read_comments_but_neither_tags_nor_attaches(erp: Erp):
    """A reader has something to say, but changes nothing."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()
    reader = await erp.sign_in("rita", roles=("controller",))

    said = await reader.do("addComment", SHOWN, id=invoice["id"], text="Geprüft")
    tagged = await reader.do("setDocumentTags", SHOWN, id=invoice["id"], tags=["x"])
    attached = await reader.attach(invoice["id"], "a.txt", b"a")

    assert [each["text"] for each in said.made["comments"]] == ["Geprüft"]
    assert tagged.error_codes == attached.error_codes == ["FORBIDDEN"]


async def test_a_file_is_attached_and_downloaded_as_it_came(erp: Erp):
    """Known by its hash; its link opens without a sign-in and shows nothing in the browser."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    made = (await anna.attach(invoice["id"], "Wiegeschein Süd.txt", b"12,4 t", SHOWN)).made

    [file] = made["attachments"]
    link = file.pop("download")["url"]
    id = file.pop("id")
    assert file == {
        "fileName": "Wiegeschein Süd.txt",
        "mediaType": "text/plain",
        "fileHash": hashlib.sha256(b"12,4 t").hexdigest(),
        "fileSize": 6,
        "attacher": {"name": "anna"},
    }
    assert id.startswith("att_")
    async with erp.http.get(f"{erp.server.url}{link}") as answer:
        assert (answer.status, await answer.read()) == (200, b"12,4 t")
        assert answer.headers["content-disposition"].startswith("attachment;")
    assert (await erp.journal_types(invoice["id"]))[-1] == "SalesInvoiceFileAttached"


async def test_a_file_goes_from_a_draft_and_stays_with_what_is_posted(erp: Erp):
    """The database itself refuses what the rule refuses."""
    anna, martin = await erp.sign_in("anna"), await erp.sign_in("martin")
    draft, final = await anna.create_invoice(), await posted(anna, martin)
    files = {}
    for invoice in (draft, final):
        [file] = (await anna.attach(invoice["id"], "a.txt", b"a", SHOWN)).made["attachments"]
        files[invoice["id"]] = file["id"]

    gone = await anna.do("removeAttachment", SHOWN, id=draft["id"], attachmentId=files[draft["id"]])
    refused = await anna.do(
        "removeAttachment", SHOWN, id=final["id"], attachmentId=files[final["id"]]
    )

    assert gone.made["attachments"] == []
    assert refused.problem_codes == ["ATTACHMENT_STAYS"]
    with pytest.raises(Exception, match="its document is posted"):
        await erp.owner.execute("delete from attachment where tenant_id = $1", erp.tenant)
    assert (await anna.do("setDocumentTags", SHOWN, id=final["id"], tags=["Bio"])).problems == []


@pytest.mark.parametrize(
    ("verb", "given", "entity"),
    [
        ("editComment", {"commentId": f"cmt_{uuid.uuid4()}", "text": "x"}, "Comment"),
        ("removeComment", {"commentId": f"att_{uuid.uuid4()}"}, "Comment"),
        ("removeAttachment", {"attachmentId": f"att_{uuid.uuid4()}"}, "Attachment"),
    ],
)
async def test_what_is_not_on_the_document_is_unknown(
    erp: Erp, verb: str, given: dict[str, str], entity: str
):
    """Whatever its id looks like."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    answer = await anna.do(verb, SHOWN, id=invoice["id"], **given)

    [problem] = answer.problems
    assert (problem["code"], problem["path"][0]) == ("NOT_FOUND", "input")
    assert entity in problem["message"]


async def test_a_repeated_call_tags_comments_and_attaches_once(erp: Erp):
    """The same key answers with what the first call made."""
    anna = await erp.sign_in("anna")
    invoice = await anna.create_invoice()

    for _ in range(2):
        said = await anna.do(
            "addComment", SHOWN, id=invoice["id"], text="Einmal", idempotencyKey="k"
        )
        assert [each["text"] for each in said.made["comments"]] == ["Einmal"]

    assert (await erp.journal_types(invoice["id"])).count("SalesInvoiceCommented") == 1
