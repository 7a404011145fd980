"""What must be known to propose a tax: the question, and the case as Germany sees it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.tax.countries import HOME, Area, area_of, country_of_vat_id, is_in_eu


class ItemTaxClass(StrEnum):
    """How an item is taxed at home, whoever buys it."""

    STANDARD = "STANDARD"  # section 12 (1) UStG
    REDUCED = "REDUCED"  # section 12 (2) UStG, annex 2: food, feed, seed, plants, books
    ZERO_RATED = "ZERO_RATED"  # section 12 (3) UStG: solar systems
    EXEMPT = "EXEMPT"  # section 4 no. 8 to 29 UStG
    OUT_OF_SCOPE = "OUT_OF_SCOPE"  # no supply for money: damages, true grants
    REVERSE_CHARGE_GOODS = "REVERSE_CHARGE_GOODS"  # section 13b (2) UStG: scrap and the like


class PartnerKind(StrEnum):
    """Who the partner is in law."""

    BUSINESS = "BUSINESS"
    PRIVATE = "PRIVATE"
    PUBLIC = "PUBLIC"  # a legal person under public law


class SellerRegime(StrEnum):
    """How our own company is taxed on a day."""

    STANDARD = "STANDARD"
    SMALL_BUSINESS_19 = "SMALL_BUSINESS_19"  # Kleinunternehmer
    FLAT_RATE_24 = "FLAT_RATE_24"  # farmer with average rates


class SupplierClass(StrEnum):
    """How a supplier is taxed to whom we write the invoice ourselves, on a day."""

    STANDARD = "STANDARD"
    FLAT_RATE_24 = "FLAT_RATE_24"
    SMALL_BUSINESS_19 = "SMALL_BUSINESS_19"
    PRIVATE = "PRIVATE"  # no business, so there is no tax


class Side(StrEnum):
    """Whose supply it is: ours, or a supplier's for whom we write the invoice (Gutschrift)."""

    SALES = "SALES"
    SELF_BILLED = "SELF_BILLED"


class Sort(StrEnum):
    """Goods are taxed where they go, services mostly where the customer sits."""

    GOODS = "GOODS"
    SERVICE = "SERVICE"


class BuyerVatId(StrEnum):
    """Which VAT id the buyer has: of another member state, a German one, or none that counts."""

    EU = "EU"
    HOME = "HOME"
    NONE = "NONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxQuestion:
    """One line of a document to propose a tax for.

    `partner_country` is where the partner sits, `ship_from` and `ship_to` are the countries where
    goods start and end (ISO 3166-1, XI for Northern Ireland). `supply_date` is the last day of the
    supply. `exemption` is the item's own reason where it is EXEMPT, such as "§ 4 Nr. 21 UStG".
    `supplier` is needed where we write the invoice for the supplier; `regime` counts only where
    the supply is ours.
    """

    item: ItemTaxClass
    is_service: bool
    partner_kind: PartnerKind
    supply_date: date
    partner_country: str = HOME
    vat_id: str | None = None
    ship_from: str = HOME
    ship_to: str = HOME
    regime: SellerRegime = SellerRegime.STANDARD
    side: Side = Side.SALES
    supplier: SupplierClass | None = None
    exemption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxCase:
    """A question in the words of the table: everything that a row may ask for."""

    side: Side
    supplier: SupplierClass | None
    regime: SellerRegime
    item: ItemTaxClass
    sort: Sort
    partner: PartnerKind
    origin: Area
    destination: Area
    vat_id: BuyerVatId


def case_of(question: TaxQuestion) -> TaxCase:
    """Return the case of a question. A service starts at home and ends where the partner sits."""
    on, is_service = question.supply_date, question.is_service
    target = question.partner_country if is_service else question.ship_to
    return TaxCase(
        side=question.side,
        supplier=question.supplier,
        regime=question.regime,
        item=question.item,
        sort=Sort.SERVICE if is_service else Sort.GOODS,
        partner=question.partner_kind,
        origin=Area.HOME if is_service else area_of(question.ship_from, on),
        destination=area_of(target, on, is_service=is_service),
        vat_id=_kind_of_vat_id(question.vat_id, on, is_service),
    )


def _kind_of_vat_id(vat_id: str | None, on: date, is_service: bool) -> BuyerVatId:
    country = country_of_vat_id(vat_id)
    if country == HOME:
        return BuyerVatId.HOME
    if country is not None and is_in_eu(country, on, is_service=is_service):
        return BuyerVatId.EU
    return BuyerVatId.NONE
