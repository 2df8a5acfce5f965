"""Copy the browser files of others from npm into static/vendor/, with versions and hashes: ``make vendor``.

package.json pins the versions, package-lock.json what npm fetches. The copies are committed and never edited.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
# Source maps come along because Django's manifest storage follows the sourceMappingURL comments.
FILES = {
    "bootstrap": [
        "dist/css/bootstrap.min.css",
        "dist/css/bootstrap.min.css.map",
        "dist/js/bootstrap.bundle.min.js",
        "dist/js/bootstrap.bundle.min.js.map",
        "LICENSE",
    ],
    "@popperjs/core": ["LICENSE.md"],  # inside bootstrap.bundle
    "htmx.org": ["dist/htmx.min.js", "LICENSE"],
}


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_package(modules: Path, package: str, files: list[str]) -> list[dict[str, str]]:
    """Copy the files into a folder named after the package; one manifest entry per file."""
    about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
    folder = VENDOR / package.lstrip("@").replace("/", "-")
    folder.mkdir(parents=True)
    entries = []
    for name in files:
        target = folder / Path(name).name
        shutil.copyfile(modules / package / name, target)
        entries.append(
            {
                "file": target.relative_to(VENDOR).as_posix(),
                "package": package,
                "version": about["version"],
                "licence": about["license"],
                "source": name,
                "sha256": sha256(target),
            }
        )
    return entries


def main() -> int:
    """Renew static/vendor/ as a whole, with the npm of the wheel in .venv."""
    npm = str(Path(sys.executable).parent / "npm")
    with tempfile.TemporaryDirectory(prefix="xz-npm-") as work:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(ROOT / name, Path(work) / name)
        subprocess.run([npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work, check=True)
        shutil.rmtree(VENDOR, ignore_errors=True)
        modules = Path(work) / "node_modules"
        entries = [entry for package, files in FILES.items() for entry in copy_package(modules, package, files)]
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
