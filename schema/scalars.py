"""Scalars: exact decimals as strings, dates, instants. A wire value (str) passes through."""

import datetime
import re
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.journal import instant

Currency = NewType("Currency", str)
Cursor = NewType("Cursor", str)

_DECIMAL = re.compile(
    r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d{1,2})?|[+-]?(?:NaN|Infinity)",
    re.ASCII | re.IGNORECASE,
)
"""Exponents are short: 1E+999999 would be a megabyte as soon as anybody writes it out."""


def _short(value: Any) -> str:
    """Return what was sent, as far as a sentence can show it."""
    return repr(value)[:60] if isinstance(value, str | int | float) else f"a {type(value).__name__}"


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError('A Decimal is written as a string such as "12.50".')
    if len(str(value)) > 40:
        raise ValueError("A Decimal has at most 40 characters.")
    if not _DECIMAL.fullmatch(str(value)):
        raise ValueError(f'{value!r} is not a Decimal such as "12.50".')
    return Decimal(value)


def _date(value: Any) -> datetime.date:
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f'{_short(value)} is not a date such as "2026-11-23".') from None


def _shown_instant(value: Any) -> str:
    return instant(value) if isinstance(value, datetime.datetime) else str(value)


def _instant(value: Any) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        sentence = f'{_short(value)} is not an instant such as "2026-11-23T08:00:00Z".'
        raise ValueError(sentence) from None
    if moment.tzinfo is None:
        raise ValueError(f"{_short(value)} names no time zone; end it with Z for UTC.")
    return moment


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("This is written as a string.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='An exact number as a string, such as "12.50"; never a float.',
        serialize=str,
        parse_value=_decimal,
    ),
    datetime.date: strawberry.scalar(
        name="Date",
        description="A day, ISO 8601, such as 2026-11-23.",
        serialize=str,
        parse_value=_date,
    ),
    datetime.datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC, RFC 3339, such as 2026-11-23T08:00:00.000000Z.",
        serialize=_shown_instant,
        parse_value=_instant,
    ),
    Currency: strawberry.scalar(
        name="Currency",
        description="A currency by its code, ISO 4217, such as EUR.",
        serialize=str,
        parse_value=_text,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="A place in a list or in the journal; opaque, pass it on unchanged.",
        serialize=str,
        parse_value=_text,
    ),
}
