"""Downloads: signed links open a file without a sign-in, for a short time, and nothing else."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from domain.printing.links import LINK_SECONDS
from tests.erp import Erp

ASKED = "query($id: ID!) { inboxItem(id: $id) { fileName download { url expiresAt } } }"


async def link_of(erp: Erp, content: bytes, name: str = "invoice.xml") -> dict[str, str]:
    """Take a file in and return its link."""
    anna = await erp.sign_in()
    item = (await anna.import_file(name, content)).made["id"]
    link: dict[str, str] = (await anna.ask(ASKED, id=item)).data["inboxItem"]["download"]
    return link


async def test_a_received_file_comes_back_as_it_came(erp: Erp):
    """XML is saved, never shown: it could be anything that a stranger sent."""
    content = b"<Invoice>\xc3\xa4</Invoice>"
    link = await link_of(erp, content, "Rechnung-Mai.xml")

    async with erp.http.get(erp.server.url + link["url"]) as answer:
        assert answer.status == 200
        assert await answer.read() == content
        assert answer.headers["content-type"] == "application/octet-stream"
        disposition = answer.headers["content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''Rechnung-Mai.xml"


async def test_a_pdf_is_shown_and_may_do_nothing(erp: Erp):
    """In the browser's own viewer, in a sandbox, never sniffed."""
    link = await link_of(erp, b"%PDF-1.7 nothing", "letter.pdf")

    async with erp.http.get(erp.server.url + link["url"]) as answer:
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-security-policy"] == "sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_link_says_when_it_ends(erp: Erp):
    """RFC 3339, ten minutes from now."""
    link = await link_of(erp, b"<a/>")

    ends = datetime.strptime(link["expiresAt"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    left = ends - datetime.now(UTC)
    assert timedelta(seconds=LINK_SECONDS - 60) < left <= timedelta(seconds=LINK_SECONDS)


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: "x" + token,
        lambda token: token.partition(".")[0],
        lambda token: token.partition(".")[0] + ".%C3%A4",
        lambda token: "%C3%A4." + token.partition(".")[2],
        lambda token: "~.",
    ],
    ids=["another signature", "another file", "no signature", "umlaut", "umlaut first", "nothing"],
)
async def test_a_forged_link_opens_nothing(erp: Erp, spoiled):
    """One sentence, no trace, whatever was changed."""
    link = await link_of(erp, b"<a/>")
    token = link["url"].removeprefix("/files/")

    async with erp.http.get(f"{erp.server.url}/files/{spoiled(token)}") as answer:
        assert answer.status == 403
        assert "not valid or has expired" in await answer.text()


async def test_a_link_ends(erp: Erp):
    """Signed by ourselves, but for a moment that is over; and for a file that is not there."""
    signer = erp.server.state.links
    long_ago = signer.link(erp.tenant, "0" * 64, "x.pdf", datetime(2026, 1, 1, tzinfo=UTC))
    missing = signer.link(uuid.uuid4(), "0" * 64, "x.pdf", datetime.now(UTC))

    async with erp.http.get(f"{erp.server.url}/files/{signer.sign(long_ago)}") as answer:
        assert answer.status == 403
    async with erp.http.get(f"{erp.server.url}/files/{signer.sign(missing)}") as answer:
        assert answer.status == 410
