"""The demo company: two years of an agricultural trade company, made by the domain itself.

`plan` says what happens on which day and does no I/O; `making` lets it happen through the same
units of work, verbs and repositories as everything else. The same seed plans the same two years.
"""

from web.demo_company.making import UNTIL, CompanyThere, Made, make_demo_company

__all__ = ["UNTIL", "CompanyThere", "Made", "make_demo_company"]
