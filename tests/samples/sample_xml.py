"""Writes XML from nested tuples, so that a document reads as its outline."""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

Node = tuple[Any, ...] | None
"""Name, optional attributes, then a text or children; None and empty texts leave the node out."""


def xml_of(root: str, namespaces: Mapping[str | None, str], children: Iterator[Node]) -> bytes:
    """Write a document from nodes such as ("cbc:ID", "4711") or ("cac:Party", (...), (...))."""

    def name(short: str) -> str:
        prefix, _, local = short.rpartition(":")
        return f"{{{namespaces[prefix or None]}}}{local}"

    def add(parent: etree._Element, node: Node) -> None:
        if node is None:
            return
        tag, *rest = node
        attributes = rest.pop(0) if isinstance(rest[0], dict) else {}
        element = etree.SubElement(parent, name(tag), attributes)
        for part in rest:
            if isinstance(part, tuple):
                add(element, part)
            elif part is not None:
                element.text = str(part)
        if not len(element) and not element.text:
            parent.remove(element)

    top = etree.Element(name(root), nsmap=dict(namespaces))  # type: ignore[arg-type]
    for child in children:
        add(top, child)
    return etree.tostring(top, xml_declaration=True, encoding="UTF-8", pretty_print=True)
