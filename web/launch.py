"""`make run`: PostgreSQL, migrations, demo data, server and worker in one process tree."""

import asyncio
import ctypes.util
import errno
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from persistence.migration import migrate
from web.demonstration import ensure_demonstration
from web.development import USERS
from web.embedded import START_SECONDS_MAX, STOP_SECONDS_MAX, STOPPING, database
from web.settings import DEVELOPMENT, Settings, SettingsWrong


def launch() -> int:
    """Run everything until Ctrl-C. Raises SettingsWrong with what is in the way."""
    folder = Path(os.environ.get("NEUROERP_DATA") or ".data").absolute()
    settings = _settings(folder)
    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _stop)
    try:
        with _only_one(folder):
            _demand_free(settings.host, settings.port)
            with database(folder) as url:
                asyncio.run(migrate(url))
                asyncio.run(ensure_demonstration(url))
                return _run(folder, url, settings.host, settings.port)
    except KeyboardInterrupt:
        return 0


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave in order, once: a second Ctrl-C must not interrupt the stopping of PostgreSQL."""
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _settings(folder: Path) -> Settings:
    """Read what server and worker will read, so that what is wrong is said before anything starts.

    A machine set up for production is refused: we would make demo users in its database.
    """
    mode = os.environ.get("NEUROERP_MODE") or DEVELOPMENT
    if mode != DEVELOPMENT:
        raise SettingsWrong(
            f"NEUROERP_MODE is {mode}, but this command hands tokens to anyone; it runs in"
            " development mode only."
        )
    own = {
        "NEUROERP_MODE": mode,
        "NEUROERP_DEV_KEYS": str(folder),
        "NEUROERP_SECRET": "",
        "NEUROERP_DATABASE_URL": os.environ.get("NEUROERP_DATABASE_URL") or "postgresql://",
    }
    return Settings.read({**os.environ, **own})


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two of us never share it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise SettingsWrong(f"The data folder {folder} cannot be used: {error}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsWrong(f"NeuroERP is running from {folder} already.") from None
        yield


def _demand_free(host: str, port: int) -> None:
    """Refuse an address on which we could not listen, before the database starts."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsWrong(
                f"Port {port} is taken by another program. Stop it, or choose another port:"
                f" NEUROERP_PORT={port + 1} make run."
            ) from None
        raise SettingsWrong(
            f"Nobody can listen on {host}, port {port}: {error.strerror}. Choose others with"
            " NEUROERP_HOST and NEUROERP_PORT."
        ) from None


def _say_what_is_missing() -> None:
    """Load Pango as WeasyPrint does, without the half second of importing it."""
    if not all(map(_loads, ("pango-1.0", "pangoft2-1.0"))):
        print(
            "Printing is off: the system library pango is missing (Debian: apt-get install"
            " libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
            " Everything else works.",
            flush=True,
        )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(ctypes.util.find_library(library) or f"lib{library}.so.0")
    except OSError:
        return False
    return True


def _secret(folder: Path) -> str:
    path = folder / "secret"
    if not path.exists():
        path.write_text(secrets.token_hex(32))
        path.chmod(0o600)
    return path.read_text()


def _run(folder: Path, url: str, host: str, port: int) -> int:
    environment = {
        **os.environ,
        "NEUROERP_DATABASE_URL": url,
        "NEUROERP_MODE": DEVELOPMENT,
        "NEUROERP_DEV_KEYS": str(folder),
        "NEUROERP_SECRET": _secret(folder),
        "NEUROERP_HOST": host,
        "NEUROERP_PORT": str(port),
    }
    children: list[subprocess.Popen[bytes]] = []
    try:
        for name in ("serve", "worker"):
            with _put_off():
                children.append(_child(name, environment))
        if _wait_until_ready(host, port, children):
            _tell(folder, host, port)
            _say_what_is_missing()
            while all(child.poll() is None for child in children):
                time.sleep(0.2)
        return _report(children)
    finally:
        _end_children(children)


@contextmanager
def _put_off() -> Iterator[None]:
    """Let Ctrl-C wait until whoever ends a child knows it.

    Interrupted in between, a child would go on alone and complain that its database is gone. The
    signals are not blocked, since a child would inherit that and could not be ended.
    """
    asked: list[int] = []
    usual = {number: signal.getsignal(number) for number in STOPPING}
    for number, handler in usual.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda number, _frame: asked.append(number))
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
    if asked:
        signal.raise_signal(asked[0])


def _child(name: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start a part of us in a session of its own: Ctrl-C reaches us, and we end it in order."""
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "web.cli", name, "--with-parent"],
        env=environment,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _wait_until_ready(host: str, port: int, children: list["subprocess.Popen[bytes]"]) -> bool:
    no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end and all(child.poll() is None for child in children):
        try:
            with no_proxy.open(f"{_address(host, port)}/readyz", timeout=5):
                return True
        except OSError:  # refused, or not ready yet
            time.sleep(0.05)
    return False


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tell(folder: Path, host: str, port: int) -> None:
    address = _address(host, port)
    shown = f"{folder}" if not os.environ.get("NEUROERP_DATABASE_URL") else "in your database"
    print(
        f"\n  Playground  {address}/playground/\n"
        f"  Log in      {address}/login, demo users without password,"
        f" such as {USERS[0].email}\n"
        f"  Data        {shown}\n\n  Ctrl-C stops everything.\n",
        flush=True,
    )


def _report(children: list["subprocess.Popen[bytes]"]) -> int:
    for child in children:
        if child.poll() is not None:
            name = child.args[3] if isinstance(child.args, list) else "a part"
            print(f"neuroerp: {name!s} ended with status {child.returncode}.", file=sys.stderr)
            return 1
    print("neuroerp: the server did not become ready in time.", file=sys.stderr)
    return 1


def _end_children(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
