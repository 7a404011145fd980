"""The load generator, a process of its own: takes jobs as lines of JSON, tells what it measured."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import repeat

import uvloop

from tests.bench.http import Client, request


@dataclass(frozen=True, slots=True)
class Job:
    """Send `bodies` once each, or the request over and over for `seconds`, from some clients."""

    port: int
    path: str
    clients: int
    bodies: list[str | None]
    headers: dict[str, str]
    seconds: float | None = None
    answer_is: str | None = None
    answer_holds: str = ""


@dataclass(slots=True)
class Outcome:
    """What came of a job."""

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    first_error: str = ""


async def drive(job: Job) -> Outcome:
    """Send the requests of a job, each client its next one when the last is answered."""
    outcome = Outcome()
    waiting = iter([request(job.path, body, job.headers) for body in job.bodies])
    clients = [await Client.connect(job.port) for _ in range(job.clients)]
    started = time.perf_counter()
    if job.seconds is not None:
        waiting = _until(started + job.seconds, next(waiting))
    await asyncio.gather(*(_work(client, job, waiting, outcome) for client in clients))
    outcome.seconds = time.perf_counter() - started
    for client in clients:
        client.close()
    outcome.latencies_ms.sort()
    return outcome


def _until(end: float, sent: bytes) -> Iterator[bytes]:
    for each in repeat(sent):
        if time.perf_counter() >= end:
            return
        yield each


async def _work(client: Client, job: Job, waiting: Iterator[bytes], outcome: Outcome) -> None:
    wanted = None if job.answer_is is None else job.answer_is.encode()
    holds = job.answer_holds.encode()
    for sent in waiting:
        began = time.perf_counter()
        try:
            status, body = await client.ask(sent)
        except OSError as error:
            status, body = 0, str(error).encode()
        outcome.latencies_ms.append((time.perf_counter() - began) * 1_000)
        outcome.requests += 1
        if status != 200 or (wanted is not None and body != wanted) or holds not in body:
            outcome.errors += 1
            outcome.first_error = outcome.first_error or f"{status} {body[:500].decode()}"
            if not status:
                return  # the connection is gone


def main() -> None:
    """Do jobs until the bench closes our input."""
    for line in sys.stdin:
        outcome = uvloop.run(drive(Job(**json.loads(line))))
        print(json.dumps(asdict(outcome)), flush=True)


if __name__ == "__main__":
    main()
