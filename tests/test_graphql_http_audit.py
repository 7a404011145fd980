"""The audits of graphql-http (npm), the reference of GraphQL over HTTP, all of them ok."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.erp import Erp
from tests.programs import printed_by

AUDIT = Path(__file__).parent / "audit"
AUDITS = 61


@pytest.mark.slow
async def test_all_audits_of_graphql_over_http_are_ok(erp: Erp):
    """Media types, status codes and parameters are those of the specification, no warning."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("CI"), "the audits need node and npm, which CI must have"
        pytest.skip("The audits of graphql-http need node and npm; neither is needed to run.")
    if not (AUDIT / "node_modules" / "graphql-http").exists():
        await printed_by(AUDIT, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    token = erp.token("anna", ("admin",))

    printed = await printed_by(
        AUDIT, "node", "run.mjs", AUDIT_URL=f"{erp.server.url}/graphql", AUDIT_TOKEN=token
    )

    results = json.loads(printed)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == AUDITS
