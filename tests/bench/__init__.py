"""`make bench`: what we do, measured beside floors that do the same work by hand.

Ours and a floor take turns on the same machine and database; their answers are compared before the
clock runs, and a bench whose result is wrong fails. Only ratios travel from machine to machine.
"""
