"""Payments and open items: what settles what, with cash discount, and how that is taken back.

Every posted invoice, credit note and payment is an open item until all of it is settled. Seen from
us an open item is owed one way or the other (`Document.balance`), and two that are owed opposite
ways settle each other: a payment an invoice, a credit note an invoice, a refund a credit balance,
a claim of ours a claim of theirs (Aufrechnung, section 387 BGB). What a payment does not settle
stays open on it as a credit balance (Guthaben) and can be allocated later.

Cash discount (Skonto) is a reduction of the invoice: net *and* tax shrink when it is taken
[section 17 (1) UStG]. Within what was agreed it needs no word; more of it, or a late one, is our
goodwill, so whoever allocates must say that it is accepted.
"""

from domain.payments.allocation import (
    Allocation,
    Asked,
    Settling,
    allocate,
    check_count,
    settle_cancelled,
    undo,
    without_discount,
)
from domain.payments.dating import areas_of, date_settled, date_undone
from domain.payments.discount import discount_within
from domain.payments.obstacles import (
    PrepaymentDeducted,
    Standing,
    settle_obstacle,
    unsettle_obstacle,
)
from domain.payments.proposal import OpenItem, Proposed, propose

__all__ = [
    "Allocation",
    "Asked",
    "OpenItem",
    "PrepaymentDeducted",
    "Proposed",
    "Settling",
    "Standing",
    "allocate",
    "areas_of",
    "check_count",
    "date_settled",
    "date_undone",
    "discount_within",
    "propose",
    "settle_cancelled",
    "settle_obstacle",
    "undo",
    "unsettle_obstacle",
    "without_discount",
]
