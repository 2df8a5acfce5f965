"""Make .venv and install the pinned requirements, only when something changed: ``bootstrap.py [run|dev]``.

Runs under the machine's own Python with the standard library alone.
"""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
SETS = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


class BootstrapError(Exception):
    """The environment cannot be made; the message says what to install."""


def stamp(root: Path, kind: str) -> str:
    """Hash of everything an installation depends on: the requirement files, their constraints, Python and the place."""
    digest = hashlib.sha256(f"{sys.version}\n{root}\n".encode())
    for name in [*SETS[kind], "constraints.txt"]:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def installed(root: Path, kind: str) -> bool:
    """True if .venv already holds this set of requirements."""
    path = root / ".venv" / f"stamp-{kind}"
    return path.exists() and path.read_text() == stamp(root, kind)


def make_environment(root: Path) -> None:
    """Create .venv anew, for this Python."""
    if not importlib.util.find_spec("ensurepip") and not _install_venv():
        raise BootstrapError(
            "This Python cannot make virtual environments (no ensurepip).\n"
            "本机 Python 缺少 venv 组件: apt install python3-venv"
        )
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(root / ".venv")], check=True)


def _install_venv() -> bool:
    from system import apt_install

    return apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")


def _fits(root: Path) -> bool:
    """True if .venv was made by this very Python in this very place."""
    mark = root / ".venv" / "made-by"
    return mark.exists() and mark.read_text() == f"{sys.version}\n{root}\n"


def install(root: Path, kind: str) -> None:
    """Install a set of requirements into .venv and leave the stamp."""
    if not _fits(root):
        make_environment(root)
        (root / ".venv" / "made-by").write_text(f"{sys.version}\n{root}\n")
    command = [str(root / ".venv/bin/python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    for name in SETS[kind]:
        command += ["--requirement", str(root / name)]
    sys.stderr.write("Installing Python packages … 正在安装依赖 …\n")
    if subprocess.run([*command, "--constraint", str(root / "constraints.txt")]).returncode:
        raise BootstrapError("pip could not install the requirements (see above). 依赖安装失败，请检查网络后重试。")
    (root / ".venv" / f"stamp-{kind}").write_text(stamp(root, kind))


def main(kind: str) -> int:
    """Bring .venv up to date, one process at a time; exit code 2 with a message when that is impossible."""
    if sys.version_info < OLDEST:
        sys.stderr.write("Python 3.11 or newer is needed. 需要 Python 3.11 或更高版本。\n")
        return 2
    root = Path(__file__).resolve().parent.parent
    with open(__file__, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if not installed(root, kind):
                install(root, kind)
        except (BootstrapError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
