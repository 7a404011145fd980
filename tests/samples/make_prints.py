"""Print one document of every kind to docs/examples: python tests/samples/make_prints.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from sample_documents import examples
from sample_invoice import NOW

from web.printing.render import render_document

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

if __name__ == "__main__":
    for example in examples():
        (EXAMPLES / f"{example.name}.pdf").write_bytes(render_document(example.contents, NOW))
