"""What can be read of imports."""

from persistence.imports.tables import import_column, import_problem, import_run
from persistence.reading.views import Relation, Sort, View, readable

readable(
    View(
        "import_run",
        import_run,
        prefix="imp",
        sorts={"NEWEST": Sort("created_at", descending=True), "OLDEST": Sort("created_at")},
        relations={
            "columns": Relation("import_column", (("id", "run_id"),), many=True, order="place"),
            "problems": Relation("import_problem", (("id", "run_id"),), paged=True, order="ROW"),
            "history": Relation(
                "journal_entry", (("id", "entity_id"),), paged=True, order="OLDEST"
            ),
        },
    )
)
readable(View("import_column", import_column, key="place"))
readable(View("import_problem", import_problem, sorts={"ROW": Sort("place")}))
