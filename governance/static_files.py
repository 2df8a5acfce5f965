"""Static files under names with their hash, in the imports of our modules, too, and small for a phone with little signal."""

from __future__ import annotations

import builtins
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Below static/: what a phone fetches, where Brotli saves an eighth of gzip's bytes before the first paint.
ON_PHONES = ("offline", "vendor")
# What stands before every first paint, as one file: a second one costs a phone with little signal a handshake of its own.
SHEET = "base.css"
SHEET_OF = ("vendor/bootstrap/bootstrap.min.css", "theme.css")
_COMMENT, _GAP = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s*([{};])\s*|\s+")
_SET, _READ = re.compile(r"(--bs-[\w-]+):[^;{}]*;?"), re.compile(r"var\((--bs-[\w-]+)")


def slim(sheet: str, readers: str = "") -> str:
    """The sheet without comments, indentation, and those of Bootstrap's variables that neither it nor `readers` read: a ninth of what
    a phone waits for before the first paint. No string of the sheet may hold one of {};."""
    text, before = _GAP.sub(lambda gap: gap[1] or " ", _COMMENT.sub("", sheet)).strip(), ""
    while text != before:
        before, text = text, _without_unread(text, readers)
    return text


def _without_unread(text: str, readers: str) -> str:
    read = set(_READ.findall(text + readers))
    return _SET.sub(lambda found: found[0] if found[1] in read else "", text)


class PhoneCompressor(Compressor):
    """Brotli for the files of the desk only: for all that the admin brings it takes over a minute, gzip a few seconds."""

    def __init__(self, root: str, **options: Any) -> None:
        super().__init__(**options)
        self.root, self.others = root, Compressor(**options, use_brotli=False)

    def compress(self, path: str) -> list[str]:
        *folders, _name = Path(path).relative_to(self.root).parts
        found: list[str] = self.others.compress(path) if folders and folders[0] not in ON_PHONES else super().compress(path)
        return found


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Only in our own modules: what others' minified scripts hold beside `import` is not always the name of a file."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("offline/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )

    def create_compressor(self, **options: Any) -> Compressor:
        return PhoneCompressor(self.location, **options)


class SheetFinder(BaseFinder):
    """SHEET, put together of SHEET_OF below `var/joined/` whenever one of them, or a room's sheet that reads its variables, is newer."""

    def __init__(self, app_names: Any = None) -> None:
        self.storage = FileSystemStorage(settings.VAR / "joined")

    def check(self, **kwargs: Any) -> builtins.list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [str(self._joined())] if path == SHEET else []
        return found if find_all else "".join(found)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        self._joined()
        yield SHEET, self.storage

    def _joined(self) -> Path:
        static, joined = settings.BASE_DIR / "static", Path(self.storage.path(SHEET))
        parts, rooms = [static / name for name in SHEET_OF], sorted(static.glob("*.css"))
        if not joined.exists() or joined.stat().st_mtime < max(part.stat().st_mtime for part in [*parts, *rooms]):
            joined.parent.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=joined.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(slim(*("\n".join(path.read_text(encoding="utf-8") for path in some) for some in (parts, rooms))))
            Path(name).chmod(0o644)
            Path(name).replace(joined)  # others may be reading it
        return joined
