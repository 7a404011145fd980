"""Writes the sample e-invoices of this folder: `python tests/samples/make_samples.py`.

What they say stands in samples.toml, what a reader must find in manifest.json (written here too,
from the table and not by the reader). The same table always gives the same XML bytes.
"""

import json
import sys
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parents[1])]

from sample_cii import cii  # noqa: E402
from sample_facts import EXEMPTIONS, Sample  # noqa: E402
from sample_pdf import pdf  # noqa: E402
from sample_ubl import ubl  # noqa: E402

from domain.check_digits import german_vat_check_digit, iban_check_digits  # noqa: E402


def samples() -> list[Sample]:
    """Return every invoice of the table, check digits filled in."""
    table = tomllib.loads((FOLDER / "samples.toml").read_text(encoding="utf-8"))
    parties = {key: with_check_digits(party) for key, party in table["party"].items()}
    return [
        Sample(row, parties[row["seller"]], parties[row["buyer"]], parties.get(row.get("ship_to")))
        for row in table["invoice"]
    ]


def with_check_digits(party: dict[str, str]) -> dict[str, str]:
    """Return the party with the "?" of its VAT id and IBAN replaced."""
    filled = dict(party)
    if party.get("vat_id", "").endswith("?"):
        digits = party["vat_id"][2:10]
        filled["vat_id"] = f"DE{digits}{german_vat_check_digit(digits)}"
    if "iban" in party:
        account = party["iban"][4:]
        filled["iban"] = f"DE{iban_check_digits('DE', account)}{account}"
    return filled


def xml(sample: Sample) -> bytes:
    """Return the invoice as XML."""
    return ubl(sample) if sample.ubl else cii(sample)


def expected(sample: Sample) -> dict[str, Any]:
    """Return what a reader must find, as in the manifest of the development set."""
    row, seller, buyer = sample.row, sample.seller, sample.buyer
    ubl_kind = "UBL-CreditNote" if sample.credit_note else "UBL-Invoice"
    facts = {
        "syntax": ubl_kind if sample.ubl else "CII",
        "profile_id": sample.profile,
        "invoice_number": row["number"],
        "issue_date": row["issued"],
        "due_date": row["due"],
        "delivery_date": row["delivered"],
        "type_code": sample.type_code,
        "currency": "EUR",
        **{f"seller_{fact}": seller.get(fact) for fact in ("name", "vat_id", "tax_number")},
        **{f"seller_{fact}": seller[fact] for fact in ("email", "phone")},
        "seller_address": address(seller),
        **{f"buyer_{fact}": buyer.get(fact) for fact in ("name", "vat_id", "email", "phone")},
        "buyer_address": address(buyer),
        "buyer_reference": row.get("buyer_reference"),
        "preceding_invoice": row.get("preceding_invoice"),
        "line_total": sample.line_total,
        "allowances": sample.changed(-1),
        "charges": sample.changed(1),
        "net": sample.net,
        "tax_total": sample.tax_total,
        "taxes": [
            {
                "category": category,
                "rate": rate or None,
                "basis": basis,
                "tax": tax,
                "exemption": next(filter(None, EXEMPTIONS.get(category, ())), None),
            }
            for category, rate, basis, tax in sample.groups
        ],
        "gross": sample.gross,
        "prepaid": row.get("prepaid"),
        "rounding": None,
        "payable": sample.payable,
        "lines": len(sample.lines),
        "lines_with_amount": len(sample.lines),
        "iban": seller["iban"],
        "ibans": [seller["iban"]],
        "payment_terms": row["terms"].strip(),
        "line_facts": [
            {
                "line_id": line.number,
                "name": line.name,
                "description": line.description or None,
                "sellers_item_number": line.item or None,
                "quantity": line.quantity,
                "unit_code": line.unit,
                "unit_price": line.price,
                "price_base_quantity": line.base,
                "net_amount": line.net,
                "tax_category": line.category,
                "tax_rate": line.rate or None,
            }
            for line in sample.lines
        ],
    }
    return facts


def address(party: dict[str, str] | Any) -> dict[str, str | None]:
    """Return the postal address of a party."""
    return {
        part: party.get(part) for part in ("street", "additional", "postcode", "city", "country")
    }


def manifest() -> str:
    """Return the manifest as JSON: amounts as decimal strings, dates ISO 8601."""
    files = [
        {"file": sample.row["file"], "format": sample.row["format"], "expected": expected(sample)}
        for sample in samples()
    ]
    return json.dumps(files, indent=1, ensure_ascii=False, default=as_text) + "\n"


def as_text(value: object) -> str:
    """Write an amount or a date as the manifest does."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def main() -> None:
    """Write all samples and the manifest."""
    for sample in samples():
        path = FOLDER / sample.row["file"]
        path.write_bytes(pdf(sample, xml(sample)) if path.suffix == ".pdf" else xml(sample))
    (FOLDER / "manifest.json").write_text(manifest(), encoding="utf-8")


if __name__ == "__main__":
    main()
