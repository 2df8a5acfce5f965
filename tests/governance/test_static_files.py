"""Which static files stand in Brotli, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from governance.static_files import PhoneCompressor

RULES = "a { color: #14594a; text-decoration: none; }\n" * 50


def test_what_a_phone_fetches_stands_in_brotli_and_the_admin_in_gzip_alone(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    compressor = PhoneCompressor(quiet=True)
    for name in ("theme.css", "offline/main.js", "vendor/bootstrap/bootstrap.min.css", "unfold/css/styles.css"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RULES, encoding="utf-8")
        compressor.compress(str(path))
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.br")}
    assert found == {"theme.css.br", "offline/main.js.br", "vendor/bootstrap/bootstrap.min.css.br"}
    assert (tmp_path / "unfold/css/styles.css.gz").exists()
