"""Every type of event the journal knows, with the facts of its body: one table.

The JSON Schemas in docs/events are printed from it, and every test company's journal is held
against it.
"""

from typing import Any

from domain.documents.jobs import JobState
from domain.documents.kinds import KINDS, Action, State
from domain.documents.life import is_known
from domain.imports.run import ImportState
from domain.inbox import InboxState
from domain.periods import PeriodArea

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_INTEGER: Schema = {"type": "integer", "minimum": 0}
_UUID: Schema = {"type": "string", "format": "uuid"}
_UUIDS: Schema = {"type": "array", "items": _UUID}
_INSTANT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
    "description": "RFC 3339 in UTC with microseconds.",
}
_DAY: Schema = {"type": "string", "format": "date", "description": "A day, ISO 8601."}
_SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_STATE: Schema = {"enum": [*State, None]}
_VALUE: Schema = {
    "description": "A value as text, null for none, or the reference and salted digest of a"
    " personal value that is kept apart.",
    "anyOf": [
        {"type": ["string", "null"]},
        {
            "type": "object",
            "properties": {"ref": _UUID, "sha256": _SHA256},
            "required": ["ref", "sha256"],
            "additionalProperties": False,
        },
    ],
}
_CHANGES: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"field": _TEXT, "before": _VALUE, "after": _VALUE},
        "required": ["field", "before", "after"],
        "additionalProperties": False,
    },
}

_VERBS: dict[str, tuple[Action, dict[str, Schema]]] = {
    "Created": (Action.CREATE, {}),
    "Updated": (Action.UPDATE, {}),
    "Submitted": (Action.SUBMIT, {}),
    "Approved": (Action.APPROVE, {}),
    "Rejected": (Action.REJECT, {"reason": _TEXT}),
    "Posted": (Action.POST, {}),
    "Discarded": (Action.DISCARD, {}),
    "PrintRequested": (Action.PRINT, {"language": _TEXT}),
    "Printed": (Action.PRINT, {"language": _TEXT, "file_hash": _SHA256}),
    "Progressed": (Action.PROGRESS, {"cause_id": _UUID}),
    "Amended": (Action.AMEND, {"reason": _TEXT}),
    "LinesClosed": (Action.CLOSE_LINES, {"reason": _TEXT, "line_ids": _UUIDS}),
    "LinesReopened": (Action.REOPEN_LINES, {"reason": _TEXT, "line_ids": _UUIDS}),
    "Cancelled": (Action.CANCEL, {"reason": _TEXT, "cause_id": _UUID}),
    "Sent": (Action.RECORD_SENT, {"channel": _TEXT}),
    "Answered": (Action.RECORD_ANSWER, {"answer": _TEXT}),
    "ReceiptConfirmed": (Action.CONFIRM_RECEIVED, {}),
    "Reassigned": (Action.REASSIGN, {}),
    "Objected": (Action.RECORD_OBJECTION, {"reason": _TEXT, "tax_reversed": _TEXT}),
    "PaymentBlocked": (Action.BLOCK_PAYMENT, {"reason": _TEXT}),
    "PaymentReleased": (Action.RELEASE_PAYMENT, {"reason": _TEXT}),
    "Settled": (
        Action.SETTLE,
        {"allocation_id": _UUID, "amount": _TEXT, "discount": _TEXT, "cause_id": _UUID},
    ),
    "Unsettled": (
        Action.UNSETTLE,
        {
            "allocation_id": _UUID,
            "amount": _TEXT,
            "discount": _TEXT,
            "cause_id": _UUID,
            "reason": _TEXT,
        },
    ),
    "Tagged": (Action.TAG, {"added": _TEXTS, "removed": _TEXTS}),
    "Commented": (Action.COMMENT, {"comment_id": _UUID}),
    "CommentEdited": (Action.EDIT_COMMENT, {"comment_id": _UUID}),
    "CommentRemoved": (Action.REMOVE_COMMENT, {"comment_id": _UUID}),
    "FileAttached": (
        Action.ATTACH_FILE,
        {"attachment_id": _UUID, "file_hash": _SHA256, "size": _INTEGER},
    ),
    "FileRemoved": (Action.REMOVE_FILE, {"attachment_id": _UUID, "file_hash": _SHA256}),
}

_SERIES: dict[str, Schema] = {"kind": {"enum": [*KINDS]}, "series": _TEXT}
_RANGE: dict[str, Schema] = {**_SERIES, "period": _TEXT, "number": _TEXT}

_PROGRESS: dict[str, Schema] = {
    "state_after": {"enum": [*ImportState]},
    "done": _INTEGER,
    "total": {"anyOf": [_INTEGER, {"type": "null"}]},
    "failed": _INTEGER,
}
_JOB: dict[str, Schema] = {**_PROGRESS, "state_after": {"enum": [*JobState]}, "total": _INTEGER}

_OTHERS: dict[str, tuple[str, str, dict[str, Schema]]] = {
    "PartnerCreated": ("partner", "CREATE", {}),
    "PartnerUpdated": ("partner", "UPDATE", {}),
    "PartnerBlocked": ("partner", "BLOCK", {}),
    "PartnerUnblocked": ("partner", "UNBLOCK", {}),
    "PaymentTermsCreated": ("payment_terms", "CREATE", {}),
    "PaymentTermsUpdated": ("payment_terms", "UPDATE", {}),
    "CompanyUpdated": ("company", "UPDATE", {}),
    "ApprovalModeSet": ("company", "SET", {"document_kind": _TEXT}),
    "BranchCreated": ("branch", "CREATE", {}),
    "BranchUpdated": ("branch", "UPDATE", {}),
    "ExchangeRateRecorded": ("exchange_rate", "RECORD", {}),
    "ItemCreated": ("item", "CREATE", {"number": _TEXT}),
    "ItemUpdated": ("item", "UPDATE", {}),
    "ItemPurchased": ("item", "NOTE_PURCHASE", {"document_id": _UUID}),
    "ItemBlocked": ("item", "BLOCK", {"reason": _TEXT}),
    "ItemUnblocked": ("item", "UNBLOCK", {}),
    "PriceCreated": ("price", "CREATE", {}),
    "PriceUpdated": ("price", "UPDATE", {}),
    "PriceEnded": ("price", "END", {"valid_until": _DAY}),
    "TextTemplateSet": ("text_template", "SET", {}),
    "InboxItemReceived": ("inbox_item", "RECEIVE", {"file_hash": _SHA256, "size": _INTEGER}),
    "InboxItemRead": ("inbox_item", "READ", {"state_after": {"enum": [*InboxState]}}),
    "InboxItemFailed": (
        "inbox_item",
        "FAIL",
        {"state_after": {"enum": [*InboxState]}, "code": _TEXT},
    ),
    "InboxItemLinked": ("inbox_item", "LINK", {"partner_id": _UUID}),
    "ImportStarted": ("import_run", "START", _PROGRESS),
    "ImportProgressed": ("import_run", "PROGRESS", _PROGRESS),
    "ImportFinished": ("import_run", "FINISH", _PROGRESS),
    "ImportCancelled": ("import_run", "CANCEL", _PROGRESS),
    "ImportFailed": ("import_run", "FAIL", _PROGRESS),
    "DocumentJobStarted": ("document_job", "START", _JOB),
    "DocumentJobProgressed": ("document_job", "PROGRESS", _JOB),
    "DocumentJobFinished": ("document_job", "FINISH", _JOB),
    "DocumentJobCancelled": ("document_job", "CANCEL", _JOB),
    "DocumentJobFailed": ("document_job", "FAIL", _JOB),
    "NumberSeriesCreated": ("number_series", "CREATE", _SERIES),
    "NumberSeriesUpdated": ("number_series", "UPDATE", _SERIES),
    "NumberRangeTakenOver": (
        "number_series",
        "TAKE_OVER",
        {**_RANGE, "reason": _TEXT, "file_hash": {"anyOf": [_SHA256, {"type": "null"}]}},
    ),
    "NumberVoided": ("number_series", "VOID", {**_RANGE, "reason": _TEXT}),
    "NumberRangeRunningLow": ("number_series", "WARN", {**_RANGE, "remaining": _INTEGER}),
    "PeriodClosed": ("period_lock", "CLOSE", {"area": {"enum": [*PeriodArea]}}),
    "PeriodReopened": ("period_lock", "REOPEN", {"area": {"enum": [*PeriodArea]}, "reason": _TEXT}),
}


def event_schemas() -> dict[str, Schema]:
    """Return the JSON Schema (2020-12) of a journal row's body, by type of event."""
    schemas = {
        name: _body(name, entity, action, facts)
        for name, (entity, action, facts) in _OTHERS.items()
    }
    for kind in KINDS.values():
        for verb, (action, facts) in _VERBS.items():
            if not is_known(kind, action):
                continue
            life = {"kind": {"const": kind.name}, "state_before": _STATE, "state_after": _STATE}
            name = f"{kind.event}{verb}"
            schemas[name] = _body(name, "document", action, {**life, **facts})
        created = schemas[f"{kind.event}Created"]["properties"]["facts"]["properties"]
        created["source_ids"] = _UUIDS  # of the documents it was made of, if any
    schemas["PartnerCreated"]["properties"]["facts"]["properties"]["inbox_item_id"] = _UUID
    return schemas


def _body(name: str, entity: str, action: str, facts: dict[str, Schema]) -> Schema:
    shared: dict[str, Schema] = {
        "action": {"const": str(action)},
        "version": {"type": "integer", "minimum": 1},
        "changes": _CHANGES,
    }
    known = {**shared, **facts}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "properties": {
            "tenant": _UUID,
            "position": {"type": "integer", "minimum": 1},
            "recorded_at": _INSTANT,
            "occurred_at": _INSTANT,
            "actor": _UUID,
            "type": {"const": name},
            "entity_type": {"const": entity},
            "entity_id": _UUID,
            "facts": {
                "type": "object",
                "properties": known,
                "required": sorted(known),
                "additionalProperties": False,
            },
        },
        "required": [
            "tenant",
            "position",
            "recorded_at",
            "occurred_at",
            "actor",
            "type",
            "entity_type",
            "entity_id",
            "facts",
        ],
        "additionalProperties": False,
    }
