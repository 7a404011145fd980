"""Documents of the trade: one table of kinds, one life, one way to compute totals."""
