"""Document numbers: unique by law (section 14 (4) no. 4 UStG), gapless by our own promise.

The law accepts gaps (UStAE 14.5 (10)); an unexplained one still costs an argument with the auditor.
`templates` say how numbers look, `ranges` count them per period, `series` are what people set up.
"""
