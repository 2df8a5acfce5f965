"""Photos re-encoded: upright, at most 1600 pixels, without EXIF, place, colour profile or comment. Pure."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from governance.errors import DomainError

LONGEST = 1600
QUALITY = 80
PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


class PictureError(DomainError):
    """What came is no photo that can be read: `picture`."""

    code = "picture"


def reencode(data: bytes) -> bytes:
    """A JPEG with the same picture and nothing else; raises PictureError in plain Chinese."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    raise PictureError("照片尺寸太大，请重新拍一张。")
                image.draft("RGB", (LONGEST, LONGEST))
                upright = ImageOps.exif_transpose(image).convert("RGB")
    except PictureError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("照片无法读取，请重新拍一张或换一张。") from error
    upright.thumbnail((LONGEST, LONGEST))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    stream = io.BytesIO()
    bare.save(stream, "JPEG", quality=QUALITY, optimize=True)
    return stream.getvalue()
