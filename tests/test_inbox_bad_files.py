"""Bad files through the public door: kept with the reason, or refused while they stream in."""

import asyncio
import io
import json
import os
import resource
import select
import socket
import uuid
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import aiohttp
import pikepdf
import pytest

from tests.erp import PROBLEMS, Answer, Erp, User
from tests.refused import fate_of, send, unchanged
from web.bodies import JSON_BYTES_MAX, MULTIPART_BYTES_MAX

SAMPLES = Path(__file__).parent / "samples"
UBL = (SAMPLES / "xrechnung_ubl_saatgut_7_19.xml").read_bytes()
HYBRID = (SAMPLES / "zugferd_landwirt_7_8.pdf").read_bytes()
MB = 1_048_576
CHUNK = b"x" * 65_536

IMPORT = (
    "mutation($input: ImportInboxFileInput!) { importInboxFile(input: $input)"
    f" {{ inboxItem {{ id state fileName fileHash fileSize }} {PROBLEMS} }} }}"
)


async def still_up(user: User) -> bool:
    """Say whether the server answers."""
    return (await user.ask("{ __typename }")).data == {"__typename": "Query"}


# -- Files that no reader should open -------------------------------------------------------------


def _xml(doctype: bytes, text: bytes = b"2026-10117") -> bytes:
    declaration, body = UBL.split(b"\n", 1)
    return declaration + doctype + body.replace(b"2026-10117", text)


_BOMB = b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 10) for n in range(10)
)


def _picture() -> bytes:
    document, written = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(written)
    return written.getvalue()


DTD = "The XML declares a document type (DTD) or entities. No invoice needs them; it is refused."
CUT_OFF = "The PDF is damaged or was cut off on its way. Ask the sender to send it again."

FILES: dict[str, tuple[bytes, str, str]] = {
    "a DTD": (_xml(b"<!DOCTYPE Invoice>"), "XML_FORBIDDEN_CONSTRUCT", DTD),
    "an entity bomb": (
        _xml(b"<!DOCTYPE Invoice [" + _BOMB + b"]>", b"&e9;"),
        "XML_FORBIDDEN_CONSTRUCT",
        DTD,
    ),
    "an external entity": (
        _xml(b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>', b"&x;"),
        "XML_FORBIDDEN_CONSTRUCT",
        DTD,
    ),
    "an external DTD": (
        _xml(b'<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/a.dtd">'),
        "XML_FORBIDDEN_CONSTRUCT",
        DTD,
    ),
    "XML cut off": (UBL[: len(UBL) // 2], "XML_MALFORMED", "The XML is broken in line "),
    "a PDF without XML": (
        _picture(),
        "PDF_WITHOUT_INVOICE",
        "The PDF holds no XML invoice: it is not ZUGFeRD or Factur-X, but a picture of an invoice.",
    ),
    "a PDF cut off": (HYBRID[: len(HYBRID) // 2], "FILE_CUT_OFF", CUT_OFF),
    "a PDF of one line": (b"%PDF-1.7\n", "FILE_CUT_OFF", CUT_OFF),
    "nothing": (b"", "FILE_EMPTY", "The file is empty."),
    "another XML": (
        b"<?xml version='1.0'?><Order/>",
        "NOT_AN_INVOICE",
        "The XML begins with <Order>: neither a UBL nor a CII nor a ZUGFeRD 1 invoice.",
    ),
    "a picture": (
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        "FILE_FORMAT_UNKNOWN",
        "The file is neither a PDF nor XML, so it cannot be read as an e-invoice.",
    ),
    "a ZIP": (
        b"PK\x03\x04" + bytes(100),
        "FILE_FORMAT_UNKNOWN",
        "The file is neither a PDF nor XML, so it cannot be read as an e-invoice.",
    ),
}


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize("file", FILES)
async def test_a_file_that_cannot_be_read_is_kept_with_the_reason(erp: Erp, file: str):
    """The item FAILED, its code and sentence say why, and no partner can be made of it."""
    content, code, sentence = FILES[file]
    anna = await erp.sign_in()
    item = (await anna.import_file("invoice.xml", content)).made

    found = await fate_of(anna, item["id"])
    partner = await anna.do("createPartnerFromInboxItem", "partner { id }", id=item["id"])

    assert (found["state"], found["failureCode"], found["fileSize"]) == (
        "FAILED",
        code,
        len(content),
    )
    assert found["failure"]["message"].startswith(sentence)
    assert partner.problem_codes == ["INBOX_ITEM_NOT_READ"]
    assert await erp.journal_types(item["id"]) == ["InboxItemReceived", "InboxItemFailed"]
    assert await still_up(anna)


@pytest.mark.usefixtures("worker")
async def test_good_files_are_read_beside_bad_ones(erp: Erp):
    """A bad file stops nobody else's: the good ones sent with it are READ."""
    anna = await erp.sign_in()
    bomb, empty = FILES["an entity bomb"][0], b""
    files = [bomb, UBL, empty, HYBRID, bomb + b" "]

    items = [(await anna.import_file(f"{n}", each)).made for n, each in enumerate(files)]
    states = [(await fate_of(anna, item["id"]))["state"] for item in items]

    assert states == ["FAILED", "READ", "FAILED", "READ", "FAILED"]


# -- Names ----------------------------------------------------------------------------------------


async def import_named(user: User, name: str) -> Answer:
    """Send a file under a name as it is: clients would quote it."""
    body = FORM_START.replace(b"big.pdf", name.encode()) + UBL + b"\r\n--b--\r\n"
    return await send(user, body, **{"content-type": "multipart/form-data; boundary=b"})


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\a.xml", "a.xml"),
        ("/etc/shadow", "shadow"),
        ("C:\\rechnung.pdf", "rechnung.pdf"),
        ("Müller & Söhne – Rechnung.xml", "Müller & Söhne – Rechnung.xml"),
        ("<script>alert(1)<script>.xml", "<script>alert(1)<script>.xml"),
        ("a.xml; DROP TABLE document", "a.xml; DROP TABLE document"),
    ],
)
async def test_a_file_name_is_only_a_name(erp: Erp, name: str, kept: str):
    """Folders in it are dropped; the rest is text, never a path or code."""
    anna = await erp.sign_in()

    item = (await import_named(anna, name)).made

    assert (item["fileName"], item["state"], item["fileSize"]) == (kept, "RECEIVED", len(UBL))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../", "REQUIRED"),
        ("x" * 256, "TOO_LONG"),
        ("a\u202exml.exe", "UNPRINTABLE_TEXT"),
        ("a\u0001.xml", "UNPRINTABLE_TEXT"),
    ],
)
async def test_a_file_name_that_cannot_be_shown_is_refused(erp: Erp, name: str, code: str):
    """Blank, too long, or with characters that hide its end; nothing is kept."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await import_named(anna, name)

    [problem] = answer.problems
    assert (problem["code"], problem["path"]) == (code, ["input", "file"])


# -- Bodies that are too large --------------------------------------------------------------------


class Sent:
    """Sends a body in chunks until there is an answer, and counts what went out."""

    def __init__(self, user: User, head: str, first: bytes, size: int) -> None:
        self.bytes = 0
        self._user, self._head, self._first, self._size = user, head, first, size

    async def until_answered(self) -> tuple[int, dict[str, Any]]:
        """Return status and body of the answer, which may come before the end."""
        return await asyncio.to_thread(self._until_answered)

    def _until_answered(self) -> tuple[int, dict[str, Any]]:
        address = self._user.erp.server.url.removeprefix("http://")
        host, port = address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                f"POST /graphql HTTP/1.1\r\nhost: {address}\r\n{self._head}"
                f"authorization: Bearer {self._user.token}\r\n\r\n".encode()
            )
            chunk = self._first
            while self.bytes < self._size and not select.select([connection], [], [], 0)[0]:
                try:
                    connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                except ConnectionError:
                    break
                self.bytes += len(chunk)
                chunk = CHUNK
            answer = HTTPResponse(connection)
            answer.begin()
            return answer.status, json.loads(answer.read())


FORM = 'content-type: multipart/form-data; boundary="b"\r\n'
CHUNKED = "transfer-encoding: chunked\r\n"
FORM_START = (
    "--b\r\ncontent-disposition: form-data; name=operations\r\n\r\n"
    + json.dumps({"query": IMPORT, "variables": {"input": {"file": None, "idempotencyKey": "k"}}})
    + '\r\n--b\r\ncontent-disposition: form-data; name=map\r\n\r\n{"0": ["variables.input.file"]}'
    + '\r\n--b\r\ncontent-disposition: form-data; name="0"; filename="big.pdf"\r\n\r\n'
).encode()


def memory_bytes() -> int:
    """Return the most memory that this process, server and test, has had."""
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


async def test_a_file_of_100_mb_is_refused_while_it_streams_in(erp: Erp):
    """413 soon after the 20 MB that a file may have; memory does not grow by what was sent."""
    anna = await erp.sign_in()
    sent = Sent(anna, FORM + CHUNKED, FORM_START, 100 * MB)
    before = memory_bytes()

    async with unchanged(erp):
        status, body = await sent.until_answered()

    assert (status, body) == (
        413,
        {
            "errors": [
                {
                    "message": f"A request may have {MULTIPART_BYTES_MAX} bytes at the most.",
                    "extensions": {"code": "BAD_REQUEST"},
                }
            ]
        },
    )
    assert MULTIPART_BYTES_MAX < sent.bytes < MULTIPART_BYTES_MAX + 10 * MB
    assert memory_bytes() - before < 50 * MB
    assert await still_up(anna)


async def test_json_of_100_mb_is_refused_after_the_first(erp: Erp):
    """A request without a file has 1 MB; what comes after is not read."""
    anna = await erp.sign_in()
    sent = Sent(anna, f"content-type: application/json\r\n{CHUNKED}", b'{"query": "', 100 * MB)

    status, body = await sent.until_answered()

    assert status == 413
    assert body["errors"][0]["message"] == (
        f"A request may have {JSON_BYTES_MAX} bytes at the most."
    )
    assert sent.bytes < JSON_BYTES_MAX + 10 * MB
    assert await still_up(anna)


async def test_a_stranger_is_refused_before_the_body_is_read(erp: Erp):
    """Who is not signed in cannot make the server hold a file, however small."""
    nobody = User(erp, "nobody", "no.token.atall")
    sent = Sent(nobody, FORM + CHUNKED, FORM_START, 100 * MB)

    status, body = await sent.until_answered()

    assert status == 401
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert sent.bytes < 10 * MB


@pytest.mark.parametrize("size", ["104857600", "99999999999999999999999"])
async def test_a_declared_length_that_is_too_large_is_refused_at_once(erp: Erp, size: str):
    """Not one byte of the body needs to be sent."""
    anna = await erp.sign_in()
    address = erp.server.url.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*address.split(":"))
    writer.write(
        f"POST /graphql HTTP/1.1\r\nhost: {address}\r\n{FORM}content-length: {size}\r\n"
        f"authorization: Bearer {anna.token}\r\n\r\n".encode()
    )

    async with asyncio.timeout(5):
        status = (await reader.readline()).split()[1]
    writer.close()

    assert status in (b"413", b"400")
    assert await still_up(anna)


async def test_a_file_of_20_mb_is_kept(erp: Erp):
    """The limit is that of the promise, not one byte less."""
    anna = await erp.sign_in()

    item = (await anna.import_file("big.bin", bytes(20 * MB))).made

    assert item["fileSize"] == 20 * MB


async def test_an_upload_that_breaks_off_leaves_nothing(erp: Erp):
    """A client that vanishes in the middle of a file changes nothing and disturbs nobody."""
    anna = await erp.sign_in()
    address = erp.server.url.removeprefix("http://")

    async with unchanged(erp):
        _, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(
            f"POST /graphql HTTP/1.1\r\nhost: {address}\r\n{FORM}content-length: 9000000\r\n"
            f"authorization: Bearer {anna.token}\r\n\r\n".encode()
            + FORM_START
        )
        await writer.drain()
        writer.transport.abort()
        assert await still_up(anna)


# -- Forms that are no GraphQL multipart requests -------------------------------------------------

OPERATIONS = json.dumps(
    {"query": IMPORT, "variables": {"input": {"file": None, "idempotencyKey": "k"}}}
)
PLACE = "variables.input.file"
BROKEN = "The form must hold operations, map and the files that the map names."


async def send_form(user: User, *fields: tuple[str, str, str | None]) -> Answer:
    """Send fields: name, content, and a file name where it is a file."""
    with aiohttp.MultipartWriter("form-data") as form:
        for name, content, file_name in fields:
            part = form.append(content)
            more = {} if file_name is None else {"filename": file_name}
            part.set_content_disposition("form-data", name=name, **more)
    headers = {
        "authorization": f"Bearer {user.token}",
        "accept": "application/graphql-response+json",
    }
    async with user.erp.http.post(
        f"{user.erp.server.url}/graphql", data=form, headers=headers
    ) as answer:
        return Answer(answer.status, await answer.json(content_type=None))


def _form(operations: str | None, map: str | None, file: str | None = "0") -> list[Any]:
    fields = [("operations", operations, None), ("map", map, None)]
    if file is not None:
        fields.append((file, "<a/>", "a.xml"))
    return [field for field in fields if field[1] is not None]


FORMS = {
    "nothing": [],
    "no operations": _form(None, json.dumps({"0": [PLACE]})),
    "no map": _form(OPERATIONS, None),
    "no file": _form(OPERATIONS, json.dumps({"0": [PLACE]}), None),
    "a map of absent files": _form(OPERATIONS, json.dumps({"7": [PLACE]})),
    "a map that is no JSON": _form(OPERATIONS, "0=" + PLACE),
    "a map that is a list": _form(OPERATIONS, json.dumps([PLACE])),
    "a map of no lists": _form(OPERATIONS, json.dumps({"0": 1})),
    "a map of no texts": _form(OPERATIONS, json.dumps({"0": [1]})),
    "a map into nowhere": _form(OPERATIONS, json.dumps({"0": ["variables.other.file"]})),
    "a map into a text": _form(OPERATIONS, json.dumps({"0": ["query.x"]})),
    "a map of operations": _form(OPERATIONS, json.dumps({"operations": [PLACE]})),
    "a map to a number": _form(json.dumps([1]), json.dumps({"0": ["9"]})),
    "operations that are no JSON": _form("{" + OPERATIONS, json.dumps({"0": [PLACE]})),
    "operations that are a file": [
        ("operations", OPERATIONS, "operations.json"),
        ("map", json.dumps({"0": [PLACE]}), None),
        ("0", "<a/>", "a.xml"),
    ],
    "a file as a text": [
        ("operations", OPERATIONS, None),
        ("map", json.dumps({"0": [PLACE]}), None),
        ("0", "<a/>", None),
    ],
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_broken_form_is_refused_with_what_it_must_hold(erp: Erp, form: str):
    """400 with one sentence, in JSON; nothing is kept."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await send_form(anna, *FORMS[form])

    assert (answer.status, answer.body) == (
        400,
        {"errors": [{"message": BROKEN, "extensions": {"code": "BAD_REQUEST"}}]},
    )


@pytest.mark.parametrize(
    ("operations", "place", "sentence"),
    [
        (OPERATIONS, "query", "The key query must be a string."),
        (OPERATIONS, "variables", "The key variables must be an object."),
        (f"[{OPERATIONS}]", f"0.{PLACE}", "The body must be one JSON object with the key query."),
        (
            OPERATIONS,
            "variables.input.idempotencyKey",
            "Variable '$input' has invalid value at .",
        ),
    ],
)
async def test_a_file_in_the_wrong_place_is_refused(
    erp: Erp, operations: str, place: str, sentence: str
):
    """A file stands only where the schema has an Upload."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await send_form(anna, *_form(operations, json.dumps({"0": [place]})))

    assert (answer.status, answer.error_codes[0]) == (400, "BAD_REQUEST")
    assert answer.body["errors"][0]["message"].startswith(sentence)


async def test_a_file_that_is_named_in_json_is_no_file(erp: Erp):
    """An Upload comes by the multipart request specification only."""
    anna = await erp.sign_in()

    async with unchanged(erp):
        answer = await anna.ask(IMPORT, input={"file": "/etc/passwd", "idempotencyKey": "k"})

    assert (answer.status, answer.error_codes) == (400, ["BAD_REQUEST"])
    assert (
        "Send the file by the GraphQL multipart request specification."
        in answer.body["errors"][0]["message"]
    )


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=", b"--\r\n"),
        ("multipart/form-data; boundary=b", b"no form at all"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\n--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\ncontent-disposition: form-data\r\n\r\nx"),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"x: y\r\n" * 10_000),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\ncontent-disposition: form-data; name=operations\r\n\r\n"
            + b" " * (JSON_BYTES_MAX + 1)
            + b"\r\n--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n" * 50 + b"--b--",
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\ncontent-disposition: form-data; name=x; filename="x"\r\n\r\n1\r\n' * 50
            + b"--b--",
        ),
    ],
)
async def test_a_body_that_is_no_form_is_refused_in_json(erp: Erp, type: str, body: bytes):
    """400 and the sentence of a coded error, whatever the parser says."""
    anna = await erp.sign_in()
    headers = {
        "authorization": f"Bearer {anna.token}",
        "accept": "application/graphql-response+json",
        "content-type": type,
    }

    async with (
        unchanged(erp),
        erp.http.post(f"{erp.server.url}/graphql", data=body, headers=headers) as answer,
    ):
        found = await answer.json(content_type="application/graphql-response+json")

    assert answer.status == 400
    assert [error["extensions"] for error in found["errors"]] == [{"code": "BAD_REQUEST"}]
    assert found["errors"][0]["message"].startswith("The form ")


@pytest.mark.usefixtures("worker")
async def test_the_same_file_under_the_same_key_is_one_item(erp: Erp):
    """A lost answer can be asked for again; other content under the key is refused."""
    anna = await erp.sign_in()
    key = str(uuid.uuid4())
    first = await anna.import_file("a.xml", UBL, idempotencyKey=key)
    await fate_of(anna, first.made["id"])

    async with unchanged(erp):
        second = await anna.import_file("a.xml", UBL, idempotencyKey=key)
        third = await anna.import_file("a.xml", UBL + b" ", idempotencyKey=key)

    assert second.made == {**first.made, "state": "READ"}
    assert third.problem_codes == ["IDEMPOTENCY_KEY_REUSED"]
