"""The language of the plan: steps on days, each naming the documents it needs by their place."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.partners.rhythm import Rhythm
from domain.units import Unit
from web.demo_company.chance import Chance
from web.demo_company.goods import Article, Group, of_group
from web.demo_company.people import Person, Sort

SATURDAY = 5


class Verb(StrEnum):
    """What is done in a step."""

    WRITE = "WRITE"
    FOLLOW = "FOLLOW"
    BILL = "BILL"
    FINAL = "FINAL"
    AMEND = "AMEND"
    CLOSE = "CLOSE"
    CANCEL = "CANCEL"
    PAY = "PAY"
    REQUEST = "REQUEST"
    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    TRANSFER = "TRANSFER"
    SETTLE = "SETTLE"
    RELEASE = "RELEASE"
    ANSWER = "ANSWER"
    OBJECT = "OBJECT"
    RECEIVED = "RECEIVED"


MAKING = frozenset(
    {
        Verb.WRITE,
        Verb.FOLLOW,
        Verb.BILL,
        Verb.FINAL,
        Verb.CANCEL,
        Verb.PAY,
        Verb.REQUEST,
    }
)
"""Verbs that make a document."""

BY_ANOTHER = frozenset({Verb.APPROVE, Verb.RELEASE})
"""Verbs of whoever did not write the document: four eyes."""


class How(StrEnum):
    """How a customer pays."""

    IN_FULL = "IN_FULL"
    WITH_DISCOUNT = "WITH_DISCOUNT"
    IN_PART = "IN_PART"
    TOO_MUCH = "TOO_MUCH"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line to write: `article` by its place, without one a charge or a prepayment in words.

    Without a price the price search finds one. The unit is the article's own unless named. `costs`
    are account and cost centre of what a supplier bills without an article.
    """

    quantity: Decimal
    article: int | None = None
    price: Decimal | None = None
    unit: Unit | None = None
    discount_percent: Decimal | None = None
    words: str | None = None
    tax_rate: Decimal | None = None
    costs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens on a day. `made` names the new document, `of` those it needs.

    `share` is how much of what is open it takes; `facts` are header fields of the new document.
    """

    day: date
    verb: Verb
    of: tuple[str, ...] = ()
    made: str = ""
    kind: str = ""
    partner: int = -1
    lines: tuple[PlannedLine, ...] = ()
    share: Decimal | None = None
    how: How = How.IN_FULL
    reason: str = ""
    is_draft: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


class PeriodOver(Exception):
    """The two years end before this step: what waits for it stays open."""


class Planner:
    """Collects the steps of all deals and knows who buys, who sells, and what."""

    def __init__(
        self, *, start: date, until: date, people: Sequence[Person], articles: Sequence[Article]
    ) -> None:
        self.start, self.until = start, until
        self.people, self.articles = people, articles
        self.steps: list[Step] = []
        self.documents = 0
        self._places = {each.number: place for place, each in enumerate(articles)}
        self._groups = {group: of_group(articles, group) for group in Group}
        self._sorts: dict[Sort, list[int]] = defaultdict(list)
        for place, person in enumerate(people):
            self._sorts[person.sort].append(place)
        self.to_bill: dict[tuple[str, int, date], list[str]] = defaultdict(list)
        self.external = 0
        self._shown: set[str] = set()
        self._touched: dict[str, date] = {}

    def add(self, verb: Verb, day: date, *of: str, **more: Any) -> str:
        """Plan a step on the first working day from `day` on; returns the name of what it makes.

        A document is touched once a day at the most: what was made has its number the day after.
        Raises PeriodOver.
        """
        earliest = [self._touched[name] + timedelta(days=1) for name in of]
        day = workday(max([day, *earliest]))
        if day > self.until:
            raise PeriodOver
        if verb in MAKING:
            self.documents += 1
            more.setdefault("made", f"{more.get('kind', verb)} {self.documents}")
        self.steps.append(Step(day, verb, tuple(of), **more))
        made = self.steps[-1].made
        self._touched |= dict.fromkeys((*of, made), day)
        return made

    def write(
        self, day: date, kind: str, partner: int, lines: Sequence[PlannedLine], **more: Any
    ) -> str:
        """Plan a document that comes from nowhere."""
        return self.add(Verb.WRITE, day, kind=kind, partner=partner, lines=tuple(lines), **more)

    def follow(self, day: date, kind: str, *of: str, **more: Any) -> str:
        """Plan a document made of others, whole or in part."""
        return self.add(Verb.FOLLOW, day, *of, kind=kind, **more)

    def happens(self, luck: Chance, what: str, percent: int) -> bool:
        """Say whether something happens that happens so often, and the first time in any case.

        So even a very small company shows all there is.
        """
        first = what not in self._shown
        self._shown.add(what)
        return luck.happens(percent) or first

    def choose(self, luck: Chance, *sorts: Sort) -> int:
        """Return a partner of one of these sorts; a few regulars come more often."""
        places = [place for sort in sorts for place in self._sorts[sort]]
        regulars = places[: max(1, len(places) // 4)]
        return luck.pick(regulars if luck.happens(40) else places)

    def lines(
        self, luck: Chance, count: int, *groups: Group, factor: Decimal | None = None
    ) -> list[PlannedLine]:
        """Return lines of different articles in usual quantities; `factor` of the list price."""
        found: dict[int, PlannedLine] = {}
        known = [group for group in groups if self._groups[group]]
        for _ in range(count):
            article = luck.pick(self._groups[luck.pick(known)])
            place = self._places[article.number]
            quantity = luck.amount(*article.range.quantity)
            price = None if factor is None else bought_at(article, factor)
            found.setdefault(place, PlannedLine(quantity, place, price))
        return list(found.values())

    def bill_later(self, side: str, partner: int, day: date, delivery: str) -> None:
        """Let a delivery wait for the collective invoice of its week or month."""
        rhythm = Rhythm.WEEK if side == "purchase" else self.people[partner].rhythm
        self.to_bill[side, partner, _closing(rhythm, workday(day))].append(delivery)

    def next_external(self, kind: str) -> str:
        """Return the number that stands on a document a supplier sent."""
        self.external += 1
        return f"{kind}-{4000 + self.external}"


def workday(day: date) -> date:
    """Return the day, or the Monday after it.

    >>> workday(date(2026, 8, 1)).isoformat()
    '2026-08-03'
    """
    weekday = day.weekday()
    return day if weekday < SATURDAY else day + timedelta(days=7 - weekday)


def bought_at(article: Article, factor: Decimal) -> Decimal:
    """Return what an article costs the company in purchase, in cents."""
    return (article.price * factor).quantize(Decimal("0.01"))


def _closing(rhythm: Rhythm, day: date) -> date:
    """Return the day on which what was delivered on `day` is billed: a Friday or a month's first.

    Always a later day, since a delivery has its number by then.
    """
    if rhythm is Rhythm.MONTH:
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day + timedelta(days=(3 - day.weekday()) % 7 + 1)
