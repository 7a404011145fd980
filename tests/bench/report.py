"""How results are shown: a table for the terminal, and the page docs/performance.md."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

import psutil  # type: ignore[import-untyped]

from tests.bench.measures import Result

PACKAGES = (
    *("uvicorn", "uvloop", "httptools", "starlette", "websockets", "asyncpg", "sqlalchemy"),
    *("strawberry-graphql", "graphql-core", "orjson"),
)

_NOTES = """\
## What the floors leave out

A floor is the same uvicorn with bare Starlette routes and asyncpg (tests/bench/floor.py), so the
ratio is the price of everything else:

- reads: looking up the bearer token (its signature is verified once), rights, parsing and a free
  choice of fields; "without tenant" leaves out the transaction and its tenant, two of three round
  trips;
- posting: the same, and rules as rules: the floor knows this one case. It does not read its answer
  anew after the commit, and tells nobody. Both sides write rows of the same shape and the same
  journal bodies, but for the number: the floor's name it. No worker runs, so jobs stay queued;
- conversion: the same as for posting. The floor copies lines, parties and taxes inside the
  database, where ours loads the chain, decides and writes; its rules know whole documents only;
- subscriptions: reading the journal and executing the operation, cursors, a bounded outbox per
  subscriber. The floor's route gets the bytes that ours delivered and answers before it sends.

## What the figures mean

Medians of rounds in turn; "CPU ms" is per request, for the database over all its processes,
background ones included. CPU of processes is counted in steps of 10 ms. Load generator, servers and
database share the cores, so requests per second measure all of them together; CPU per request
depends less on that. PostgreSQL runs with its own settings: commits are on disk before they are
answered.
"""


def shown(result: Result) -> str:
    """Return a result as text for a terminal."""
    lines = [f"== {result.title}", result.story, f"Checked: {result.checked}.", ""]
    rows = _rows(result)
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for name, *cells in rows:
        aligned = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([name.ljust(widths[0]), *aligned]))
    return "\n".join([*lines, ""])


def page(results: list[Result], settings: dict[str, str], command: str) -> str:
    """Return docs/performance.md."""
    parts = [
        "# Performance",
        "Measured by the bench of this repository; made by the command below, not written by hand."
        " Only ratios travel from machine to machine.",
        f"    {command}",
        "\n".join(f"- {line}" for line in circumstances(settings)),
    ]
    for result in results:
        parts += [f"## {result.title}", result.story, _table(result), f"Checked: {result.checked}."]
    return "\n\n".join(parts) + "\n\n" + _NOTES


def circumstances(settings: dict[str, str]) -> list[str]:
    """Return when and on what was measured."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    kept = ", ".join(f"{name} {value}" for name, value in settings.items() if "version" not in name)
    return [
        f"{datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, {memory:.0f} GiB of memory,"
        f" {platform.system()}",
        f"Python {platform.python_version()}, {versions}",
        f"PostgreSQL {settings['server_version']} ({kept})",
    ]


def _rows(result: Result) -> list[list[str]]:
    columns = list(next(iter(result.figures.values())))
    rows = [["", *columns]]
    for name, figures in result.figures.items():
        rows.append([name, *(_number(figures[column]) for column in columns)])
    for name, ratios in result.ratios().items():
        cells = (ratios[column] for column in columns)
        rows.append([f"ours / {name}", *("" if each is None else f"{each:.2f}" for each in cells)])
    return rows


def _table(result: Result) -> str:
    head, *rows = _rows(result)
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
