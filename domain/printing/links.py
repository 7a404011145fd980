"""Links to files that are signed and end by themselves."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.problems import Problem

LINK_SECONDS = 600


class LinkInvalid(Problem):
    """This link is not valid or has expired. Ask for a new one."""


@dataclass(frozen=True, slots=True)
class FileLink:
    """Which file of which company, under which name, until when."""

    tenant: UUID
    file_hash: str
    file_name: str
    expires_at: datetime


class LinkSigner:
    """Signs links with a secret of the installation (HMAC-SHA-256)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, link: FileLink) -> str:
        """Return the token that stands in the address."""
        facts = [
            str(link.tenant),
            link.file_hash,
            link.file_name,
            int(link.expires_at.timestamp()),
        ]
        payload = base64.urlsafe_b64encode(json.dumps(facts).encode()).rstrip(b"=")
        return f"{payload.decode()}.{self._signature(payload)}"

    def link(self, tenant: UUID, file_hash: str, file_name: str, now: datetime) -> FileLink:
        """Return a link that works for ten minutes from `now`."""
        end = (now + timedelta(seconds=LINK_SECONDS)).replace(microsecond=0)
        return FileLink(tenant, file_hash, file_name, end)

    def read(self, token: str, now: datetime) -> FileLink:
        """Return what a token links to. Raises LinkInvalid for a forged or expired one."""
        payload, _, signature = token.partition(".")
        if not hmac.compare_digest(self._signature(payload.encode()).encode(), signature.encode()):
            raise LinkInvalid
        padded = payload + "=" * (-len(payload) % 4)
        tenant, file_hash, name, end = json.loads(base64.urlsafe_b64decode(padded))
        expires_at = datetime.fromtimestamp(end, UTC)
        if now >= expires_at:
            raise LinkInvalid
        return FileLink(UUID(tenant), file_hash, name, expires_at)

    def _signature(self, payload: bytes) -> str:
        return hmac.new(self._secret, payload, hashlib.sha256).hexdigest()
