"""The development issuer: demo users who sign in by a click. Never beside a real issuer."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ISSUER = "urn:neuroerp:development"
AUDIENCE = "neuroerp"
KEY_ID = "development"
TOKEN_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """A company of the demonstration."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who can sign in without a password."""

    email: str
    name: str
    role: str
    company: DemoCompany


WESER = DemoCompany(UUID("01900000-0000-7000-8000-000000000001"), "Landhandel Weser GmbH")
KRAUSE = DemoCompany(UUID("01900000-0000-7000-8000-000000000002"), "Gartenbedarf Krause e. K.")

USERS: tuple[DemoUser, ...] = (
    DemoUser("olga@weser.example", "Olga Operator", "operator", WESER),
    DemoUser("martin@weser.example", "Martin Manager", "manager", WESER),
    DemoUser("anke@weser.example", "Anke Accountant", "accountant", WESER),
    DemoUser("adam@weser.example", "Adam Admin", "admin", WESER),
    DemoUser("otto@krause.example", "Otto Operator", "operator", KRAUSE),
    DemoUser("maria@krause.example", "Maria Manager", "manager", KRAUSE),
    DemoUser("arne@krause.example", "Arne Accountant", "accountant", KRAUSE),
    DemoUser("alma@krause.example", "Alma Admin", "admin", KRAUSE),
)

ELBMARSCH = DemoCompany(UUID("01900000-0000-7000-8000-000000000003"), "Landhandel Elbmarsch GmbH")
ELBMARSCH_USERS: tuple[DemoUser, ...] = (
    DemoUser("ole@elbmarsch.example", "Ole Operator", "operator", ELBMARSCH),
    DemoUser("meike@elbmarsch.example", "Meike Manager", "manager", ELBMARSCH),
    DemoUser("arne@elbmarsch.example", "Arne Accountant", "accountant", ELBMARSCH),
    DemoUser("astrid@elbmarsch.example", "Astrid Admin", "admin", ELBMARSCH),
)
"""The people of the demo company (web.demo_company); it is made on demand: no list shows them."""


class DevelopmentIssuer:
    """Signs tokens for demo users with a key of this installation (ES256)."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    @staticmethod
    def load(folder: str) -> "DevelopmentIssuer":
        """Read the key in `folder`, or make one there."""
        path = Path(folder) / "development-issuer.pem"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = ec.generate_private_key(ec.SECP256R1())
            path.write_bytes(
                made.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
            path.chmod(0o600)
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return DevelopmentIssuer(key)

    def public_keys(self) -> dict[str, Any]:
        """Return the JWKS document of this issuer."""
        key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**key, "kid": KEY_ID, "alg": "ES256", "use": "sig"}]}

    def token(self, user: DemoUser) -> str:
        """Return a token for a demo user, good for an hour."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user.email,
            "name": user.name,
            "email": user.email,
            "tenant": str(user.company.id),
            "roles": [user.role],
            "iat": now,
            "exp": now + TOKEN_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": KEY_ID})


def user_of(email: str) -> DemoUser | None:
    """Return the demo user with this e-mail."""
    return next((user for user in (*USERS, *ELBMARSCH_USERS) if user.email == email), None)
