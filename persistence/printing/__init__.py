"""Printing: files made of documents, what kept one from being made, what stands beside it."""

from persistence.printing.printouts import Printouts, printout
from persistence.printing.problems import PrintProblems, print_problem

__all__ = ["PrintProblems", "Printouts", "print_problem", "printout"]
