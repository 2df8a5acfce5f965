"""Copy the browser files of others from npm into static/vendor/, with versions and hashes: ``make vendor``.

package.json pins the versions, package-lock.json what npm fetches. Of Bootstrap come only the parts that
scripts/bootstrap.scss names, put together by Sass. The copies are committed and never edited.
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
BIN = Path(sys.executable).parent  # where the wheel puts Node and npm
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
FILES = {
    "bootstrap": ["LICENSE"],
    "htmx.org": ["dist/htmx.min.js", "LICENSE"],
    "idb": ["build/index.js", "LICENSE"],
}
STYLES = ROOT / "scripts" / "bootstrap.scss"


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(modules: Path, package: str, source: str, target: Path) -> dict[str, str]:
    """What the manifest says of a file that stands at `target`."""
    about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
    return {
        "file": target.relative_to(VENDOR).as_posix(),
        "package": package,
        "version": about["version"],
        "licence": about["license"],
        "source": source,
        "sha256": sha256(target),
    }


def copy_package(modules: Path, package: str, files: list[str]) -> list[dict[str, str]]:
    """Copy the files into a folder named after the package; one manifest entry per file."""
    folder = VENDOR / package
    folder.mkdir(parents=True)
    return [entry(modules, package, name, Path(shutil.copyfile(modules / package / name, folder / Path(name).name))) for name in files]


def make_styles(modules: Path) -> dict[str, str]:
    """Bootstrap's parts that scripts/bootstrap.scss names, as one file; its manifest entry."""
    target = VENDOR / "bootstrap" / "bootstrap.min.css"
    options = ["--style=compressed", "--no-source-map", "--quiet", "--quiet-deps", f"--load-path={modules}"]
    subprocess.run([str(BIN / "node"), str(modules / "sass" / "sass.js"), *options, str(STYLES), str(target)], check=True)
    return entry(modules, "bootstrap", "scss, by scripts/bootstrap.scss", target)


def main() -> int:
    """Renew static/vendor/ as a whole, with the npm of the wheel in .venv."""
    with tempfile.TemporaryDirectory(prefix="xz-npm-") as work:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(ROOT / name, Path(work) / name)
        subprocess.run([str(BIN / "npm"), "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work, check=True)
        shutil.rmtree(VENDOR, ignore_errors=True)
        modules = Path(work) / "node_modules"
        entries = [copied for package, files in FILES.items() for copied in copy_package(modules, package, files)]
        entries.append(make_styles(modules))
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
