"""ID numbers at rest: SM4-GCM cipher text and a keyed hash to search by (国密; domain.md §1 privacy)."""

import hmac
import secrets
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from governance.sheets.persons import whole_number

_NONCE = 12
_TAG = 16


def _cipher(mode: modes.GCM) -> Cipher[modes.GCM]:
    return Cipher(_algorithm(settings.FIELD_KEY), mode)


@cache
def _algorithm(key: str) -> algorithms.SM4:
    return algorithms.SM4(bytes.fromhex(key))


def encrypt(text: str) -> bytes:
    """Nonce (12 bytes) + tag (16) + cipher text; a new nonce each time."""
    return encrypt_bytes(text.encode())


def decrypt(stored: bytes) -> str:
    """Inverse of `encrypt`; raises cryptography's InvalidTag where a byte was changed."""
    return decrypt_bytes(stored).decode()


def encrypt_bytes(data: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    encryptor = _cipher(modes.GCM(nonce)).encryptor()
    body = encryptor.update(data) + encryptor.finalize()
    return nonce + encryptor.tag + body


def decrypt_bytes(stored: bytes) -> bytes:
    nonce, tag, body = stored[:_NONCE], stored[_NONCE : _NONCE + _TAG], stored[_NONCE + _TAG :]
    decryptor = _cipher(modes.GCM(nonce, tag)).decryptor()
    return decryptor.update(body) + decryptor.finalize()


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 in hex: equal numbers give equal hashes, without the key nothing can be tried out."""
    return hmac.digest(bytes.fromhex(settings.HASH_KEY), text.encode(), "sha256").hex()


def tail_hash(number: str) -> str:
    """Keyed hash of a number's last four characters; it differs from that of a number of four characters."""
    return keyed_hash(f"tail {number[-4:]}")


def sealed(number: str) -> tuple[bytes, str, str]:
    """Cipher text of an ID number, hash of the person and of its tail, as a row keeps them; nothing of no number."""
    if not number:
        return b"", "", ""
    whole = whole_number(number)
    return encrypt(number), keyed_hash(whole), tail_hash(whole)
