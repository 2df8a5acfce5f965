"""The child process that opens one stranger's photo: `python -m governance.picture_worker`, bytes in; out come a line, `ok`, `large`
or `unread`, and after `ok` the JPEG."""

from __future__ import annotations

import fcntl
import io
import sys
import warnings

from PIL import Image, ImageOps

from governance.children import confine

MEMORY_BYTES, CPU_SECONDS = 768 * 1024 * 1024, 20
PIXELS = 250_000_000  # no phone takes more; what memory does not hold is refused before
AT_ONCE = 16_000_000  # pixels; what is larger waits for its turn, so that several together do not fill the machine
LONGEST = 1600
QUALITY = 80
FORMATS = ["JPEG", "PNG", "WEBP"]


def main() -> None:
    confine(MEMORY_BYTES, CPU_SECONDS)
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS
    data = sys.stdin.buffer.read()
    if data[4:8] == b"ftyp":
        _read_heif()
    try:
        answer = b"ok\n" + small(data)
    except (MemoryError, Image.DecompressionBombError):
        answer = b"large\n"
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError):
        answer = b"unread\n"
    sys.stdout.buffer.write(answer)


def _read_heif() -> None:
    """Brought in where it is needed, since that takes as long as reading a photo."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    FORMATS.append("HEIF")
    pillow_heif.options.DECODE_THREADS = 1


def small(data: bytes) -> bytes:
    """A JPEG with the same picture, upright, and nothing else."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > PIXELS:
            raise MemoryError
        image.draft("RGB", (LONGEST, LONGEST))
        with open(__file__, "rb") as turn:
            if image.width * image.height > AT_ONCE:
                fcntl.flock(turn, fcntl.LOCK_EX)
            image.load()
            coarse = max(1, max(image.size) // (2 * LONGEST))
            reduced = image if coarse == 1 or image.mode == "P" else image.reduce(coarse)
            upright = ImageOps.exif_transpose(reduced).convert("RGB")
    upright.thumbnail((LONGEST, LONGEST))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    stream = io.BytesIO()
    bare.save(stream, "JPEG", quality=QUALITY, optimize=True)
    return stream.getvalue()


if __name__ == "__main__":
    main()
