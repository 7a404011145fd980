"""How a bench measures: rounds in turn, medians of them, CPU of the server and the database."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.bench.machine import BenchFailed, Child, Stage

COUNTS = ("requests", "errors")  # stated, not compared


@dataclass(frozen=True, slots=True)
class Runs:
    """How often and how long everything runs."""

    rounds: int
    seconds: float
    warm_up_seconds: float
    postings: dict[int, int]  # documents per round, by clients
    conversions: dict[int, int]  # the same
    subscribers: int
    events: int


FULL = Runs(7, 4.0, 2.0, {1: 200, 16: 400}, {1: 50, 16: 160}, 500, 20)
QUICK = Runs(3, 1.0, 0.5, {1: 40, 16: 120}, {1: 20, 16: 64}, 500, 5)


@dataclass(frozen=True, slots=True)
class Result:
    """What a bench found: figures by contestant, ours first, floors after it."""

    title: str
    story: str
    figures: dict[str, dict[str, float]]
    checked: str
    compares: bool = True  # False: rows stand for themselves

    def ratios(self) -> dict[str, dict[str, float | None]]:
        """Return ours divided by each floor's, by figure."""
        if not self.compares:
            return {}
        (_, ours), *floors = self.figures.items()
        return {
            name: {
                column: None if column in COUNTS or not value else ours[column] / value
                for column, value in theirs.items()
            }
            for name, theirs in floors
        }


@dataclass(frozen=True, slots=True)
class _Round:
    requests: int
    errors: int
    per_second: float
    middle_ms: float
    p95_ms: float
    server_ms: float
    database_ms: float


@dataclass(slots=True)
class Series:
    """The rounds of one contestant under load."""

    server: Child
    rounds: list[_Round] = field(default_factory=list)

    async def measure(self, on: Stage, *, counts: bool = True, **job: Any) -> None:
        """Run a round; one that does not `count` only warms up. Raises BenchFailed for errors."""
        server, database = self.server.cpu_seconds(), on.cluster.cpu_seconds()
        found = await on.load.ask(port=self.server.port, **job)
        server, database = self.server.cpu_seconds() - server, on.cluster.cpu_seconds() - database
        if found["errors"]:
            raise BenchFailed(f"{found['errors']} wrong answers, first: {found['first_error']}")
        requests, latencies = found["requests"], found["latencies_ms"]
        if counts:
            self.rounds.append(
                _Round(
                    requests,
                    found["errors"],
                    requests / found["seconds"],
                    median(latencies),
                    latencies[int(len(latencies) * 0.95)],
                    server * 1_000 / requests,
                    database * 1_000 / requests,
                )
            )

    def figures(self) -> dict[str, float]:
        """Return medians of the rounds, and how much was measured."""

        def middle(name: str) -> float:
            return median(getattr(each, name) for each in self.rounds)

        return {
            "per second": middle("per_second"),
            "p50 ms": middle("middle_ms"),
            "p95 ms": middle("p95_ms"),
            "server CPU ms": middle("server_ms"),
            "database CPU ms": middle("database_ms"),
            "CPU ms together": median(each.server_ms + each.database_ms for each in self.rounds),
            "requests": sum(each.requests for each in self.rounds),
            "errors": sum(each.errors for each in self.rounds),
        }
