"""`python -m tests.bench [NAME] [--quick] [--write]`; without a name all of them."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.bench.conversion import conversion
from tests.bench.demo import demo
from tests.bench.lists import lists
from tests.bench.machine import ROOT, BenchFailed
from tests.bench.measures import FULL, QUICK, Result, Runs
from tests.bench.postgres import Cluster, cluster
from tests.bench.posting import posting
from tests.bench.reads import reads
from tests.bench.report import circumstances, page, shown
from tests.bench.subscriptions import subscriptions

BENCHES = {
    "reads": reads,
    "posting": posting,
    "conversion": conversion,
    "subscriptions": subscriptions,
    "lists": lists,
    "demo": demo,
}
PAGE = ROOT / "docs" / "performance.md"


def main() -> int:
    """Run benches and print what they found; status 1 if a result is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("bench", nargs="?", choices=BENCHES, help="one of them; all without it")
    parser.add_argument("--quick", action="store_true", help="a short run, under a minute")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    asked = parser.parse_args()
    names = [asked.bench] if asked.bench else list(BENCHES)
    try:
        with cluster() as started:
            asyncio.run(_run(started, names, QUICK if asked.quick else FULL, asked.write))
    except BenchFailed as failed:
        print(f"The bench failed: {failed}.", file=sys.stderr)
        return 1
    return 0


async def _run(started: Cluster, names: list[str], runs: Runs, write: bool) -> None:
    settings = await started.settings()
    print("\n".join(circumstances(settings)), end="\n\n", flush=True)
    results: list[Result] = []
    for name in names:
        for result in await BENCHES[name](started, runs):
            results.append(result)
            print(shown(result), flush=True)
    if write:
        _write(page(results, settings, " ".join(["python -m tests.bench", *sys.argv[1:]])))


def _write(text: str) -> None:
    Path(PAGE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
