"""Debian packages for what neither pip nor npm brings (standard library only)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def apt_install(*packages: str) -> bool:
    """Install Debian packages when this process may; False if it may not or apt fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    sys.stderr.write(f"apt-get install {' '.join(packages)} …\n")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return all(
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0
        for command in (["apt-get", "update", "-qq"], install)
    )
