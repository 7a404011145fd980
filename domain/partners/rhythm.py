"""How often a partner wants to be billed (Abrechnungsrhythmus)."""

from enum import StrEnum


class Rhythm(StrEnum):
    """How often a partner wants to be billed."""

    DELIVERY = "DELIVERY"
    ORDER = "ORDER"
    SHIP_TO = "SHIP_TO"
    WEEK = "WEEK"
    MONTH = "MONTH"
