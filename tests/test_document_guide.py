"""The guide to documents is drawn from the code: a table that changes shows as a difference."""

from pathlib import Path

import pytest

from domain.documents.drawing import drawn_chain, drawn_kinds, drawn_life

GUIDE = (Path(__file__).parent.parent / "docs/guides/documents.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "drawing", [drawn_kinds(), drawn_chain("sales"), drawn_chain("purchase"), drawn_life()]
)
def test_the_guide_shows_the_tables_as_they_are(drawing: str):
    """Print it anew where this fails: domain.documents.drawing makes each drawing."""
    assert drawing in GUIDE
