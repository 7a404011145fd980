"""What goes along with a document: tags, comments, attached files, and how they are written."""

import strawberry

from schema.bulk import bulk_payload
from schema.documents.bulk import DocumentsInput
from schema.documents.kinds import Document
from schema.inbox import Upload
from schema.mutations import key_field, payload


@strawberry.input(description="Give a document exactly these tags.")
class SetDocumentTagsInput:
    """Tags."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    tags: list[str] = strawberry.field(
        description="All of its tags, up to 20 of 40 characters; an empty list takes them all away."
        " Capitals do not tell them apart: one that the company uses keeps its first spelling."
    )
    idempotency_key: str = key_field()


@strawberry.input(description="Add a tag to many documents.")
class AddTagInput(DocumentsInput):
    """Tag."""

    tag: str = strawberry.field(
        description="The tag, up to 40 characters; one that the company uses keeps its spelling."
    )


@strawberry.input(description="Take a tag away from many documents.")
class RemoveTagInput(DocumentsInput):
    """Untag."""

    tag: str = strawberry.field(description="The tag; capitals do not count.")


@strawberry.input(description="Write a comment on a document.")
class AddCommentInput:
    """Comment."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    text: str = strawberry.field(description="What you have to say, up to 2,000 characters.")
    idempotency_key: str = key_field()


@strawberry.input(description="Change a comment of your own.")
class EditCommentInput(AddCommentInput):
    """Edit."""

    comment_id: strawberry.ID = strawberry.field(description="The comment, `cmt_…`.")


@strawberry.input(description="Take a comment of your own away.")
class RemoveCommentInput:
    """Remove."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    comment_id: strawberry.ID = strawberry.field(description="The comment, `cmt_…`.")
    idempotency_key: str = key_field()


@strawberry.input(description="Attach a file to a document.")
class AttachFileInput:
    """Attach."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    file: Upload = strawberry.field(description="The file, kept as it comes.")
    idempotency_key: str = key_field()


@strawberry.input(description="Take an attached file away from a document that is not posted.")
class RemoveAttachmentInput:
    """Detach."""

    id: strawberry.ID = strawberry.field(description="The document, `doc_…`.")
    attachment_id: strawberry.ID = strawberry.field(description="The file, `att_…`.")
    idempotency_key: str = key_field()


SetDocumentTagsPayload = payload("SetDocumentTags", document=Document)
AddCommentPayload = payload("AddComment", document=Document)
EditCommentPayload = payload("EditComment", document=Document)
RemoveCommentPayload = payload("RemoveComment", document=Document)
AttachFilePayload = payload("AttachFile", document=Document)
RemoveAttachmentPayload = payload("RemoveAttachment", document=Document)
AddTagPayload = bulk_payload("AddTag")
RemoveTagPayload = bulk_payload("RemoveTag")
