"""Make .venv and install the pinned requirements, only when something changed: ``bootstrap.py [run|dev]``.

Runs under the machine's own Python with the standard library alone. uv installs, in seconds where pip needs half a
minute; pip brings uv once into the user's cache, where the next clone finds it, and steps in where uv fails.
"""

import configparser
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

OLDEST = (3, 11)
UV = "0.13.9"
SETS = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


class BootstrapError(Exception):
    """The environment cannot be made; the message says what to install."""


def stamp(root: Path, kind: str) -> str:
    """Hash of everything an installation depends on: the requirement files, their constraints, Python and the place."""
    digest = hashlib.sha256(f"{sys.version}\n{root}\n{UV}\n".encode())
    for name in [*SETS[kind], "constraints.txt"]:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def installed(root: Path, kind: str) -> bool:
    """True if .venv already holds this set of requirements."""
    path = root / ".venv" / f"stamp-{kind}"
    return path.exists() and path.read_text() == stamp(root, kind)


def make_environment(root: Path) -> None:
    """Create .venv anew, for this Python; without pip, which is slow to install and seldom needed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(root / ".venv")], check=True)


def own_pip(root: Path) -> list[str]:
    """The command pip of .venv, installed there if need be."""
    python = str(root / ".venv/bin/python")
    if subprocess.run([python, "-c", "import pip"], stderr=subprocess.DEVNULL).returncode:
        if not importlib.util.find_spec("ensurepip") and not _install_venv():
            raise BootstrapError(
                "This Python cannot make virtual environments (no ensurepip).\n"
                "本机 Python 缺少 venv 组件: apt install python3-venv"
            )
        subprocess.run([python, "-m", "ensurepip"], stdout=subprocess.DEVNULL, check=True)
    return [python, "-m", "pip"]


def _install_venv() -> bool:
    from system import apt_install

    return apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")


def _fits(root: Path) -> bool:
    """True if .venv was made by this very Python in this very place."""
    mark = root / ".venv" / "made-by"
    return mark.exists() and mark.read_text() == f"{sys.version}\n{root}\n"


def uv_program(root: Path) -> Path | None:
    """The pinned uv in the user's cache, brought there by pip the first time; None where it cannot be had."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "xiangzhi")
    program = caches / f"uv-{UV}" / "bin" / "uv"
    if program.exists():
        return program
    pip = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else own_pip(root)
    command = [*pip, "install", "-qqq", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", f"uv=={UV}"]
    with suppress(OSError, subprocess.CalledProcessError):  # another clone may have been faster
        caches.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=caches) as folder:
            subprocess.run([*command, "--target", f"{folder}/uv"], check=True)
            os.rename(f"{folder}/uv", program.parent.parent)
    return program if program.exists() else None


def pip_index() -> str | None:
    """The index that pip is told to use, by its environment or its settings; uv does not read them."""
    folders = [*(os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(":"), os.path.expanduser("~/.config")]
    files = ["/etc/pip.conf", *(f"{folder}/pip/pip.conf" for folder in folders), os.environ.get("PIP_CONFIG_FILE", "")]
    settings = configparser.RawConfigParser(strict=False)
    with suppress(configparser.Error):  # pip itself will say so
        settings.read([file for file in files if file])
    return os.environ.get("PIP_INDEX_URL") or settings.get("global", "index-url", fallback=None)


def install(root: Path, kind: str) -> None:
    """Install a set of requirements into .venv and leave the stamp."""
    if not _fits(root):
        make_environment(root)
        (root / ".venv" / "made-by").write_text(f"{sys.version}\n{root}\n")
    sys.stderr.write("正在安装依赖 … Installing Python packages …\n")
    began = time.monotonic()
    files = ["--constraint", str(root / "constraints.txt")]
    for name in SETS[kind]:
        files += ["--requirement", str(root / name)]
    if not _install_with_uv(root, kind, files):
        sys.stderr.write("uv 不可用，改由 pip 安装，稍慢。 uv cannot be used; pip installs, which takes longer.\n")
        _install_with_pip(root, files)
    (root / ".venv" / f"stamp-{kind}").write_text(stamp(root, kind))
    sys.stderr.write(f"  依赖 packages：{time.monotonic() - began:.1f} 秒 s\n")


def _install_with_uv(root: Path, kind: str, files: list[str]) -> bool:
    """True if uv did it. Bytecode only for development: what the portal runs, it compiles as it needs it."""
    program = uv_program(root)
    if program is None:
        return False
    index = pip_index()
    environment = {**({"UV_DEFAULT_INDEX": index} if index else {}), **os.environ}
    command = [str(program), "pip", "install", "--quiet", "--python", str(root / ".venv/bin/python"), *files]
    try:
        return not subprocess.run(command + ["--compile-bytecode"] * (kind == "dev"), env=environment).returncode
    except OSError:  # a home where no program may run
        return False


def _install_with_pip(root: Path, files: list[str]) -> None:
    command = [*own_pip(root), "install", "-qq", "--disable-pip-version-check", *files]
    if subprocess.run(command).returncode:
        raise BootstrapError("pip could not install the requirements (see above). 依赖安装失败，请检查网络后重试。")


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
