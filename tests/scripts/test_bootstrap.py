import subprocess
from pathlib import Path

import pytest

import bootstrap


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that requires nothing, so that installing it asks no registry."""
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_text("# nothing\n")
    return tmp_path


def test_it_makes_an_environment_once(root: Path) -> None:
    assert not bootstrap.installed(root, "run")
    bootstrap.install(root, "run")
    assert bootstrap.installed(root, "run")
    assert not bootstrap.installed(root, "dev")
    subprocess.run([root / ".venv/bin/python", "-c", "import pip"], check=True)


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [("requirements.txt", {"run", "dev"}), ("constraints.txt", {"run", "dev"}), ("requirements-dev.txt", {"dev"})],
)
def test_it_installs_again_what_a_changed_file_concerns(root: Path, changed: str, kinds: set[str]) -> None:
    before = {kind: bootstrap.stamp(root, kind) for kind in bootstrap.SETS}
    (root / changed).write_text("# something\n")
    assert {kind for kind in bootstrap.SETS if bootstrap.stamp(root, kind) != before[kind]} == kinds


def test_it_installs_again_for_another_python(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.stamp(root, "run")
    monkeypatch.setattr(bootstrap.sys, "version", "3.99.0 (another)")
    assert bootstrap.stamp(root, "run") != before


def test_it_leaves_no_stamp_when_the_installation_failed(root: Path) -> None:
    (root / "requirements.txt").write_text("./no-such-folder\n")
    with pytest.raises(bootstrap.BootstrapError, match="pip"):
        bootstrap.install(root, "run")
    assert not bootstrap.installed(root, "run")


def test_it_refuses_an_old_python(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 4))
    assert bootstrap.main("run") == 2
    assert "3.11" in capsys.readouterr().err
