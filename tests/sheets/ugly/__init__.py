"""Ledgers as ugly as villages keep them, each with a key that says what must be in the register afterwards.

Nothing in here but `measure` knows the readers: what a row means is said by who wrote it, not by who reads it.
"""
