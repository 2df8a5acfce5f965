"""Static files under names with their hash, in the imports of our modules, too, and small for a phone with little signal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Below static/: what a phone fetches, where Brotli saves an eighth of gzip's bytes before the first paint.
ON_PHONES = ("offline", "vendor")


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
