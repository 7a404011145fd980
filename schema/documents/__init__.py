"""Documents (Belege): the interface of all kinds, one concrete type per kind, inputs and verbs."""

from schema.documents.enums import DocumentKind
from schema.documents.kinds import KIND_TYPES, Document
from schema.documents.parts import AvailableAction, FlowNode

__all__ = ["KIND_TYPES", "AvailableAction", "Document", "DocumentKind", "FlowNode"]
