"""Photos re-encoded: upright, at most 1600 pixels, without EXIF, place, colour profile or comment; decoded in a child process. Pure."""

from __future__ import annotations

import subprocess

from governance.children import child_run
from governance.errors import DomainError

WALL_SECONDS = 40.0  # some of it may be waiting for another large one
UNREAD = "照片无法读取，请重新拍一张或换一张。"
LARGE = "照片尺寸太大，请重新拍一张，或改小以后再选。"


class PictureError(DomainError):
    """What came is no photo that can be read: `picture`."""

    code = "picture"


def reencode(data: bytes) -> bytes:
    """A JPEG with the same picture and nothing else; raises PictureError in plain Chinese."""
    try:
        answer = child_run("governance.picture_worker", data, WALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise PictureError(LARGE) from error
    except subprocess.CalledProcessError as error:
        raise PictureError(UNREAD) from error
    said, _, picture = answer.partition(b"\n")
    if said != b"ok":
        raise PictureError(LARGE if said == b"large" else UNREAD)
    return picture
