"""What the demo company sells and buys: 800 articles with believable prices and packages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from domain.items import ItemDraft, UnitDraft
from domain.units import Unit
from web.demo_company.chance import Chance

CENT = Decimal("0.01")


class Group(StrEnum):
    """Groups of articles (Warengruppen)."""

    GRAIN = "Getreide"
    FERTILISER = "Dünger"
    CEREAL_SEED = "Saatgetreide"
    UNIT_SEED = "Raps- und Maissaat"
    GRASS_SEED = "Gräser und Zwischenfrucht"
    PROTECTION = "Pflanzenschutz"
    FEED = "Futter"
    FUEL = "Kraftstoffe"
    LUBRICANT = "Schmierstoffe"
    SUPPLY = "Hofbedarf"


@dataclass(frozen=True, slots=True)
class Range:
    """What all articles of a group share: a price from `least` to `most`, a usual quantity."""

    unit: Unit
    least: str
    most: str
    tax_rate: str
    quantity: tuple[str, str, str]  # least, most, step; in the unit
    units: tuple[tuple[Unit, str], ...] = ()


RANGES: dict[Group, Range] = {
    Group.GRAIN: Range(Unit.TONNE, "165", "230", "7", ("8", "27", "0.02")),
    Group.FERTILISER: Range(
        Unit.TONNE,
        "190",
        "620",
        "19",
        ("2.4", "27.6", "0.6"),
        ((Unit.BIG_BAG, "0.6"), (Unit.PALLET, "1.2")),
    ),
    Group.CEREAL_SEED: Range(
        Unit.DECITONNE, "46", "79", "7", ("5", "60", "5"), ((Unit.BIG_BAG, "5"), (Unit.BAG, "0.5"))
    ),
    Group.UNIT_SEED: Range(Unit.BAG, "84", "268", "7", ("8", "40", "1"), ((Unit.PALLET, "40"),)),
    Group.GRASS_SEED: Range(
        Unit.KILOGRAM, "2.15", "6.90", "7", ("25", "500", "25"), ((Unit.BAG, "25"),)
    ),
    Group.PROTECTION: Range(
        Unit.LITRE, "11.40", "96", "19", ("5", "120", "5"), ((Unit.CANISTER, "5"),)
    ),
    Group.FEED: Range(
        Unit.TONNE,
        "268",
        "540",
        "7",
        ("1", "14", "0.5"),
        ((Unit.BIG_BAG, "1"), (Unit.BAG, "0.025")),
    ),
    Group.FUEL: Range(Unit.HECTOLITRE, "72", "132", "19", ("5", "60", "0.5")),
    Group.LUBRICANT: Range(
        Unit.LITRE, "2.95", "9.40", "19", ("20", "200", "20"), ((Unit.CANISTER, "20"),)
    ),
    Group.SUPPLY: Range(Unit.PIECE, "2.40", "89", "19", ("4", "24", "1"), ((Unit.BOX, "12"),)),
}

_NAMES: dict[Group, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Group.GRAIN: (
        ("Winterweizen", "Wintergerste", "Sommergerste", "Winterroggen", "Triticale", "Hafer",
         "Winterraps", "Körnermais"),
        ("Handelsware", "Qualität A"),
    ),
    Group.FERTILISER: (
        ("Kalkammonsalpeter 27 % N", "Harnstoff 46 % N", "Ammonsulfatsalpeter 26+13",
         "Schwefelsaures Ammoniak 21+24", "NPK 15+15+15", "NPK 13+9+16", "NP 20+20",
         "Diammonphosphat 18+46", "Triplesuperphosphat 46", "Korn-Kali 40+6", "Patentkali 30+10",
         "Kalkdünger 85 % CaCO3", "Kohlensaurer Magnesiumkalk", "Kieserit 25+20",
         "AHL 28 % N"),
        ("lose", "Big Bag 600 kg", "Palette 25-kg-Säcke", "gekörnt", "granuliert fein"),
    ),
    Group.CEREAL_SEED: (
        ("Winterweizen", "Wintergerste", "Winterroggen", "Triticale", "Sommergerste", "Hafer",
         "Ackerbohne", "Futtererbse"),
        ("Marschgold", "Deichwart", "Nordlicht", "Elbperle", "Hadler Stolz", "Kehdingen",
         "Wattwurm", "Geestkrone", "Leuchtturm", "Haubarg"),
    ),
    Group.UNIT_SEED: (
        ("Winterraps", "Silomais", "Körnermais", "Sonnenblume"),
        ("Sturmflut", "Backbord", "Steuerbord", "Windjammer", "Ankerplatz", "Seemann", "Lotse",
         "Kaptein", "Fischbrötchen", "Krabbe", "Möwe", "Austernfischer", "Kiebitz", "Brise",
         "Flaute"),
    ),
    Group.GRASS_SEED: (
        ("Deutsches Weidelgras", "Welsches Weidelgras", "Weidemischung G II", "Nachsaat G V",
         "Rotklee", "Luzerne", "Gelbsenf", "Phacelia", "Ölrettich", "Landsberger Gemenge",
         "Pferdeweide", "Blühmischung"),
        ("Standard", "Öko", "früh", "mittel", "spät"),
    ),
    Group.PROTECTION: (
        ("Halmkorn", "Blattklar", "Rübenrein", "Rapswacht", "Maisfrei", "Spelzgut", "Ährenschutz",
         "Wurzelfest", "Distelstopp", "Ackerfuchs", "Klettex", "Mehltauwehr", "Rostbrecher",
         "Schneckenlos"),
        ("250 EC", "400 SC", "Plus", "Pro", "Duo", "Forte", "Star", "Top"),
    ),
    Group.FEED: (
        ("Milchleistungsfutter 18/3", "Milchleistungsfutter 20/4", "Kälberaufzucht",
         "Bullenmast 20", "Ferkelaufzucht", "Schweinemast I", "Schweinemast II", "Sauenfutter",
         "Legemehl", "Hähnchenmast", "Schaffutter", "Pferdepellets", "Rapsschrot", "Sojaschrot 44",
         "Mineralfutter Rind", "Melasseschnitzel"),
        ("lose", "Big Bag", "Sackware 25 kg", "pelletiert", "GVO-frei", "Öko", "granuliert",
         "Premium"),
    ),
    Group.FUEL: (
        ("Diesel B7", "Agrardiesel", "Heizöl EL", "AdBlue", "HVO 100"),
        ("lose", "im Tankzug"),
    ),
    Group.LUBRICANT: (
        ("Hydrauliköl HLP 46", "Motoröl 10W-40", "Motoröl 15W-40", "UTTO Getriebeöl",
         "Sägekettenöl", "Kühlerschutz", "Hydrauliköl HVLP 32", "STOU 10W-30"),
        ("Gebinde 20 l", "Fass", "Kanister", "bio", "Langzeit"),
    ),
    Group.SUPPLY: (
        ("Bindegarn", "Stretchfolie", "Rundballennetz", "Silofolie", "Siloschutzgitter",
         "Weidezaunlitze", "Isolator", "Weidezaungerät", "Tränkebecken", "Melkhandschuhe",
         "Eutertücher", "Kälbertränkeeimer", "Ohrmarkenzange", "Stallbesen", "Kornschaufel",
         "Mistgabel", "Arbeitshandschuhe", "Gummistiefel", "Regenjacke", "Latzhose",
         "Schutzbrille", "Schmierfettkartusche", "Schlauchschelle", "Kabelbinder", "Spanngurt",
         "Anhängekupplung", "Unterlenkerkugel", "Klappstecker", "Zugöse", "Warntafel",
         "Europalette", "Big Bag leer", "Rattenköder", "Fliegenfänger", "Rasendünger 20 kg",
         "Streusalz 25 kg"),
        ("Standard", "Profi", "Größe M", "Größe L", "Größe XL", "grün", "schwarz", "verzinkt",
         "Vorteilspack"),
    ),
}  # fmt: skip
"""Bases and variants; brands and varieties are invented."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the demo company, before it is an item with an id."""

    number: str
    name: str
    group: Group
    price: Decimal

    @property
    def range(self) -> Range:
        """What its group shares."""
        return RANGES[self.group]

    def draft(self) -> ItemDraft:
        """Return it as the domain asks for an item."""
        shared = self.range
        return ItemDraft(
            number=self.number,
            name=self.name,
            unit=shared.unit,
            unit_price=self.price,
            tax_rate=Decimal(shared.tax_rate),
            item_group=self.group.value,
            units=tuple(UnitDraft(unit, Decimal(factor)) for unit, factor in shared.units),
            weight_kg=Decimal(1000) if shared.unit is Unit.TONNE else None,
        )


def articles(count: int, luck: Chance) -> list[Article]:
    """Return so many articles, each group in turn until its names are used up.

    >>> [each.name for each in articles(2, Chance(1, "doctest"))]
    ['Winterweizen, Handelsware', 'Kalkammonsalpeter 27 % N, lose']
    """
    names = {group: list(_names_of(group)) for group in Group}
    places = dict.fromkeys(Group, 0)
    found: list[Article] = []
    while len(found) < count and any(places[group] < len(names[group]) for group in Group):
        for position, group in enumerate(Group, 1):
            place = places[group]
            if place == len(names[group]) or len(found) == count:
                continue
            places[group] += 1
            price = luck.amount(_cents(RANGES[group].least), _cents(RANGES[group].most), "1") / 100
            number = f"{position:02}-{place + 1:03}"
            found.append(Article(number, names[group][place], group, price.quantize(CENT)))
    return found


def of_group(all: Sequence[Article], *groups: Group) -> list[Article]:
    """Return the articles of these groups."""
    return [each for each in all if each.group in groups]


def _names_of(group: Group) -> Iterator[str]:
    bases, variants = _NAMES[group]
    for variant in variants:
        for start in bases:
            yield f"{start}, {variant}"


def _cents(price: str) -> str:
    return str(int(Decimal(price) * 100))
