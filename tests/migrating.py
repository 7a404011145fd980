"""What tests of migrations share: a migration is named by what it brings, not by its number."""

from pathlib import Path

from alembic.script import Script, ScriptDirectory

from persistence.migration import configuration


def before(brought: str) -> str:
    """Return the revision before the migration that brought something, as `items`."""
    return str(_migration(brought).down_revision)


def with_it(brought: str) -> str:
    """Return the revision of the migration that brought something."""
    return str(_migration(brought).revision)


def _migration(brought: str) -> Script:
    scripts = ScriptDirectory.from_config(configuration()).walk_revisions()
    [found] = [each for each in scripts if Path(each.path).stem.partition("_")[2] == brought]
    return found
