"""Tags, comments and attached files of documents."""

from collections.abc import Callable, Sequence
from uuid import UUID

import strawberry

from domain.bulk import Outcome
from domain.documents.companions import (
    AttachedFile,
    add_comment,
    add_tag,
    attach_file,
    checked_tag,
    edit_comment,
    remove_attachment,
    remove_comment,
    remove_tag,
    set_tags,
    spelled,
)
from domain.documents.document import Document
from domain.documents.kinds import Action
from domain.problems import Problem
from persistence.documents.tags import tag_names
from persistence.unit_of_work import UnitOfWork
from resolvers.bulk import write_each
from resolvers.documents.bulk import known, named_documents, told_of
from resolvers.documents.verbs import WRITE_SCOPES
from resolvers.documents.writing import document_id
from resolvers.fields import write
from resolvers.identity import READ_SCOPES
from schema.documents.bulk import DocumentsInput
from schema.documents.companions import (
    AddCommentInput,
    AddCommentPayload,
    AddTagInput,
    AddTagPayload,
    AttachFileInput,
    AttachFilePayload,
    EditCommentInput,
    EditCommentPayload,
    RemoveAttachmentInput,
    RemoveAttachmentPayload,
    RemoveCommentInput,
    RemoveCommentPayload,
    RemoveTagInput,
    RemoveTagPayload,
    SetDocumentTagsInput,
    SetDocumentTagsPayload,
)
from schema.node import uuid_of

_COMMENT = ("input", "commentId")
_ATTACHMENT = ("input", "attachmentId")


@strawberry.type
class CompanionMutations:
    """What goes along with documents, in any state."""

    @write(
        SetDocumentTagsPayload,
        any_of=WRITE_SCOPES,
        description="Give a document exactly these tags (Schlagwörter).",
    )
    async def set_document_tags(self, work: UnitOfWork, input: SetDocumentTagsInput) -> UUID:
        """Tag one."""
        tags = [
            checked_tag(tag, ("input", "tags", str(n))) for n, tag in enumerate(input.tags[:100])
        ]
        tags = spelled(tags, await tag_names(work))
        document = await work.documents.locked(
            document_id(input.id), None, Action.TAG, beside="tags"
        )
        set_tags(document, tags, by=work.actor.user, at=work.now)
        return document.id

    @write_each(
        AddTagPayload, any_of=WRITE_SCOPES, description="Add a tag to many documents at once."
    )
    async def add_tag(self, work: UnitOfWork, input: AddTagInput) -> Sequence[Outcome]:
        """Tag many."""
        asked = checked_tag(input.tag, ("input", "tag"))
        [tag] = spelled([asked], await tag_names(work))
        return await _each(
            work, input, lambda found: add_tag(found, tag, by=work.actor.user, at=work.now)
        )

    @write_each(
        RemoveTagPayload,
        any_of=WRITE_SCOPES,
        description="Take a tag away from many documents at once, where it is.",
    )
    async def remove_tag(self, work: UnitOfWork, input: RemoveTagInput) -> Sequence[Outcome]:
        """Untag many."""
        tag = checked_tag(input.tag, ("input", "tag"))
        return await _each(
            work, input, lambda found: remove_tag(found, tag, by=work.actor.user, at=work.now)
        )

    @write(
        AddCommentPayload,
        any_of=READ_SCOPES,
        description="Write a comment on a document you may read; it is never printed.",
    )
    async def add_comment(self, work: UnitOfWork, input: AddCommentInput) -> UUID:
        """Comment."""
        document = await work.documents.locked(
            document_id(input.id), None, Action.COMMENT, beside="comments"
        )
        add_comment(document, input.text, id=work.new_id(), by=work.actor.user, at=work.now)
        return document.id

    @write(
        EditCommentPayload,
        any_of=READ_SCOPES,
        description="Change a comment of your own; the history keeps what it said before.",
    )
    async def edit_comment(self, work: UnitOfWork, input: EditCommentInput) -> UUID:
        """Edit."""
        comment = uuid_of("cmt", input.comment_id, "Comment", _COMMENT)
        document = await work.documents.locked(
            document_id(input.id), None, Action.EDIT_COMMENT, beside="comments"
        )
        edit_comment(document, comment, input.text, by=work.actor.user, at=work.now)
        return document.id

    @write(RemoveCommentPayload, any_of=READ_SCOPES, description="Take a comment of your own away.")
    async def remove_comment(self, work: UnitOfWork, input: RemoveCommentInput) -> UUID:
        """Remove."""
        comment = uuid_of("cmt", input.comment_id, "Comment", _COMMENT)
        document = await work.documents.locked(
            document_id(input.id), None, Action.REMOVE_COMMENT, beside="comments"
        )
        remove_comment(document, comment, by=work.actor.user, at=work.now)
        return document.id

    @write(
        AttachFilePayload,
        any_of=WRITE_SCOPES,
        description="Attach a file to a document in any state; at a posted one it stays for good.",
    )
    async def attach_file(self, work: UnitOfWork, input: AttachFileInput) -> UUID:
        """Attach."""
        document = await work.documents.locked(
            document_id(input.id), None, Action.ATTACH_FILE, beside="attachments"
        )
        sent = input.file
        hash = await work.blobs.keep(sent.content)
        file = AttachedFile(sent.name, sent.media_type, hash, len(sent.content))
        attach_file(document, file, id=work.new_id(), by=work.actor.user, at=work.now)
        return document.id

    @write(
        RemoveAttachmentPayload,
        any_of=WRITE_SCOPES,
        description="Take an attached file away from a document that is not posted.",
    )
    async def remove_attachment(self, work: UnitOfWork, input: RemoveAttachmentInput) -> UUID:
        """Detach."""
        attachment = uuid_of("att", input.attachment_id, "Attachment", _ATTACHMENT)
        document = await work.documents.locked(
            document_id(input.id), None, Action.REMOVE_FILE, beside="attachments"
        )
        remove_attachment(document, attachment, by=work.actor.user, at=work.now)
        return document.id


async def _each(
    work: UnitOfWork, input: DocumentsInput, change: Callable[[Document], None]
) -> Sequence[Outcome]:
    """Lock all documents of an input with their tags and change each."""
    named = named_documents(input)
    found = await work.documents.locked_companions(known(named), Action.TAG, "tags")
    outcomes = []
    for document in told_of(named, found):
        try:
            if isinstance(document, Problem):
                raise document
            change(document)
            outcomes.append(Outcome(document.id))
        except Problem as problem:
            outcomes.append(Outcome(None, problem))
    return outcomes
