"""The tables of kinds and of the life, drawn for the guide; a test holds the guide against them."""

from domain.documents.kinds import KINDS, SALES, ApprovalMode, Kind, State
from domain.documents.life import BY_ITSELF, transitions


def drawn_life() -> str:
    """Return the states and what leads from one to another, as a Mermaid diagram."""
    asked, direct = transitions(ApprovalMode.ALWAYS), transitions(ApprovalMode.NONE)
    rows = [
        f"    {start} --> {target}: {action}{'' if (start, action) in asked else ' (no approval)'}"
        for (start, action), target in {**asked, **direct}.items()
        if start is not target and action not in BY_ITSELF
    ]
    first, last = f"    [*] --> {State.DRAFT}", f"    {State.POSTED} --> [*]"
    return "\n".join(["stateDiagram-v2", first, *rows, last])


def drawn_chain(side: str) -> str:
    """Return which kind becomes which on one side, as a Mermaid diagram; payments are allocated."""
    kinds = [kind for kind in KINDS.values() if kind.side == side and not kind.is_payment]
    boxes = [f'    {kind.name}["{kind.german}"]' for kind in kinds]
    arrows = [f"    {kind.name} --> {target}" for kind in kinds for target in kind.targets]
    return "\n".join(["flowchart LR", *boxes, *arrows])


def drawn_kinds() -> str:
    """Return the table of kinds as a Markdown table."""
    head = (
        "| kind | German | number | prices | may be amended | becomes |\n|---|---|---|---|---|---|"
    )
    return "\n".join([head, *map(_row, KINDS.values())])


def _row(kind: Kind) -> str:
    becomes = ", ".join(f"`{target}`" for target in kind.targets) or "–"
    facts = ("yes" if kind.priced else "no", "yes" if kind.amendable else "cancelled instead")
    side = "" if kind.side == SALES else " (purchase)"
    return (
        f"| `{kind.name}`{side} | {kind.german} | `{kind.number_template}` | {facts[0]} |"
        f" {facts[1]} | {becomes} |"
    )
