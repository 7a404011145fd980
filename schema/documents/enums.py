"""What documents and lines may be, in words."""

from enum import Enum
from typing import Any

from domain.amounts import PriceBasis
from domain.documents.amounts import InvoiceType
from domain.documents.facts import Answer as DomainAnswer
from domain.documents.facts import Channel as DomainChannel
from domain.documents.kinds import KINDS
from domain.documents.kinds import Action as DomainAction
from domain.documents.kinds import PaymentMethod as DomainPaymentMethod
from domain.documents.kinds import State as DomainState
from domain.documents.lines import LineKind as DomainLineKind
from domain.tax import TaxReason, TaxWarning, template
from schema.enums import described

described(
    DomainState,
    "DocumentState",
    "The life of a document.",
    DRAFT="May still be changed (Entwurf).",
    PENDING="Waits for approval (zur Freigabe).",
    APPROVED="Approved, may be posted (freigegeben).",
    REJECTED="Sent back with a reason; the next edit makes it a draft (abgelehnt).",
    POSTED="Final, with its number (gebucht).",
    DISCARDED="Thrown away before it was final (verworfen).",
)
described(
    DomainAction,
    "DocumentAction",
    "What may be done with one.",
    READ="Look at it.",
    CREATE="Write a new one.",
    UPDATE="Change its content.",
    SUBMIT="Ask for approval (Einreichen).",
    APPROVE="Approve it (Freigeben).",
    REJECT="Send it back (Ablehnen).",
    POST="Make it final (Buchen).",
    DISCARD="Throw a draft away (Verwerfen).",
    PRINT="Make a PDF of it (Drucken).",
    CONVERT="Make the next document of the chain of it (Weiterführen).",
    AMEND="Give it a new revision under the same number (Ändern).",
    CLOSE_LINES="End the rest of a line (Restmenge schließen).",
    REOPEN_LINES="Take that back (Restmenge wieder öffnen).",
    CANCEL="Take a posted document back by a counter document (Stornieren).",
    RECORD_SENT="Note that it was sent (Versand vermerken).",
    RECORD_ANSWER="Note how the other side answered (Antwort vermerken).",
    CONFIRM_RECEIVED="Note that the goods arrived (Empfang bestätigen).",
    SETTLE="Settle it with something owed the other way (Ausgleichen).",
    UNSETTLE="Take that back (Ausgleich zurücknehmen).",
    REASSIGN="Hand it over to somebody else (Zuständigkeit ändern).",
    RECORD_OBJECTION="Note that the supplier objects to a self-billed invoice (Widerspruch).",
    BLOCK_PAYMENT="Keep it from being paid (Zahlungssperre setzen).",
    RELEASE_PAYMENT="Let it be paid (Zahlungssperre aufheben); never one you wrote yourself.",
    PROGRESS="A follow-up took something of it, or gave it back; the system does this.",
    TAG="Add or take away tags (Schlagwörter); possible in every state.",
    COMMENT="Write a comment; possible in every state.",
    EDIT_COMMENT="Change a comment of one's own; possible in every state.",
    REMOVE_COMMENT="Take a comment of one's own away; possible in every state.",
    ATTACH_FILE="Attach a file; possible in every state.",
    REMOVE_FILE="Take an attached file away; not from a posted document.",
)
described(
    DomainLineKind,
    "LineKind",
    "What a line is. Only items and charges count in the amounts.",
    ITEM="Goods or a service.",
    CHARGE="Freight, packaging and the like (Nebenkosten).",
    TEXT="A text between the lines.",
    HEADING="A heading (Überschrift).",
    SUBTOTAL="The sum of the lines above, printed (Zwischensumme).",
    OPTIONAL="Offered beside the rest, not counted until it is ordered (Alternativposition).",
)
described(
    DomainAnswer,
    "DocumentAnswer",
    "How the other side answered.",
    ACCEPTED="Accepted (angenommen).",
    DECLINED="Declined, with the reason (abgelehnt).",
    EXPIRED="Nobody answered in time (abgelaufen).",
)
described(
    DomainChannel,
    "DocumentChannel",
    "How a document left the house.",
    E_INVOICE="As an e-invoice (E-Rechnung).",
    PDF_MAIL="As a PDF by e-mail.",
    PRINT="On paper, by post.",
    EDI="By electronic data interchange.",
    PORTAL="Through the other side's portal.",
    HANDED_OVER="Handed over in person.",
)
described(
    PriceBasis,
    "PriceBasis",
    "Whether the prices of a document are without or with tax.",
    NET="Without tax (Nettopreise).",
    GROSS="With tax (Bruttopreise); the tax is taken out of the gross of each group.",
)
described(
    InvoiceType,
    "InvoiceType",
    "What an invoice to a customer is for.",
    ORDINARY="Goods or services supplied.",
    PARTIAL="A part of what was agreed (Teilrechnung).",
    PREPAYMENT="Money before the supply (Anzahlungsrechnung, § 14 (5) UStG).",
    FINAL="The whole, prepayments and the tax in them deducted (Schlussrechnung).",
)
described(
    TaxReason,
    "TaxReason",
    "Why a tax was proposed: the row of the dated table that fits; facts of the line in braces.",
    **{reason.name: template(reason) for reason in TaxReason},
)
described(
    TaxWarning,
    "TaxWarning",
    "What a person should look at before a document is posted.",
    **{warning.name: warning.sentence("en") for warning in TaxWarning},
)
described(
    DomainPaymentMethod,
    "PaymentMethod",
    "How money moved.",
    BANK_TRANSFER="By bank transfer (Überweisung).",
    DIRECT_DEBIT="By direct debit (Lastschrift).",
    CASH="In cash (bar).",
    CARD="By card.",
    CHEQUE="By cheque (Scheck).",
    OFFSET="It did not: a claim of the other side was set against it (Verrechnung).",
)
_KINDS: Any = Enum("DocumentKind", {name: name for name in KINDS})  # type: ignore[misc]
DocumentKind: Any = described(
    _KINDS,
    "DocumentKind",
    "Kinds of document.",
    **{kind.name: f"{kind.german}." for kind in KINDS.values()},
)
