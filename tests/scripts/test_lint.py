import sys
from pathlib import Path

import pytest
import yaml

import check_static
import lint


def test_it_checks_the_same_before_a_commit() -> None:
    (local,) = yaml.safe_load((lint.ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert local["repo"] == "local"
    assert {hook["id"]: hook["entry"] for hook in local["hooks"]} == {
        name: f".venv/bin/python scripts/lint.py --only {name}" for name in lint.CHECKS
    }
    assert not [hook["id"] for hook in local["hooks"] if hook["language"] != "system" or hook["pass_filenames"]]


def test_it_runs_all_and_tells_what_failed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    checks = {
        "bad": [sys.executable, "-c", "import sys, time; print('one'); time.sleep(0.3); print('two'); sys.exit(3)"],
        "good": [sys.executable, "-c", "print('unheard')"],
    }
    monkeypatch.setattr(lint, "CHECKS", checks)
    assert lint.main(list(checks)) == 1
    told = capsys.readouterr().out
    assert "one\ntwo\n" in told and "unheard" not in told
    assert "lint: good (" in told and told.endswith("lint failed: bad\n")
    assert lint.main(["good"]) == 0


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose npm makes node_modules and counts how often it is called."""
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}")
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\nmkdir -p node_modules\necho $1 >> calls\n")
    npm.chmod(0o755)
    monkeypatch.setattr(check_static, "VENV", tmp_path)
    return tmp_path


def test_it_installs_biome_once_and_again_when_its_pin_changed(root: Path) -> None:
    check_static.install(root)
    check_static.install(root)
    assert (root / "calls").read_text() == "ci\n"
    (root / "package-lock.json").write_text('{"changed": true}')
    check_static.install(root)
    assert (root / "calls").read_text() == "ci\nci\n"


def test_it_says_so_where_npm_cannot(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "npm").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(check_static, "ROOT", root)
    assert check_static.main([]) == 2
    assert "npm could not install Biome" in capsys.readouterr().err
    assert not (root / "node_modules" / "stamp").exists()
