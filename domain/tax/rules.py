"""The table that a tax is proposed by: rows from top to bottom, the first that fits wins.

A row asks only for what it names; nothing named, nothing asked. Its dates are days of supply.

Sources: sections 3 (6), 3a (2), 4, 6, 6a, 12, 13b, 19, 24 UStG.
"""

from dataclasses import dataclass, fields
from datetime import date

from domain.tax.categories import EXEMPTION_TEXT, TaxCategory
from domain.tax.countries import Area
from domain.tax.question import (
    BuyerVatId,
    ItemTaxClass,
    PartnerKind,
    SellerRegime,
    Side,
    Sort,
    SupplierClass,
    TaxCase,
)
from domain.tax.rates import EARLIEST, RateName
from domain.tax.reasons import TaxReason, TaxWarning


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a row asks for: of each fact the values that fit, none for any."""

    side: tuple[Side, ...] = ()
    supplier: tuple[SupplierClass, ...] = ()
    regime: tuple[SellerRegime, ...] = ()
    item: tuple[ItemTaxClass, ...] = ()
    sort: tuple[Sort, ...] = ()
    partner: tuple[PartnerKind, ...] = ()
    origin: tuple[Area, ...] = ()
    destination: tuple[Area, ...] = ()
    vat_id: tuple[BuyerVatId, ...] = ()

    def fits(self, case: TaxCase) -> bool:
        """Say whether the case has a wanted value of every fact that is asked for."""
        return all(
            getattr(case, fact.name) in wanted
            for fact in fields(self)
            if (wanted := getattr(self, fact.name))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row. `rate` is for category S; without one it is that of the item's class.

    `words` explain missing tax (BT-120). `statement` is a note the law wants beside a tax that is
    shown: category S may have no reason at all [EN 16931 BR-S-10]. `valid_until` is the first day
    on which the row counts no longer.
    """

    why: TaxReason
    when: When
    category: TaxCategory
    rate: RateName | None = None
    words: str | None = None
    statement: str | None = None
    warning: TaxWarning | None = None
    valid_from: date = EARLIEST
    valid_until: date = date.max


_SALES = (Side.SALES,)
_SELF_BILLED = (Side.SELF_BILLED,)
_GOODS = (Sort.GOODS,)
_SERVICE = (Sort.SERVICE,)
_ABROAD = (Area.EU, Area.THIRD)
_NOT_PRIVATE = (PartnerKind.BUSINESS, PartnerKind.PUBLIC)
_WITHOUT_EU_ID = (BuyerVatId.HOME, BuyerVatId.NONE)
_SMALL_BUSINESS_NEW = date(2025, 1, 1)  # an exemption since then [section 19 UStG, JStG 2024]
_SMALL_BUSINESS_OLD_WORDS = "Kein Ausweis von Umsatzsteuer, da Kleinunternehmer (§ 19 UStG)"
_SMALL_BUSINESS_WORDS = "Steuerbefreiung für Kleinunternehmer (§ 19 UStG)"
_FLAT_RATE_STATEMENT = "Durchschnittssatz für Land- und Forstwirte (§ 24 UStG): {rate} %"

RULES: tuple[Rule, ...] = (
    # --- we write the invoice for the supplier: his class decides
    Rule(
        why=TaxReason.SUPPLIER_NOT_TAXABLE,
        when=When(side=_SELF_BILLED, supplier=(SupplierClass.PRIVATE,)),
        category=TaxCategory.O,
        words="Nicht steuerbar (der Lieferant ist kein Unternehmer)",
    ),
    Rule(
        why=TaxReason.SUPPLIER_SMALL_BUSINESS,
        when=When(side=_SELF_BILLED, supplier=(SupplierClass.SMALL_BUSINESS_19,)),
        category=TaxCategory.E,
        words=_SMALL_BUSINESS_OLD_WORDS,
        valid_until=_SMALL_BUSINESS_NEW,
    ),
    Rule(
        why=TaxReason.SUPPLIER_SMALL_BUSINESS,
        when=When(side=_SELF_BILLED, supplier=(SupplierClass.SMALL_BUSINESS_19,)),
        category=TaxCategory.E,
        words=_SMALL_BUSINESS_WORDS,
        valid_from=_SMALL_BUSINESS_NEW,
    ),
    Rule(
        why=TaxReason.SUPPLIER_FLAT_RATE,
        when=When(side=_SELF_BILLED, supplier=(SupplierClass.FLAT_RATE_24,)),
        category=TaxCategory.S,
        rate=RateName.FARMERS,
        statement=_FLAT_RATE_STATEMENT,
    ),
    # --- our company shows no tax at all, whatever it sells
    Rule(
        why=TaxReason.SMALL_BUSINESS,
        when=When(side=_SALES, regime=(SellerRegime.SMALL_BUSINESS_19,)),
        category=TaxCategory.E,
        words=_SMALL_BUSINESS_OLD_WORDS,
        valid_until=_SMALL_BUSINESS_NEW,
    ),
    Rule(
        why=TaxReason.SMALL_BUSINESS,
        when=When(side=_SALES, regime=(SellerRegime.SMALL_BUSINESS_19,)),
        category=TaxCategory.E,
        words=_SMALL_BUSINESS_WORDS,
        valid_from=_SMALL_BUSINESS_NEW,
    ),
    # --- the item decides; its exemption goes before those of trade with other countries
    Rule(
        why=TaxReason.OUT_OF_SCOPE,
        when=When(item=(ItemTaxClass.OUT_OF_SCOPE,)),
        category=TaxCategory.O,
        words=EXEMPTION_TEXT[TaxCategory.O],
    ),
    Rule(
        why=TaxReason.EXEMPT,
        when=When(item=(ItemTaxClass.EXEMPT,)),
        category=TaxCategory.E,
    ),
    # --- services to businesses abroad are taxed there [section 3a (2) UStG]
    Rule(
        why=TaxReason.SERVICE_TO_EU_BUSINESS,
        when=When(
            side=_SALES,
            sort=_SERVICE,
            destination=(Area.EU,),
            partner=_NOT_PRIVATE,
            vat_id=(BuyerVatId.EU,),
        ),
        category=TaxCategory.AE,
        words=EXEMPTION_TEXT[TaxCategory.AE],
        valid_from=date(2010, 1, 1),
    ),
    Rule(
        why=TaxReason.SERVICE_TO_THIRD_COUNTRY,
        when=When(side=_SALES, sort=_SERVICE, destination=(Area.THIRD,), partner=_NOT_PRIVATE),
        category=TaxCategory.O,
        words="Nicht steuerbar, Leistungsort im Ausland (§ 3a Abs. 2 UStG)",
        valid_from=date(2010, 1, 1),
    ),
    # --- goods that never touch Germany
    Rule(
        why=TaxReason.GOODS_START_ABROAD,
        when=When(side=_SALES, sort=_GOODS, origin=_ABROAD, destination=_ABROAD),
        category=TaxCategory.O,
        words="Nicht steuerbar, Lieferort im Ausland (§ 3 Abs. 6 UStG)",
        warning=TaxWarning.FOREIGN_TAX_NOT_SUPPORTED,
    ),
    # --- a farmer's flat rate goes before the exemptions of section 4 no. 1 to 7
    Rule(
        why=TaxReason.FLAT_RATE_FARMER,
        when=When(side=_SALES, regime=(SellerRegime.FLAT_RATE_24,)),
        category=TaxCategory.S,
        rate=RateName.FARMERS,
        statement=_FLAT_RATE_STATEMENT,
    ),
    # --- goods and services that leave the country
    Rule(
        why=TaxReason.INTRA_COMMUNITY_SUPPLY,
        when=When(
            side=_SALES,
            sort=_GOODS,
            origin=(Area.HOME,),
            destination=(Area.EU,),
            partner=_NOT_PRIVATE,
            vat_id=(BuyerVatId.EU,),
        ),
        category=TaxCategory.K,
        words=EXEMPTION_TEXT[TaxCategory.K],
    ),
    Rule(
        why=TaxReason.EXPORT,
        when=When(side=_SALES, sort=_GOODS, origin=(Area.HOME,), destination=(Area.THIRD,)),
        category=TaxCategory.G,
        words=EXEMPTION_TEXT[TaxCategory.G],
    ),
    Rule(
        why=TaxReason.EU_BUYER_WITHOUT_VAT_ID,
        when=When(side=_SALES, destination=(Area.EU,), partner=_NOT_PRIVATE, vat_id=_WITHOUT_EU_ID),
        category=TaxCategory.S,
        warning=TaxWarning.BUYER_VAT_ID_MISSING,
    ),
    Rule(
        why=TaxReason.DISTANCE_SALE,
        when=When(side=_SALES, sort=_GOODS, destination=(Area.EU,), partner=(PartnerKind.PRIVATE,)),
        category=TaxCategory.S,
        warning=TaxWarning.OSS_NOT_SUPPORTED,
    ),
    Rule(
        why=TaxReason.SERVICE_TO_PRIVATE_ABROAD,
        when=When(side=_SALES, sort=_SERVICE, destination=_ABROAD, partner=(PartnerKind.PRIVATE,)),
        category=TaxCategory.S,
        warning=TaxWarning.PLACE_OF_SERVICE_UNCERTAIN,
    ),
    # --- at home; where we write the invoice, we are the business that buys
    Rule(
        why=TaxReason.REVERSE_CHARGE_AT_HOME,
        when=When(
            side=_SALES,
            item=(ItemTaxClass.REVERSE_CHARGE_GOODS,),
            partner=(PartnerKind.BUSINESS,),
        ),
        category=TaxCategory.AE,
        words=EXEMPTION_TEXT[TaxCategory.AE],
        valid_from=date(2011, 1, 1),
    ),
    Rule(
        why=TaxReason.REVERSE_CHARGE_AT_HOME,
        when=When(side=_SELF_BILLED, item=(ItemTaxClass.REVERSE_CHARGE_GOODS,)),
        category=TaxCategory.AE,
        words=EXEMPTION_TEXT[TaxCategory.AE],
        valid_from=date(2011, 1, 1),
    ),
    Rule(
        why=TaxReason.ZERO_RATED,
        when=When(item=(ItemTaxClass.ZERO_RATED,)),
        category=TaxCategory.Z,
        valid_from=date(2023, 1, 1),
    ),
    Rule(
        why=TaxReason.DOMESTIC_REDUCED,
        when=When(item=(ItemTaxClass.REDUCED,)),
        category=TaxCategory.S,
        rate=RateName.REDUCED,
    ),
    Rule(
        why=TaxReason.DOMESTIC_STANDARD,
        when=When(),
        category=TaxCategory.S,
        rate=RateName.STANDARD,
    ),
)


def rule_for(case: TaxCase, on: date) -> Rule:
    """Return the first row that fits; the last one fits every case from `EARLIEST` on."""
    return next(
        rule for rule in RULES if rule.valid_from <= on < rule.valid_until and rule.when.fits(case)
    )
