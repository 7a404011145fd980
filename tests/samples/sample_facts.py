"""One row of samples.toml with its totals by EN 16931: lines rounded, tax per group, half up.

Added up here and not by the code under test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

EN16931 = "urn:cen.eu:en16931:2017"
XRECHNUNG = EN16931 + "#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"

EXEMPTIONS = {
    "E": (None, "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"),
    "AE": ("VATEX-EU-AE", "Steuerschuldnerschaft des Leistungsempfängers"),
    "K": ("VATEX-EU-IC", "Steuerfreie innergemeinschaftliche Lieferung"),
    "G": ("VATEX-EU-G", "Steuerfreie Ausfuhrlieferung"),
    "O": ("VATEX-EU-O", "Nicht steuerbarer Schadenersatz"),
}
"""Code and words that say why there is no tax; S and Z must have none [EN 16931 BR-S-10, Z-10]."""


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    number: str
    item: str
    name: str
    description: str
    quantity: str
    unit: str
    price: str
    base: str
    category: str
    rate: str

    @property
    def decimal_quantity(self) -> Decimal:
        return Decimal(self.quantity)

    @property
    def decimal_price(self) -> Decimal:
        return Decimal(self.price)

    @property
    def net(self) -> Decimal:
        return cents(Decimal(self.quantity) * Decimal(self.price) / Decimal(self.base))


@dataclass(frozen=True)
class Sample:
    """One invoice of the table, with its totals."""

    row: Mapping[str, Any]
    seller: Mapping[str, str]
    buyer: Mapping[str, str]
    ship_to: Mapping[str, str] | None

    @property
    def created(self) -> datetime:
        return datetime.combine(self.row["issued"], time(), UTC)

    @property
    def credit_note(self) -> bool:
        return str(self.row["format"]).endswith("CreditNote")

    @property
    def ubl(self) -> bool:
        return "UBL" in self.row["format"]

    @property
    def type_code(self) -> str:
        return "381" if self.credit_note else "380"

    @property
    def profile(self) -> str:
        return EN16931 if self.row["format"] == "ZUGFeRD" else XRECHNUNG

    @property
    def lines(self) -> list[Line]:
        return [Line(str(number), *row) for number, row in enumerate(self.row["lines"], start=1)]

    @property
    def changes(self) -> list[dict[str, str]]:
        """Allowances (negative) and charges of the whole document."""
        return list(self.row.get("changes", []))

    def changed(self, sign: int) -> Decimal | None:
        """The sum of charges (sign 1) or allowances (-1), as positive numbers."""
        amounts = [sign * Decimal(change["amount"]) for change in self.changes]
        return (
            sum((a for a in amounts if a > 0), Decimal(0)) if any(a > 0 for a in amounts) else None
        )

    @property
    def groups(self) -> list[tuple[str, str, Decimal, Decimal]]:
        """Category, rate, basis, tax."""
        basis: dict[tuple[str, str], Decimal] = {}
        for line in self.lines:
            key = line.category, line.rate
            basis[key] = basis.get(key, Decimal(0)) + line.net
        for change in self.changes:
            basis[change["category"], change["rate"]] += Decimal(change["amount"])
        return [(c, r, net, cents(net * Decimal(r or 0) / 100)) for (c, r), net in basis.items()]

    @property
    def line_total(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def net(self) -> Decimal:
        return self.line_total + sum((Decimal(c["amount"]) for c in self.changes), Decimal(0))

    @property
    def tax_total(self) -> Decimal:
        return sum((tax for *_, tax in self.groups), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax_total

    @property
    def payable(self) -> Decimal:
        return self.gross - Decimal(self.row.get("prepaid", "0"))
