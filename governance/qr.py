"""QR codes as SVG inside the page: nothing is fetched, nothing is stored."""

from __future__ import annotations

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(address: str) -> SafeString:
    """The code of an address, black on white, without size of its own."""
    stream = io.BytesIO()
    segno.make(address, error="m", micro=False).save(stream, kind="svg", xmldecl=False, svgns=True, omitsize=True)
    return mark_safe(stream.getvalue().decode())
