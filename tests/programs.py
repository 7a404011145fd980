"""Programs that a test runs beside Python: what they print is what the test looks at."""

import asyncio
import os
from pathlib import Path

SECONDS_MAX = 120


async def printed_by(folder: Path, *command: str, **environment: str) -> bytes:
    """Run a program in a folder and return what it printed; fail with what it complains of."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(SECONDS_MAX):
        printed, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return printed
