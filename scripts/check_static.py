"""Lint our scripts and styles in static/ with Biome, which npm fetches once: ``check_static.py [--write]``.

package.json pins Biome, package-lock.json its hashes; npm and Node come from the wheel in .venv. biome.json says what is looked at.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(sys.executable).parent


def stamp(root: Path) -> str:
    """Hash of what npm installs from, and of the place."""
    digest = hashlib.sha256(f"{root}\n".encode())
    for name in ("package.json", "package-lock.json"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def install(root: Path) -> None:
    """Bring node_modules up to date, only when package.json or its lock changed, one process at a time."""
    mark = root / "node_modules" / "stamp"
    with open(__file__, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == stamp(root):
            return
        command = [str(VENV / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
        mark.write_text(stamp(root))


def main(options: list[str]) -> int:
    """Print what Biome finds; exit code 1 if it finds anything, 2 if it cannot be installed."""
    try:
        install(ROOT)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"npm could not install Biome: {error}\n")
        return 2
    biome = [str(VENV / "node"), "node_modules/@biomejs/biome/bin/biome", "lint", "--error-on-warnings"]
    return subprocess.run([*biome, *options], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
