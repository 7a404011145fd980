"""Partners (Geschäftspartner): customers and suppliers."""

from schema.partners.inputs import (
    BlockPartnerInput,
    BlockPartnerPayload,
    CreatePartnerInput,
    CreatePartnerPayload,
    PartnerFilter,
    PartnerInput,
    PartnerSort,
    UnblockPartnerInput,
    UnblockPartnerPayload,
    UpdatePartnerInput,
    UpdatePartnerPayload,
)
from schema.partners.types import Partner

__all__ = [
    "BlockPartnerInput",
    "BlockPartnerPayload",
    "CreatePartnerInput",
    "CreatePartnerPayload",
    "Partner",
    "PartnerFilter",
    "PartnerInput",
    "PartnerSort",
    "UnblockPartnerInput",
    "UnblockPartnerPayload",
    "UpdatePartnerInput",
    "UpdatePartnerPayload",
]
