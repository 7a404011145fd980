"""Tenants: the company behind the documents, and how it wants each kind to be approved."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from sqlalchemy import Boolean, Column, DateTime, Integer, String, false, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.company import CompanySettings, CreditCheck, Turnover
from domain.documents.kinds import KINDS, ApprovalMode, Kind
from domain.exchange_rates import ExchangeRate, KnownRate, rate_on
from domain.partners import Address
from domain.printing.letterhead import Letterhead
from domain.problems import NotFound, Path
from persistence.catalog import Money, Rate, tenant_table
from persistence.exchange_rates import exchange_rate
from persistence.founding import open_periods, open_series
from persistence.identity import app_user
from persistence.journal import open_journal
from persistence.mapping import EnumText

tenant_company = tenant_table(
    "tenant",
    Column("name", String(200), nullable=False),
    Column("street", String(200), nullable=False),
    Column("postcode", String(20), nullable=False),
    Column("city", String(100), nullable=False),
    Column("country", String(2), nullable=False),
    Column("vat_id", String(20)),
    Column("tax_number", String(30)),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("iban", String(34)),
    Column("bic", String(11)),
    Column("bank", String(100)),
    Column("legal_notice", String(500)),
    Column("currency", String(3), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("creditor_id", String(35)),
    Column("is_small_business", Boolean, nullable=False, server_default=false()),
    Column("is_flat_rate_farmer", Boolean, nullable=False, server_default=false()),
    Column("is_taxed_on_cash_basis", Boolean, nullable=False, server_default=false()),
    Column(
        "previous_turnover",
        EnumText(Turnover),
        nullable=False,
        server_default=Turnover.ABOVE_800000.value,
    ),
    Column("fiscal_year_start_month", Integer, nullable=False, server_default="1"),
    Column("over_delivery_tolerance_percent", Rate(), nullable=False, server_default=text("0")),
    Column("match_tolerance", Money(), nullable=False, server_default=text("0.02")),
    Column(
        "credit_check", EnumText(CreditCheck), nullable=False, server_default=CreditCheck.WARN.value
    ),
    Column("prints_contact", Boolean, nullable=False, server_default=false()),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("version", Integer, nullable=False, server_default="1"),
    key=(),
)

kind_setting = tenant_table(
    "kind_setting",
    Column("kind", String(40), nullable=False),
    Column("approval", EnumText(ApprovalMode), nullable=False),
    key=("kind",),
)

_ADDRESS = tuple(field.name for field in fields(Address))
_SETTINGS = tuple(field.name for field in fields(CompanySettings))


@dataclass(frozen=True, slots=True)
class Terms:
    """What a document of some kind takes from the company: `today` is the date where it is."""

    company: Address
    settings: CompanySettings
    currency: str
    approval: ApprovalMode
    today: date


class Tenants:
    """What the unit of work asks about the company it works for; each thing is asked once."""

    def __init__(self, session: AsyncSession, tenant: UUID, now: datetime) -> None:
        self._session = session
        self._tenant = tenant
        self._now = now
        self._terms: dict[str, Terms] = {}
        self._today: date | None = None
        self._rates: dict[tuple[str, date], list[ExchangeRate]] = {}

    async def terms(self, kind: Kind) -> Terms:
        """Return how the company works and how it wants `kind` approved."""
        if kind.name not in self._terms:
            self._terms[kind.name] = await self._asked_terms(kind)
        return self._terms[kind.name]

    async def _asked_terms(self, kind: Kind) -> Terms:
        company = tenant_company.c
        query = (
            select(*(company[name] for name in (*_ADDRESS, *_SETTINGS)))
            .add_columns(company.currency, company.time_zone, kind_setting.c.approval)
            .outerjoin_from(
                tenant_company,
                kind_setting,
                (kind_setting.c.tenant_id == company.tenant_id)
                & (kind_setting.c.kind == kind.name),
            )
            .where(company.tenant_id == self._tenant)
        )
        row = (await self._session.execute(query)).one()._mapping
        return Terms(
            company=Address(**{name: row[name] for name in _ADDRESS}),
            settings=CompanySettings(**{name: row[name] for name in _SETTINGS}),
            currency=row["currency"],
            approval=row["approval"] or ApprovalMode.NONE,
            today=self._now.astimezone(ZoneInfo(row["time_zone"])).date(),
        )

    async def currency(self) -> str:
        """Return the company's currency, ISO 4217."""
        found = await self._session.scalar(
            select(tenant_company.c.currency).where(tenant_company.c.tenant_id == self._tenant)
        )
        return str(found)

    async def exchange_rate(
        self, currency: str, day: date, path: Path = ("input", "currency")
    ) -> KnownRate:
        """Return the newest rate at `day` or before it: units for one of company currency.

        Raises ExchangeRateMissing at `path`.
        """
        if (currency, day) not in self._rates:
            self._rates[currency, day] = await self._newest_rate(currency, day)
        return rate_on(self._rates[currency, day], currency, day, path)

    async def _newest_rate(self, currency: str, day: date) -> list[ExchangeRate]:
        query = (
            select(ExchangeRate)
            .where(
                exchange_rate.c.tenant_id == self._tenant,
                exchange_rate.c.currency == currency,
                exchange_rate.c.valid_on <= day,
            )
            .order_by(exchange_rate.c.valid_on.desc(), exchange_rate.c.id.desc())
            .limit(1)
        )
        return list(await self._session.scalars(query))

    async def today(self) -> date:
        """Return the date where the company is."""
        if self._today is None:
            zone = await self._session.scalar(
                select(tenant_company.c.time_zone).where(tenant_company.c.tenant_id == self._tenant)
            )
            self._today = self._now.astimezone(ZoneInfo(str(zone))).date()
        return self._today

    async def demand_user(self, user: UUID, path: Path) -> None:
        """Raise NotFound unless the company knows this user."""
        known = await self._session.scalar(
            select(app_user.c.id).where(app_user.c.tenant_id == self._tenant, app_user.c.id == user)
        )
        if known is None:
            raise NotFound(entity="User", id=f"usr_{user}", path=path)

    async def letterhead(self) -> Letterhead:
        """Return what a letter of the company shows beside its address."""
        company = tenant_company.c
        query = select(*(company[field.name] for field in fields(Letterhead)))
        row = (await self._session.execute(query.where(company.tenant_id == self._tenant))).one()
        return Letterhead(**row._mapping)


async def create_tenant(
    connection: asyncpg.Connection,
    tenant: UUID,
    company: Mapping[str, str | None],
    approvals: dict[str, ApprovalMode],
    period: str,
) -> bool:
    """Create a company with its settings, number ranges and journal; False if it exists.

    The connection works as the owner: the application itself cannot make tenants.
    """
    columns = {"currency": "EUR", "time_zone": "Europe/Berlin", **company}
    places = ", ".join(f"${n}" for n in range(2, len(columns) + 2))
    async with connection.transaction():
        made = await connection.execute(
            f"insert into tenant (tenant_id, {', '.join(columns)}) values ($1, {places})"  # noqa: S608  names of columns
            " on conflict do nothing",
            tenant,
            *columns.values(),
        )
        if made.endswith(" 0"):
            return False
        for kind in KINDS.values():
            mode = approvals.get(kind.name, kind.approval)
            await connection.execute(
                "insert into kind_setting (tenant_id, kind, approval) values ($1, $2, $3)",
                tenant,
                kind.name,
                mode.value,
            )
            await open_series(connection, tenant, kind, period)
        await open_periods(connection, tenant)
        await open_journal(connection, tenant)
    return True
