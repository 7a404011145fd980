"""Many PDFs become one, page after page, for the printer. CPU-bound: call it in a worker."""

import io
from collections.abc import Sequence

import pikepdf


def merge_pdfs(files: Sequence[bytes]) -> tuple[bytes, int]:
    """Return one PDF with the pages of all in their order, and how many they are.

    The same files give the same bytes. What is merged is for paper: it is no PDF/A any more, and
    carries no files that were embedded.
    """
    with pikepdf.new() as merged:
        for content in files:
            with pikepdf.open(io.BytesIO(content)) as file:
                merged.pages.extend(file.pages)
        kept = io.BytesIO()
        merged.save(
            kept, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate
        )
        return kept.getvalue(), len(merged.pages)
