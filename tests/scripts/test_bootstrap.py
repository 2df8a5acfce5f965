import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bootstrap

WHEEL = {
    "nothing_much.py": "",
    "nothing_much-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: nothing-much\nVersion: 1\n",
    "nothing_much-1.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "nothing_much-1.dist-info/RECORD": "",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that requires one package, which lies beside it, so that installing it asks no registry."""
    root, packages = tmp_path / "root", tmp_path / "packages"
    root.mkdir()
    packages.mkdir()
    for name in ("requirements-dev.txt", "constraints.txt"):
        (root / name).write_text("# nothing\n")
    (root / "requirements.txt").write_text("nothing-much==1\n")
    with zipfile.ZipFile(packages / "nothing_much-1-py3-none-any.whl", "w") as wheel:
        for name, text in WHEEL.items():
            wheel.writestr(name, text)
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(packages))
    return root


def works(root: Path) -> bool:
    return not subprocess.run([root / ".venv/bin/python", "-c", "import nothing_much"]).returncode


def test_it_makes_an_environment_once(root: Path) -> None:
    assert not bootstrap.installed(root, "run")
    bootstrap.install(root, "run")
    assert bootstrap.installed(root, "run")
    assert not bootstrap.installed(root, "dev")
    assert works(root)


@pytest.mark.parametrize("program", ["#!/bin/sh\nexit 1\n", "#!/no/such/program\n", None])
def test_it_lets_pip_install_where_uv_fails_or_cannot_be_had(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: str | None
) -> None:
    caches = root / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    if program:
        uv = caches / "xiangzhi" / f"uv-{bootstrap.UV}" / "bin" / "uv"
        uv.parent.mkdir(parents=True)
        uv.write_text(program)
        uv.chmod(0o755)
    bootstrap.install(root, "run")
    assert "pip installs" in capsys.readouterr().err
    assert bootstrap.installed(root, "run")
    assert works(root)


def test_it_uses_the_index_of_pips_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    assert bootstrap.pip_index() == "https://mirror.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://nearer.example/simple")
    assert bootstrap.pip_index() == "https://nearer.example/simple"


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [("requirements.txt", {"run", "dev"}), ("constraints.txt", {"run", "dev"}), ("requirements-dev.txt", {"dev"})],
)
def test_it_installs_again_what_a_changed_file_concerns(root: Path, changed: str, kinds: set[str]) -> None:
    before = {kind: bootstrap.stamp(root, kind) for kind in bootstrap.SETS}
    (root / changed).write_text("# something\n")
    assert {kind for kind in bootstrap.SETS if bootstrap.stamp(root, kind) != before[kind]} == kinds


@pytest.mark.parametrize(("of", "name"), [(sys, "version"), (bootstrap, "UV")])
def test_it_installs_again_for_another_python_or_uv(
    root: Path, monkeypatch: pytest.MonkeyPatch, of: object, name: str
) -> None:
    before = bootstrap.stamp(root, "run")
    monkeypatch.setattr(of, name, "3.99.0")
    assert bootstrap.stamp(root, "run") != before


def test_it_leaves_no_stamp_when_the_installation_failed(root: Path) -> None:
    (root / "requirements.txt").write_text("./no-such-folder\n")
    with pytest.raises(bootstrap.BootstrapError, match="pip"):
        bootstrap.install(root, "run")
    assert not bootstrap.installed(root, "run")


def test_it_says_what_to_install_where_python_brings_neither_pip_nor_ensurepip(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.make_environment(root)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(bootstrap, "_install_venv", lambda: False)
    with pytest.raises(bootstrap.BootstrapError, match="apt install python3-venv"):
        bootstrap.own_pip(root)


def test_it_refuses_an_old_python(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert bootstrap.main("run") == 2
    assert "3.11" in capsys.readouterr().err
