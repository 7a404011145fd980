"""Search: what was found, the best first."""

from typing import Annotated

import strawberry

from schema.documents.kinds import Document
from schema.items import Item
from schema.partners import Partner

HITS_MAX = 50
HITS_DEFAULT = 20

SearchText = Annotated[
    str,
    strawberry.argument(
        description="What you remember: words in any form, the start of a word, a number or its end"
        ", names with typing errors. Case and order do not matter; 200 characters count."
    ),
]
Hits = Annotated[
    int,
    strawberry.argument(description=f"How many at the most, 1 to {HITS_MAX}; there are no pages."),
]


@strawberry.type(description="A document that was found.")
class DocumentHit:
    """A hit."""

    rank: float = strawberry.field(description="The higher, the better it fits.")
    document: Document = strawberry.field(description="The document.")


@strawberry.type(description="A partner that was found.")
class PartnerHit:
    """A hit."""

    rank: float = strawberry.field(description="The higher, the better it fits.")
    partner: Partner = strawberry.field(description="The partner.")


@strawberry.type(description="An item that was found.")
class ItemHit:
    """A hit."""

    rank: float = strawberry.field(description="The higher, the better it fits.")
    item: Item = strawberry.field(description="The item.")
