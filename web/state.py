"""What one server process holds while it runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uuid_utils.compat

from domain.identity import Actor
from domain.printing.links import LinkSigner
from persistence.database import Database
from persistence.feed import Announcements, Feed
from persistence.unit_of_work import Services
from resolvers.context import Context
from resolvers.execution import Plans
from resolvers.feed.groups import Groups
from web.auth import Keys, Verifier, fetch_keys
from web.development import DevelopmentIssuer
from web.settings import Settings


@dataclass(slots=True)
class State:
    """Connections, plans, keys and subscriptions of a process."""

    settings: Settings
    database: Database
    services: Services
    announcements: Announcements
    groups: Groups
    verifier: Verifier
    links: LinkSigner
    issuer: DevelopmentIssuer | None
    plans: Plans = field(default_factory=Plans)

    def context(self, actor: Actor) -> Context:
        """Return what the resolvers of one operation may use."""
        return Context(actor, self.database, self.services, self.links)


def now() -> datetime:
    """Return the time; the one clock of the process."""
    return datetime.now(UTC)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[State]:
    """Open everything a server needs, and close it at the end."""
    database = await Database.open(settings.database_url)
    announcements = Announcements(settings.database_url)
    issuer = DevelopmentIssuer.load(settings.dev_keys) if settings.dev_keys else None
    keys = Keys(issuer.public_keys if issuer else fetch_keys(settings.jwks_url))
    state = State(
        settings=settings,
        database=database,
        services=Services(now, uuid_utils.compat.uuid7, announcements.announce),
        announcements=announcements,
        groups=Groups(Feed(database, announcements)),
        verifier=Verifier(
            database, keys, settings.issuer, settings.audience, settings.tenant_claim
        ),
        links=LinkSigner(settings.secret),
        issuer=issuer,
    )
    await announcements.start()
    try:
        yield state
    finally:
        await announcements.stop()
        await database.close()
