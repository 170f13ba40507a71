"""Small steps towards the canonical form, one file each; ``canonical.py`` says their order.

Each takes a node whose inputs are canonical already and returns one of equal value: the same
bits, or, where floating point has no exact law (``flatten``, ``order``, ``fold``), the same sum or
product in another order of rounding. No result depends on that: what is evaluated is always the
canonical form.
"""
