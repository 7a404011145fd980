"""The story of one invoice as tabs of the playground, in the order to click."""

import json
from typing import Any
from uuid import uuid4

from web.development import USERS

_INVOICE = """
# A new intention needs a new key; the same key and input are never done twice.
mutation WriteAnInvoice($partner: ID!, $key: String!) {
  createSalesInvoice(input: {
    soldTo: $partner
    supplyDate: "2026-11-20"
    customerReference: "Order 4711"
    lines: [
      {description: "Winter wheat, Asano", quantity: "2.5", unit: TONNE, unitPrice: "210.50",
       taxCategory: S, taxRate: "7"}
      {description: "Delivery", quantity: "1", unit: PIECE, unitPrice: "45",
       taxCategory: S, taxRate: "19"}
    ]
    idempotencyKey: $key
  }) {
    salesInvoice { id version state net tax gross taxes { category rate basis tax } }
    problems { code message path }
  }
}
"""

_VERB = """
mutation {title}($id: ID!, $version: Int!, $key: String!) {{
  {field}(input: {{
    id: $id, expectedVersion: $version, idempotencyKey: $key{more}
  }}) {{
    document {{ id version state number }}
    problems {{ code message path }}
  }}
}}
"""


def playground_story() -> list[dict[str, Any]]:
    """Return the tabs: title, query and variables as JSON text."""
    partner = {"partner": "par_… from tab 4"}
    document = {"id": "doc_… from the tab before", "version": 1}
    return [
        _tab("1 Follow what happens (leave it running)", _FOLLOW),
        _tab("2 Who am I?", "query WhoAmI { me { id roles scopes } }"),
        _tab("3 Look into the inbox", _INBOX),
        _tab("4 Choose a customer", _PARTNERS),
        _tab("5 Write an invoice", _INVOICE, partner),
        _tab("6 Submit it", _verb("Submit", "submitDocument"), document),
        _tab(
            f"7 Approve it, signed in as {USERS[1].name}",
            _verb("Approve", "approveDocument", ', note: "fine"'),
            document,
        ),
        _tab(f"8 Post it, signed in as {USERS[2].name}", _verb("Post", "postDocument"), document),
        _tab("9 The invoice with its history and PDF", _DOCUMENTS),
    ]


def _tab(title: str, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a tab; one that changes something gets a key of its own each time it is opened."""
    shown = {**variables, "key": str(uuid4())} if variables else {}
    return {
        "title": title,
        "query": query.strip() + "\n",
        "variables": json.dumps(shown, indent=2, ensure_ascii=False),
    }


def _verb(title: str, field: str, more: str = "") -> str:
    return _VERB.format(title=title, field=field, more=more)


_FOLLOW = """
subscription Follow {
  documentEvents {
    cursor
    type
    occurredAt
    actor { name }
    version
    changes { field before after }
    document { number state gross }
  }
}
"""

_INBOX = """
query Inbox {
  inboxItems(first: 10) {
    nodes {
      id state fileName syntax invoiceNumber issueDate
      sellerName sellerVatId net taxTotal gross currency
      partner { id name }
    }
  }
}
"""

_PARTNERS = """
query Partners {
  partners(first: 20) {
    nodes { id name city paymentDays }
    pageInfo { hasNextPage endCursor }
  }
}
"""

_DOCUMENTS = """
query Documents {
  documents(first: 10, sort: ISSUE_DATE_NEWEST) {
    totalCount
    nodes {
      id number kind state issueDate gross currency
      lines { position description quantity unit unitPrice net }
      availableActions { action allowed reason }
      printouts { fileName download { url expiresAt } }
      history(first: 20) { nodes { type occurredAt actor { name } } }
      ... on SalesDocument { soldTo { name city } }
      ... on SalesInvoice { dueDate }
    }
  }
}
"""
