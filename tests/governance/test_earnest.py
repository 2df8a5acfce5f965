"""In earnest: each wrong environment is refused by real processes, in Chinese and English, and the right one starts."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from governance.earnest import faults
from processes import poll, stop
from services import IN_EARNEST, free_port
from tests.builders import make_user

ROOT = Path(__file__).resolve().parent.parent.parent
RIGHT = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/portal",
    "SECRET_KEY": "q7RZk2vYw9TnXc4LmB8sHd3JfGp6KaEu5QoWiNyVtrMxCz1Ub0",
    "FIELD_KEY": "5e884898da28047151d0e56f8dc62927",
    "HASH_KEY": "6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090",
    "ALLOWED_HOSTS": "portal.example",
    "BEHIND_TLS": "1",
    "PROXY_COUNT": "1",
}
# What is wrong with it, the setting that is named for it.
WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no secret key": ({"SECRET_KEY": ""}, "SECRET_KEY"),
    "a short secret key": ({"SECRET_KEY": "secret"}, "SECRET_KEY"),
    "a secret key of one letter": ({"SECRET_KEY": "x" * 64}, "SECRET_KEY"),
    "no key of ID numbers": ({"FIELD_KEY": ""}, "FIELD_KEY"),
    "a short key of ID numbers": ({"FIELD_KEY": "5e884898"}, "FIELD_KEY"),
    "a key of ID numbers that is no hex": ({"FIELD_KEY": "z" + RIGHT["FIELD_KEY"][1:]}, "FIELD_KEY"),
    "no key of hashes": ({"HASH_KEY": ""}, "HASH_KEY"),
    "a long key of hashes": ({"HASH_KEY": RIGHT["HASH_KEY"] + "00"}, "HASH_KEY"),
    "one key for two": ({"SECRET_KEY": RIGHT["HASH_KEY"]}, "HASH_KEY"),
    "no host": ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS"),
    "any host": ({"ALLOWED_HOSTS": "portal.example,*"}, "ALLOWED_HOSTS"),
    "debugging": ({"DEBUG": "1"}, "DEBUG"),
    "TLS not said": ({"BEHIND_TLS": ""}, "BEHIND_TLS"),
    "TLS without the number of proxies": ({"PROXY_COUNT": ""}, "PROXY_COUNT"),
    "TLS with no proxy": ({"PROXY_COUNT": "0"}, "PROXY_COUNT"),
    "proxies that are no number": ({"PROXY_COUNT": "one"}, "PROXY_COUNT"),
    "forms from plain HTTP": ({"CSRF_TRUSTED_ORIGINS": "http://portal.example"}, "CSRF_TRUSTED_ORIGINS"),
}


def environment(var: Path, **changes: str) -> dict[str, str]:
    ours = (*RIGHT, "DEBUG", "CSRF_TRUSTED_ORIGINS", "REDIS_URL", "CACHE_REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")
    given = {name: value for name, value in os.environ.items() if name not in ours}
    return {**given, **{name: value for name, value in {**RIGHT, **changes}.items() if value}, "XIANGZHI_VAR": str(var)}


def run(var: Path, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    given = environment(var, **changes)
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("name", WRONG)
def test_the_web_process_does_not_start(name: str, tmp_path: Path) -> None:
    changes, setting = WRONG[name]
    done = run(tmp_path, "-c", "import governance.wsgi", **changes)
    assert done.returncode == 1
    (line,) = re.findall(rf"^- {setting}：(.+)$", done.stderr, re.MULTILINE)
    chinese, english = line.split(f" {setting}: ")
    assert re.search(r"[\u4e00-\u9fff]{4}", chinese) and re.search(r"[a-z]{2,} [a-z]{2,}", english)
    assert not any(tmp_path.glob("*_key")), "in earnest no key is made by itself"


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "celery", "-q", "--app=governance", "worker", "--pool=solo"),
        ("scripts/beat.py", "schedule"),
        ("scripts/prepare.py",),
        ("manage.py", "check", "--deploy"),
    ],
)
def test_nothing_else_starts_either(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, *(str(tmp_path / "schedule") if part == "schedule" else part for part in command), FIELD_KEY="")
    assert done.returncode == 1
    assert "FIELD_KEY：没有设置" in done.stderr and "FIELD_KEY: not set." in done.stderr


def test_the_check_is_silent_where_all_is_right(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level=WARNING")
    assert done.returncode == 0 and "no issues" in done.stdout + done.stderr


def test_the_trial_needs_no_settings_and_tests_have_theirs() -> None:
    assert faults({}) == faults({"BEHIND_TLS": "", "DEBUG": "1", "ALLOWED_HOSTS": "*"}) == []
    assert faults({"DATABASE_URL": "postgres://x", **IN_EARNEST}) == []


@pytest.mark.django_db(transaction=True)
def test_the_right_environment_starts_and_speaks_https_alone(tmp_path: Path) -> None:
    make_user("zhangsan")  # where nobody is, the login page has no form
    database = re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface=wsgi", f"--port={port}", "governance.wsgi:application"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path, DATABASE_URL=database), stdout=subprocess.DEVNULL, start_new_session=True
    )

    def answer(**headers: str) -> http.client.HTTPResponse:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        asked.request("GET", "/login/", headers={"Host": "portal.example", **headers})
        return asked.getresponse()

    def answers() -> bool:
        try:
            return answer().status == 301
        except OSError:
            return False

    try:
        assert poll(answers, alive=lambda: process.poll() is None, seconds=180)
        assert answer().headers["Location"] == "https://portal.example/login/"
        page = answer(**{"X-Forwarded-Proto": "https"})
        assert page.status == 200 and page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        assert "Secure" in page.headers["Set-Cookie"]
    finally:
        stop(process, signal.SIGTERM)
