"""Names carry the mapping: camelCase in the schema is snake_case in the readable views."""

import re
from functools import cache


@cache
def snake(name: str) -> str:
    """Return the column name of a field.

    >>> snake("priceQuantity")
    'price_quantity'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@cache
def camel(name: str) -> str:
    """Return the field name of a column or fact.

    >>> camel("price_quantity")
    'priceQuantity'
    """
    head, *tail = name.split("_")
    return head + "".join(word.title() for word in tail)
