"""The tables of the tax rules as Markdown, so that the guide says what the code does."""

from dataclasses import fields
from datetime import date

from domain.tax.categories import TaxCategory
from domain.tax.rates import EARLIEST, NAMED_RATES, RateName
from domain.tax.rules import RULES, Rule, When


def drawn_rules() -> str:
    """Return the table that a tax is proposed by, a row each, in its order."""
    head = "| when | tax | why | warning | supplies |\n|---|---|---|---|---|"
    return "\n".join((head, *map(_drawn, RULES)))


def drawn_rates() -> str:
    """Return the rates by date of supply, newest first."""
    head = f"| from | {' | '.join(RateName)} |\n|---|{'---|' * len(RateName)}"
    rows = (
        f"| {start} | {' | '.join(f'{rates[name]:f} %' for name in RateName)} |"
        for start, rates in NAMED_RATES
    )
    return "\n".join((head, *rows))


def _drawn(rule: Rule) -> str:
    cells = (
        _asked(rule.when) or "everything else",
        _tax(rule),
        f"`{rule.why}`",
        f"`{rule.warning}`" if rule.warning else "",
        _dates(rule),
    )
    return f"| {' | '.join(cells)} |"


def _asked(when: When) -> str:
    """Return what a row asks for, such as `item EXEMPT; destination EU or THIRD`."""
    return "; ".join(
        f"{fact.name.replace('_', ' ')} {' or '.join(wanted)}"
        for fact in fields(when)
        if (wanted := getattr(when, fact.name))
    )


def _tax(rule: Rule) -> str:
    if rule.category is TaxCategory.S:
        return f"S {rule.rate or 'as the item'}"
    return rule.category if rule.category is TaxCategory.O else f"{rule.category} 0 %"


def _dates(rule: Rule) -> str:
    start = "" if rule.valid_from == EARLIEST else f"from {rule.valid_from}"
    end = "" if rule.valid_until == date.max else f"before {rule.valid_until}"
    return " ".join(filter(None, (start, end)))
