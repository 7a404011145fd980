"""With whom the demo company trades: invented names, with numbers whose check digits are right.

VAT ids begin with 999 after the country, bank codes are given to no bank, mails go to example.org.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.check_digits import german_vat_check_digit, iban_check_digits
from domain.identity import Language
from domain.partners import Address, PartnerDraft, PartnerKind
from domain.partners.parts import (
    AccountEntry,
    AddressEntry,
    Channel,
    ContactEntry,
    DocumentGroup,
    Receipt,
    TaxClass,
    TaxClassEntry,
)
from domain.partners.rhythm import Rhythm
from domain.payment_terms import PaymentTerms
from web.demo_company.chance import Chance


class Sort(StrEnum):
    """What a partner is to the company."""

    FARM = "FARM"
    COOPERATIVE = "COOPERATIVE"
    MILL = "MILL"
    DEALER = "DEALER"
    SUPPLIER = "SUPPLIER"
    PRIVATE = "PRIVATE"
    AUTHORITY = "AUTHORITY"
    WALK_IN = "WALK_IN"


SHARES: dict[Sort, int] = {
    Sort.FARM: 180,
    Sort.COOPERATIVE: 12,
    Sort.MILL: 14,
    Sort.DEALER: 36,
    Sort.SUPPLIER: 25,
    Sort.PRIVATE: 22,
    Sort.AUTHORITY: 10,
    Sort.WALK_IN: 1,
}
"""How many of 300 partners are what."""

_FAMILIES = (
    "Ahrens", "Behnke", "Claussen", "Dammann", "Eggers", "Feldhusen", "Gätjens", "Hinrichs",
    "Issendorf", "Janssen", "Kröger", "Lührs", "Meinken", "Nodorp", "Oellrich", "Pape", "Quast",
    "Rademacher", "Schlichting", "Tiedemann", "Umland", "Vollmers", "Wilkens", "Ziemann", "Buck",
    "von Bargen", "Grothmann", "Heinsohn", "Köpke", "Mahler",
)  # fmt: skip
_FIRST = (
    "Hinnerk", "Antje", "Jan", "Wiebke", "Klaus", "Maren", "Torben", "Silke", "Fiete", "Imke",
    "Sönke", "Gesa",
)  # fmt: skip
_PLACES = (
    ("21706", "Drochtersen"), ("21729", "Freiburg (Elbe)"), ("21762", "Otterndorf"),
    ("21781", "Cadenberge"), ("21730", "Balje"), ("21737", "Wischhafen"), ("21769", "Lamstedt"),
    ("21775", "Ihlienworth"), ("25541", "Brunsbüttel"), ("25709", "Marne"), ("25554", "Wilster"),
    ("27432", "Bremervörde"), ("21745", "Hemmoor"), ("21680", "Stade"), ("27624", "Geestland"),
)  # fmt: skip
_STREETS = (
    "Deichstraße", "Osterende", "Westerende", "Mühlenweg", "Am Siel", "Kirchenstieg",
    "Moorchaussee", "Hauptstraße", "Am Speicher", "Lindenallee", "Hafenstraße", "Feldscheide",
)  # fmt: skip
_ABROAD: dict[str, tuple[tuple[str, str, str], ...]] = {
    "DK": (
        ("Sønderjysk Korn A/S", "6400", "Sønderborg"),
        ("Vestkystens Foder ApS", "6760", "Ribe"),
        ("Limfjord Frø A/S", "7900", "Nykøbing Mors"),
    ),
    "NL": (
        ("Van der Polder Zaden B.V.", "9711", "Groningen"),
        ("Graanhandel De Dijk B.V.", "7811", "Emmen"),
        ("Kunstmest Oost B.V.", "7511", "Enschede"),
    ),
    "AT": (
        ("Innviertler Saatbau GmbH", "4910", "Ried im Innkreis"),
        ("Donaukorn Handels GmbH", "4020", "Linz"),
    ),
}
_FARM_STYLES = ("Hof {}", "Milchhof {}", "{} GbR", "Ackerbau {}", "Landwirtschaft {}", "{} KG")
_FIRMS: dict[Sort, tuple[str, ...]] = {
    Sort.COOPERATIVE: ("Raiffeisen {} eG", "Bezugsverein {} eG", "Erzeugergemeinschaft {} w. V."),
    Sort.MILL: ("Mühle {} GmbH", "Kornmühle {} KG", "Mischfutterwerk {} GmbH"),
    Sort.DEALER: ("Landhandel {} GmbH", "Agrarhandel {} KG", "Futter {} e. K."),
    Sort.SUPPLIER: ("Düngerkontor {} GmbH", "Saatzucht {} KG", "Agrarchemie {} GmbH",
                    "Mineralöl {} GmbH", "Hofbedarf-Großhandel {} GmbH"),
    Sort.AUTHORITY: ("Gemeinde {}", "Deichverband {}", "Wasserverband {}"),
}  # fmt: skip
_MONTHLY = (Sort.AUTHORITY, Sort.MILL)


@dataclass(frozen=True, slots=True)
class Person:
    """A partner before it has an id: `terms` is the place in the list of payment terms."""

    sort: Sort
    address: Address
    terms: int
    tax_class: TaxClass
    iban: str
    price_group: str | None
    rhythm: Rhythm

    @property
    def delivers(self) -> bool:
        """Whether the company buys from it too."""
        return self.sort in (Sort.FARM, Sort.SUPPLIER)

    def draft(self, terms: Sequence[PaymentTerms], start: date) -> PartnerDraft:
        """Return it as the domain asks for a partner; agreements were made before `start`."""
        private = self.sort in (Sort.PRIVATE, Sort.WALK_IN)
        public = self.sort is Sort.AUTHORITY
        farm = self.sort is Sort.FARM
        kind = PartnerKind.PRIVATE if private else PartnerKind.BUSINESS
        return PartnerDraft(
            self.address,
            kind=PartnerKind.PUBLIC if public else kind,
            is_customer=self.sort is not Sort.SUPPLIER,
            is_supplier=self.delivers,
            is_one_time=self.sort is Sort.WALK_IN,
            language=Language.DE if self.address.country in ("DE", "AT") else Language.EN,
            price_group=self.price_group,
            partner_group=self.sort.value,
            invoice_rhythm=self.rhythm,
            payment_terms=terms[self.terms],
            self_billing_agreed_on=start - timedelta(days=90) if farm else None,
            contacts=() if self.sort is Sort.WALK_IN else (_contact(self.address),),
            addresses=(_yard(self.address),) if farm and self.rhythm is Rhythm.WEEK else (),
            accounts=(AccountEntry(self.iban),) if self.iban else (),
            tax_classes=(TaxClassEntry(self.tax_class, date(2020, 1, 1)),) if farm else (),
        )


def people(count: int, luck: Chance) -> list[Person]:
    """Return so many partners, every sort at least once, no name twice."""
    wanted = [sort for sort in Sort for _ in range(max(1, SHARES[sort] * count // 300))]
    wanted += [Sort.FARM] * (count - len(wanted))
    abroad = [(country, *place) for country, places in _ABROAD.items() for place in places]
    vat_ids = {country: _VAT_IDS[country]() for country in _VAT_IDS}
    named: set[str] = set()
    found: list[Person] = []
    for sort in sorted(wanted[:count], key=list(Sort).index):
        place = len(found) + 1
        if sort is Sort.DEALER and abroad:
            country, name, postcode, city = abroad.pop(0)
            address = Address(name, f"Havnevej {place}", postcode, city, country)
        else:
            address = _at_home(sort, place, luck, named)
        found.append(_person(sort, address, place, luck, vat_ids))
    return found


def _at_home(sort: Sort, place: int, luck: Chance, named: set[str]) -> Address:
    postcode, city = luck.pick(_PLACES)
    street = f"{luck.pick(_STREETS)} {luck.number(1, 89)}"
    if sort is Sort.WALK_IN:
        return Address("Barverkauf", "Elbdeich 7", "21706", "Drochtersen")
    for round in range(1_000):
        name = _name(sort, city, luck)
        if round > 50:
            name = f"{name} {'I' * (round // 50)}"
        if name not in named:
            break
    named.add(name)
    return Address(name, street, postcode, city, email=f"partner{place}@example.org")


def _name(sort: Sort, city: str, luck: Chance) -> str:
    family, first = luck.pick(_FAMILIES), luck.pick(_FIRST)
    if sort is Sort.PRIVATE:
        return f"{first} {family}"
    if sort is Sort.FARM:
        return luck.pick(_FARM_STYLES).format(f"{first} {family}" if luck.happens(50) else family)
    if sort is Sort.AUTHORITY:
        return luck.pick(_FIRMS[sort]).format(city)
    return luck.pick(_FIRMS[sort]).format(f"{family} {city}" if luck.happens(40) else family)


def _person(
    sort: Sort, address: Address, place: int, luck: Chance, vat_ids: dict[str, Iterator[str]]
) -> Person:
    private = sort in (Sort.PRIVATE, Sort.WALK_IN)
    flat_rate = sort is Sort.FARM and luck.happens(45)
    vat_id = tax_number = None
    if flat_rate:
        tax_number = f"43/{place:03}/{luck.number(10000, 99999)}"
    elif not private and sort is not Sort.AUTHORITY:
        vat_id = next(vat_ids[address.country])
    weekly = sort in (Sort.FARM, Sort.COOPERATIVE) and luck.happens(40)
    rhythm = Rhythm.MONTH if sort in _MONTHLY else Rhythm.WEEK if weekly else Rhythm.DELIVERY
    return Person(
        sort=sort,
        address=Address(
            address.name,
            address.street,
            address.postcode,
            address.city,
            address.country,
            vat_id,
            tax_number,
            address.email or (None if private else f"partner{place}@example.org"),
        ),
        terms=luck.number(0, 2) if not private else 0,
        tax_class=TaxClass.FLAT_RATE_24 if flat_rate else TaxClass.STANDARD,
        iban="" if sort is Sort.WALK_IN else _iban(address.country, place, luck),
        price_group="WIEDERVERKAUF" if sort in (Sort.DEALER, Sort.COOPERATIVE) else None,
        rhythm=rhythm,
    )


def _contact(address: Address) -> ContactEntry:
    if address.email is None:
        return ContactEntry("Büro")
    receipts = (Receipt(DocumentGroup.INVOICES, Channel.PDF_MAIL),)
    return ContactEntry("Büro", email=address.email, receives=receipts)


def _yard(address: Address) -> AddressEntry:
    return AddressEntry(
        "Maschinenhalle",
        f"Außendeich {len(address.name)}",
        address.postcode,
        address.city,
        is_shipping_default=True,
    )


def _iban(country: str, place: int, luck: Chance) -> str:
    number = luck.number(10**5, 10**6 - 1)
    account = {
        "DE": f"29999999{place:04}{number}",
        "DK": f"9999{place:04}{number}",
        "NL": f"NERP{place:04}{number}",
        "AT": f"99999{place:05}{number}",
    }[country]
    return f"{country}{iban_check_digits(country, account)}{account}"


def _german_vat_ids() -> Iterator[str]:
    for n in range(100_000):
        digits = f"999{n:05}"
        yield f"DE{digits}{german_vat_check_digit(digits)}"


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _danish_vat_ids() -> Iterator[str]:
    """Eight digits whose weighted sum is a multiple of 11."""
    for n in range(100_000):
        digits = f"999{n:05}"
        if _weighted(digits, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0:
            yield f"DK{digits}"


def _dutch_vat_ids() -> Iterator[str]:
    """Nine digits, the last one the weighted sum of the others modulo 11."""
    for n in range(100_000):
        digits = f"999{n:05}"
        check = _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if check < 10:
            yield f"NL{digits}{check}B01"


def _austrian_vat_ids() -> Iterator[str]:
    """Seven digits and a check digit: every second one doubled, its digits added up, plus 4."""
    for n in range(10_000):
        digits = f"999{n:04}"
        total = sum(
            int(digit) if place % 2 == 0 else sum(divmod(2 * int(digit), 10))
            for place, digit in enumerate(digits)
        )
        yield f"ATU{digits}{(10 - (total + 4) % 10) % 10}"


_VAT_IDS: dict[str, Callable[[], Iterator[str]]] = {
    "DE": _german_vat_ids,
    "DK": _danish_vat_ids,
    "NL": _dutch_vat_ids,
    "AT": _austrian_vat_ids,
}

CREDIT_LIMITS = (Decimal(25_000), Decimal(50_000), Decimal(150_000))
"""What the company trusted its partners with when it introduced limits, near the end."""
