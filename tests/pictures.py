"""Photos as phones send them, and what is none."""

from __future__ import annotations

import io
import struct
import zlib

import pillow_heif
from PIL import Image


def jpeg(shade: int = 0, width: int = 60, height: int = 40, size: int = 0) -> bytes:
    """`size`: filled up to as many bytes behind its end."""
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (shade * 20 % 256, 90, 40)).save(stream, "JPEG")
    return stream.getvalue().ljust(size, b"\0")


def heic(width: int = 200, height: int = 100) -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (width, height), "green")).save(stream)
    return stream.getvalue()


def png(width: int, height: int, rows: int | None = None) -> bytes:
    """Black, in little memory; `rows`: only so many are written."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    pack = zlib.compressobj(1)
    body = b"".join(pack.compress(bytes(width + 1)) for _ in range(height if rows is None else rows)) + pack.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
