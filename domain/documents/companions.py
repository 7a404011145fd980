"""What goes along with a document in any state: tags, comments and attached files.

None of it is part of what the document says, so it may be added to a posted one too, and adding it
makes nobody an author. Each change is an event of the document.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.documents.kinds import Action, State
from domain.problems import NotFound, Path, Problem
from domain.text import checked_text

if TYPE_CHECKING:
    from domain.documents.document import Document

TAG_LENGTH_MAX = 40
TAGS_MAX = 20
COMMENT_LENGTH_MAX = 2_000
COMMENTS_MAX = 500
ATTACHMENTS_MAX = 100
FILE_NAME_LENGTH_MAX = 255
MEDIA_TYPE_LENGTH_MAX = 100


class TooManyTags(Problem):
    """A document may have {tags_max} tags at the most."""

    tags_max: int


class TooManyComments(Problem):
    """A document may have {comments_max} comments at the most."""

    comments_max: int


class TooManyFiles(Problem):
    """A document may have {files_max} attached files at the most."""

    files_max: int


class NotYourComment(Problem):
    """Somebody else wrote this comment; only its author may change or remove it."""


class AttachmentStays(Problem):
    """What is attached to a posted document stays with it; attach a further file instead."""


class Tag:
    """A word that people sort documents by (Schlagwort)."""

    name: str

    def __init__(self, document: "Document", name: str, *, by: UUID, at: datetime) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.name = name
        self.added_by = by
        self.added_at = at


class Comment:
    """What somebody wrote beside a document, for colleagues; never printed."""

    id: UUID
    text: str
    author_id: UUID
    edited_at: datetime | None

    def __init__(
        self, document: "Document", text: str, *, id: UUID, by: UUID, at: datetime
    ) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.id = id
        self.text = text
        self.author_id = by
        self.written_at = at
        self.edited_at = None


class Attachment:
    """A file that belongs to a document, known by the SHA-256 of its bytes."""

    id: UUID

    def __init__(
        self, document: "Document", file: "AttachedFile", *, id: UUID, by: UUID, at: datetime
    ) -> None:
        self.tenant_id = document.tenant_id
        self.document_id = document.id
        self.id = id
        self.file_name = file.name
        self.media_type = file.media_type
        self.file_hash = file.hash
        self.file_size = file.size
        self.attached_by = by
        self.attached_at = at


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that was sent in: `size` in bytes, `hash` SHA-256 as hex."""

    name: str
    media_type: str
    hash: str
    size: int

    def checked(self) -> "AttachedFile":
        """Return it with a name that can be kept. Raises Required, TooLong or UnprintableText."""
        place: Path = ("input", "file")
        name = checked_text(self.name, FILE_NAME_LENGTH_MAX, place)
        media_type = checked_text(self.media_type, MEDIA_TYPE_LENGTH_MAX, place)
        return replace(self, name=name, media_type=media_type)


def checked_tag(name: str, path: Path) -> str:
    """Return a tag with single blanks. Raises Required, TooLong or UnprintableText.

    >>> checked_tag("  Herbst   2026 ", ())
    'Herbst 2026'
    """
    return checked_text(" ".join(name.split()), TAG_LENGTH_MAX, path)


def spelled(names: Sequence[str], known: Iterable[str]) -> list[str]:
    """Return tags each once, spelled as they are known already; capitals do not tell them apart.

    >>> spelled(["eilig", "EILIG", "Neu"], ["Eilig"])
    ['Eilig', 'Neu']
    """
    exact = set(known)
    first: dict[str, str] = {}
    for name in (*sorted(exact), *names):
        first.setdefault(name.casefold(), name)
    found = (name if name in exact else first[name.casefold()] for name in names)
    return list({name.casefold(): name for name in found}.values())


def set_tags(document: "Document", names: Sequence[str], *, by: UUID, at: datetime) -> None:
    """Give a document exactly these tags, each once. Raises TooManyTags."""
    wanted = spelled(names, (tag.name for tag in document.tags))
    if len(wanted) > TAGS_MAX:
        raise TooManyTags(tags_max=TAGS_MAX, path=("input", "tags"))
    known = {tag.name for tag in document.tags}
    added = [name for name in wanted if name not in known]
    removed = sorted(known - set(wanted))
    document.tags[:] = [tag for tag in document.tags if tag.name in wanted]
    document.tags += [Tag(document, name, by=by, at=at) for name in added]
    _tell(document, Action.TAG, "Tagged", by, at, added=sorted(added), removed=removed)


def add_tag(document: "Document", name: str, *, by: UUID, at: datetime) -> None:
    """Add a tag; one that is there already stays as it is. Raises TooManyTags."""
    set_tags(document, [*(tag.name for tag in document.tags), name], by=by, at=at)


def remove_tag(document: "Document", name: str, *, by: UUID, at: datetime) -> None:
    """Take a tag away, if it is there."""
    kept = [tag.name for tag in document.tags if tag.name.casefold() != name.casefold()]
    set_tags(document, kept, by=by, at=at)


def add_comment(document: "Document", text: str, *, id: UUID, by: UUID, at: datetime) -> None:
    """Write a comment. Raises Required, TooLong, UnprintableText or TooManyComments."""
    said = _checked_comment(text)
    if len(document.comments) >= COMMENTS_MAX:
        raise TooManyComments(comments_max=COMMENTS_MAX, path=("input", "id"))
    document.comments.append(Comment(document, said, id=id, by=by, at=at))
    _tell(document, Action.COMMENT, "Commented", by, at, comment_id=id)


def edit_comment(document: "Document", id: UUID, text: str, *, by: UUID, at: datetime) -> None:
    """Change one's own comment. Raises NotFound or NotYourComment."""
    comment = _own(document, id, by)
    comment.text = _checked_comment(text)
    comment.edited_at = at
    _tell(document, Action.EDIT_COMMENT, "CommentEdited", by, at, comment_id=id)


def remove_comment(document: "Document", id: UUID, *, by: UUID, at: datetime) -> None:
    """Take one's own comment away. Raises NotFound or NotYourComment."""
    document.comments.remove(_own(document, id, by))
    _tell(document, Action.REMOVE_COMMENT, "CommentRemoved", by, at, comment_id=id)


def attach_file(
    document: "Document", file: AttachedFile, *, id: UUID, by: UUID, at: datetime
) -> None:
    """Attach a file. Raises TooManyFiles, Required, TooLong or UnprintableText."""
    file = file.checked()
    if len(document.attachments) >= ATTACHMENTS_MAX:
        raise TooManyFiles(files_max=ATTACHMENTS_MAX, path=("input", "id"))
    document.attachments.append(Attachment(document, file, id=id, by=by, at=at))
    facts = {"attachment_id": id, "file_hash": file.hash, "size": file.size}
    _tell(document, Action.ATTACH_FILE, "FileAttached", by, at, **facts)


def remove_attachment(document: "Document", id: UUID, *, by: UUID, at: datetime) -> None:
    """Take a file away from a document that is not posted. Raises NotFound or AttachmentStays."""
    found = next((each for each in document.attachments if each.id == id), None)
    path: Path = ("input", "attachmentId")
    if found is None:
        raise NotFound(entity="Attachment", id=f"att_{id}", path=path)
    if document.state is State.POSTED:
        raise AttachmentStays(path=path)
    document.attachments.remove(found)
    facts = {"attachment_id": id, "file_hash": found.file_hash}
    _tell(document, Action.REMOVE_FILE, "FileRemoved", by, at, **facts)


def _own(document: "Document", id: UUID, by: UUID) -> Comment:
    path: Path = ("input", "commentId")
    found = next((comment for comment in document.comments if comment.id == id), None)
    if found is None:
        raise NotFound(entity="Comment", id=f"cmt_{id}", path=path)
    if found.author_id != by:
        raise NotYourComment(path=path)
    return found


def _checked_comment(text: str) -> str:
    return checked_text(text, COMMENT_LENGTH_MAX, ("input", "text"))


def _tell(
    document: "Document", action: Action, verb: str, by: UUID, at: datetime, **facts: Any
) -> None:
    document.tell(action, verb, by, at, document.state, is_author=False, **facts)
