"""Codes that are read out and typed by people: forty bits each, kept as keyed hashes only."""

from __future__ import annotations

import secrets
import unicodedata

from governance.crypto import keyed_hash

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def code_made() -> str:
    """Two groups of four, without characters that look alike."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))


def code_hash(code: str) -> str:
    """What is kept of a code, however it is typed (wide or capital letters, blanks); "" of none."""
    plain = "".join(char for char in unicodedata.normalize("NFKC", code).lower() if char.isalnum())
    return keyed_hash(plain) if plain else ""
