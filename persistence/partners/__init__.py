"""Partners: tables, mapping, repository and readable views."""

from persistence.partners import views  # noqa: F401  imported for the views it declares
from persistence.partners.repository import Partners
from persistence.partners.tables import partner, search_key

__all__ = ["Partners", "partner", "search_key"]
