"""ID numbers at rest: SM4-GCM cipher text and a keyed hash to search by (国密; domain.md §1 privacy)."""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_NONCE = 12
_TAG = 16


def _cipher(mode: modes.GCM) -> Cipher[modes.GCM]:
    return Cipher(algorithms.SM4(bytes.fromhex(settings.FIELD_KEY)), mode)


def encrypt(text: str) -> bytes:
    """Nonce (12 bytes) + tag (16) + cipher text; a new nonce each time."""
    nonce = secrets.token_bytes(_NONCE)
    encryptor = _cipher(modes.GCM(nonce)).encryptor()
    body = encryptor.update(text.encode()) + encryptor.finalize()
    return nonce + encryptor.tag + body


def decrypt(stored: bytes) -> str:
    """Inverse of `encrypt`; raises cryptography's InvalidTag where a byte was changed."""
    nonce, tag, body = stored[:_NONCE], stored[_NONCE : _NONCE + _TAG], stored[_NONCE + _TAG :]
    decryptor = _cipher(modes.GCM(nonce, tag)).decryptor()
    return (decryptor.update(body) + decryptor.finalize()).decode()


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 in hex: equal numbers give equal hashes, without the key nothing can be tried out."""
    return hmac.new(bytes.fromhex(settings.HASH_KEY), text.encode(), hashlib.sha256).hexdigest()


def tail_hash(number: str) -> str:
    """Keyed hash of a number's last four characters; it differs from that of a number of four characters."""
    return keyed_hash(f"tail {number[-4:]}")
