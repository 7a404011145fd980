"""Documents of every kind: one set of tables, one repository, one readable view."""

from persistence.documents import views  # noqa: F401  imported for what it makes readable
from persistence.documents.allocations import payment_allocation
from persistence.documents.repository import Documents
from persistence.documents.tables import document, document_line

__all__ = ["Documents", "document", "document_line", "payment_allocation"]
