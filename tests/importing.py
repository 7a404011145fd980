"""Starting imports through the public door, and doing their rows as the worker does."""

import io
import json
import uuid
import zipfile
from collections.abc import Sequence
from typing import Any

import aiohttp

from persistence.imports.batches import OpenWork
from tests.erp import PROBLEMS, Answer, Erp, User
from web.imports import import_rows

RUN = """id state totalRows doneRows createdRows updatedRows unchangedRows failedRows problemCount
  failureCode columns { heading field }"""
SEEN = f"""query($id: ID!) {{ importRun(id: $id) {{ {RUN}
  problems(first: 200) {{ totalCount nodes {{ row column field code reasonDe reasonEn }} }}
  rejected {{ url }} failure {{ message }} isDryRun fileName
}} }}"""

PARTNER_HEADINGS = "Kundennummer;Firma;Straße;PLZ;Ort;USt-IdNr."
ITEM_HEADINGS = "Artikelnummer;Bezeichnung;Einheit;Preis;Steuersatz"


def table(*lines: str) -> bytes:
    """Return lines as a CSV file in UTF-8."""
    return "\n".join(lines).encode()


async def start(user: User, content: bytes, name: str = "daten.csv", **input: Any) -> Answer:
    """Send a file and ask for its import."""
    operations = {
        "query": "mutation($input: StartImportInput!) { startImport(input: $input)"
        f" {{ importRun {{ {RUN} }} {PROBLEMS} }} }}",
        "variables": {
            "input": {
                "file": None,
                "entity": "PARTNERS",
                "idempotencyKey": str(uuid.uuid4()),
                **input,
            },
        },
    }
    form = aiohttp.FormData()
    form.add_field("operations", json.dumps(operations))
    form.add_field("map", json.dumps({"0": ["variables.input.file"]}))
    form.add_field("0", content, filename=name, content_type="application/octet-stream")
    headers = {"authorization": f"Bearer {user.token}"}
    url = f"{user.erp.server.url}/graphql"
    async with user.erp.http.post(url, data=form, headers=headers) as answer:
        return Answer(answer.status, await answer.json(content_type=None))


async def inline(function: Any, *arguments: Any) -> Any:
    """Run in this process what the worker runs in another one."""
    return function(*arguments)


def work_for(company: Erp) -> OpenWork:
    """Return how to open a unit of work of a company."""
    from tests.companies import work_of  # which imports a table by what stands here

    return lambda: work_of(company)


async def do_rows(company: Erp, run: str) -> None:
    """Do one job of an import."""
    await import_rows(uuid.UUID(run.partition("_")[2]), work_for(company), inline, True)


async def seen(user: User, run: str) -> dict[str, Any]:
    """Return an import as it is."""
    found: dict[str, Any] = (await user.ask(SEEN, id=run)).data["importRun"]
    return found


async def imported(user: User, content: bytes, **input: Any) -> dict[str, Any]:
    """Import a file and return what came of it."""
    run: str = (await start(user, content, **input)).made["id"]
    await do_rows(user.erp, run)
    return await seen(user, run)


def problems_of(run: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    """Return row, column and code of everything that was wrong."""
    nodes = run["problems"]["nodes"]
    return [(each["row"], each["column"], each["code"]) for each in nodes]


_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(rows: Sequence[str], **parts: str | bytes) -> bytes:
    """Return a workbook: `rows` are the XML of its rows; `parts` replace parts by their name."""
    given: dict[str, str | bytes] = {
        "workbook": f'<workbook xmlns="{_NAMESPACE}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="alt" sheetId="1" state="hidden" r:id="rId9"/>'
        '<sheet name="Daten" sheetId="2" r:id="rId1"/></sheets></workbook>',
        "rels": f'<Relationships xmlns="{_PACKAGE}">'
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "styles": f'<styleSheet xmlns="{_NAMESPACE}"><numFmts count="1">'
        '<numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts><cellXfs count="3">'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
        "strings": f'<sst xmlns="{_NAMESPACE}"><si><t>Hof Lindenau</t></si>'
        "<si><r><t>Saat</t></r><r><t>gut</t></r></si></sst>",
        "sheet": f'<worksheet xmlns="{_NAMESPACE}"><sheetData>{"".join(rows)}</sheetData>'
        "</worksheet>",
        **parts,
    }
    names = {
        "workbook": "xl/workbook.xml",
        "rels": "xl/_rels/workbook.xml.rels",
        "styles": "xl/styles.xml",
        "strings": "xl/sharedStrings.xml",
        "sheet": "xl/worksheets/sheet1.xml",
    }
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, name in names.items():
            archive.writestr(name, given[part])
    return kept.getvalue()


def texts(*cells: str) -> str:
    """Return a row of texts that stand in their cells."""
    inside = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f"<row>{inside}</row>"
