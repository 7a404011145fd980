"""The command `neuroerp`."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

import asyncpg

from persistence.database import OPERATOR_ROLE, connect
from persistence.journal import verify
from persistence.migration import (
    DatabaseAhead,
    DatabaseBehind,
    DatabaseTooOld,
    demand_current,
    migrate,
)
from web.settings import DEVELOPMENT, Settings, SettingsWrong

SCALE_MAX = 10
"""How many times 5,000 documents a demo company may have."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; what a person can mend is one sentence."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("neuroerp").setLevel(logging.INFO)
    logging.getLogger("pgqueuer").setLevel(logging.CRITICAL)  # it logs what our jobs log already
    try:
        status: int = asked.command(asked)
        return status
    except (SettingsWrong, DatabaseAhead, DatabaseBehind, DatabaseTooOld) as wrong:
        print(f"neuroerp: {wrong}", file=sys.stderr)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = " ".join(str(error).split()) or "it does not answer in time"
        print(f"neuroerp: the database cannot be used: {reason}", file=sys.stderr)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT  # as shells count it; no trace
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="neuroerp", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command, help in (
        ("serve", _serve, "answer GraphQL requests"),
        ("worker", _worker, "read files, print documents"),
        ("migrate", _migrate, "bring the database to what this version needs"),
        ("dev", _dev, "all of it in one process tree, with an own PostgreSQL and demo data"),
        ("demo", _demo, "run the story of one invoice against a running server"),
    ):
        added = commands.add_parser(name, help=help)
        added.set_defaults(command=command)
        if name in ("serve", "worker"):
            added.add_argument("--with-parent", action="store_true", help="end with the parent")
        if name == "demo":
            added.add_argument("--url", default="http://127.0.0.1:8000", help="the server")
    company = commands.add_parser(
        "demo-company", help="fill a company with two years of business, for development"
    )
    company.add_argument("--seed", type=int, default=1, help="the same one, the same two years")
    company.add_argument("--scale", type=_scale, default=Decimal(1), help="1 is 5,000 documents")
    company.set_defaults(command=_demo_company)
    schema = commands.add_parser("schema", help="print schema.graphql, or check it")
    schema.add_argument("--check", metavar="FILE", type=Path)
    schema.set_defaults(command=_schema)
    events = commands.add_parser("events", help="print the JSON Schema of every type of event")
    events.add_argument("folder", type=Path)
    events.set_defaults(command=_events)
    journal = commands.add_parser("journal", help="the journal").add_subparsers(required=True)
    journal.add_parser("verify", help="check every chain").set_defaults(command=_verify)
    return parser


def _serve(asked: argparse.Namespace) -> int:
    import gc

    import uvicorn

    from web.app import application

    settings = Settings.read()
    asyncio.run(demand_current(settings.database_url))
    if asked.with_parent:
        _end_with_parent()
    app = application(settings)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        ws_max_size=1_000_000,
        ws_ping_interval=5,
        ws_ping_timeout=5,
        timeout_graceful_shutdown=5,
    )
    return 0


def _worker(asked: argparse.Namespace) -> int:
    from web.state import running
    from web.worker import work

    if asked.with_parent:
        _end_with_parent()

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        settings = Settings.read()
        await demand_current(settings.database_url)
        async with running(settings) as state:
            await work(state, stop)

    asyncio.run(run())
    return 0


def _end_with_parent() -> None:
    """End this process when its parent dies, however it dies: its end of the pipe closes."""

    def wait() -> None:
        while os.read(0, 1):  # not sys.stdin, whose lock would be held at the end
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _migrate(_asked: argparse.Namespace) -> int:
    asyncio.run(migrate(Settings.database_of()))
    return 0


def _dev(_asked: argparse.Namespace) -> int:
    from web.launch import launch

    return launch()


def _demo(asked: argparse.Namespace) -> int:
    from web.demo import tell

    return asyncio.run(tell(asked.url))


def _scale(text: str) -> Decimal:
    """Read a scale. Raises ArgumentTypeError for one that is none, so that argparse says so."""
    try:
        scale = Decimal(text)
    except InvalidOperation:
        scale = Decimal(0)
    if not (scale.is_finite() and 0 < scale <= SCALE_MAX):
        raise argparse.ArgumentTypeError(f"a number above 0, {SCALE_MAX} at the most")
    return scale


def _demo_company(asked: argparse.Namespace) -> int:
    """Make the demo company in the database of `neuroerp dev`, or in the one that is named."""
    from web.demo_company import CompanyThere, make_demo_company
    from web.embedded import own_database

    if (mode := os.environ.get("NEUROERP_MODE") or DEVELOPMENT) != DEVELOPMENT:
        raise SettingsWrong(f"NEUROERP_MODE is {mode}, and a demo company is for development only.")
    address = None if os.environ.get("NEUROERP_DATABASE_URL") else own_database()
    url = address or Settings.database_of()

    async def run() -> int:
        await demand_current(url)
        began = time.monotonic()
        try:
            made = await make_demo_company(url, seed=asked.seed, scale=asked.scale, say=print)
        except CompanyThere as there:
            print(f"neuroerp: {there}", file=sys.stderr)
            return 1
        print(
            f"{made.documents} documents of {made.partners} partners and {made.items} items on"
            f" {made.days} days, made in {time.monotonic() - began:.0f} s"
        )
        return 0

    return asyncio.run(run())


def _schema(asked: argparse.Namespace) -> int:
    from resolvers.api import API

    printed = API.as_str() + "\n"
    if asked.check is None:
        print(printed, end="")
        return 0
    if asked.check.read_text(encoding="utf-8") == printed:
        return 0
    print(f"{asked.check} is not what the code says; run make schema and look at the difference.")
    return 1


def _events(asked: argparse.Namespace) -> int:
    """Write one JSON Schema per type of event into a folder."""
    from domain.events import event_schemas

    for name, schema in event_schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (asked.folder / f"{name}.json").write_text(text, encoding="utf-8")
    return 0


_JOURNALS = """
select tenant_id, coalesce(name, tenant_id::text || ' (no such company)') from tenant
full join (select distinct tenant_id from journal) j using (tenant_id) order by 2
"""


def _verify(_asked: argparse.Namespace) -> int:
    """Check the journal of every tenant; the exit status tells whether all are sound.

    Without an address it is the database that `neuroerp dev` runs.
    """

    from web.embedded import own_database

    address = None if os.environ.get("NEUROERP_DATABASE_URL") else own_database()

    async def run() -> int:
        url = address or Settings.database_of()
        connection = await connect(url, OPERATOR_ROLE, statement_timeout="0")
        flawed = 0
        try:
            for tenant, name in await connection.fetch(_JOURNALS):
                count = await connection.fetchval(
                    "select count(*) from journal where tenant_id = $1", tenant
                )
                flaws = [flaw async for flaw in verify(connection, tenant)]
                flawed += bool(flaws)
                print(f"{name}: {count} entries, {'sound' if not flaws else 'BROKEN'}")
                for flaw in flaws[:20]:
                    print(f"  {flaw}")
        finally:
            await connection.close()
        return 1 if flawed else 0

    return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
