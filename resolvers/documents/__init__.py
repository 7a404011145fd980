"""Documents: lists and one, writing each kind, and the verbs of all of them."""
