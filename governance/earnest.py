"""In earnest (DATABASE_URL is set) the portal does not start with settings that would lose data or let somebody in: `manage.py
check --deploy` names them all, and web, worker and beat refuse to start. In Chinese and English, for whoever puts it up."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

KEYS = {"SECRET_KEY": r"\S{50,}", "FIELD_KEY": r"[0-9a-fA-F]{32}", "HASH_KEY": r"[0-9a-fA-F]{64}"}
SHAPES = {
    "SECRET_KEY": ("至少 50 个不含空格的字符", "at least 50 characters without spaces"),
    "FIELD_KEY": ("32 位十六进制", "32 hex digits"),
    "HASH_KEY": ("64 位十六进制", "64 hex digits"),
}
TRUE = ("true", "on", "ok", "y", "yes", "1")  # as django-environ reads them


@dataclass(frozen=True)
class Fault:
    """A setting with which the portal must not run."""

    setting: str
    chinese: str
    english: str

    def __str__(self) -> str:
        return f"{self.setting}：{self.chinese} {self.setting}: {self.english}"


def faults(environ: Mapping[str, str]) -> list[Fault]:
    """All faults of an environment; none on trial, which keeps keys of its own and is open to this machine alone."""
    if not environ.get("DATABASE_URL"):
        return []
    return [*_keys(environ), *_hosts(environ), *_proxies(environ)]


def _keys(environ: Mapping[str, str]) -> Iterator[Fault]:
    given = {name: environ.get(name, "") for name in KEYS}
    for name, value in given.items():
        chinese, english = SHAPES[name]
        if not value:
            yield Fault(name, f"没有设置。应为{chinese}，每台机器都用同一个。", f"not set. It is {english}, the same on every machine.")
        elif not re.fullmatch(KEYS[name], value) or len(set(value)) < 5:
            yield Fault(name, f"格式不对。应为{chinese}，随机生成。", f"of the wrong form. It is {english}, made at random.")
    if all(given.values()) and len(set(given.values())) < len(given):
        yield Fault("HASH_KEY", "与另一把密钥相同，每把密钥须各自生成。", "the same as another key; each has to be made by itself.")


def _hosts(environ: Mapping[str, str]) -> Iterator[Fault]:
    hosts = [host.strip() for host in environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts:
        yield Fault("ALLOWED_HOSTS", "没有设置。请写门户的域名。", "not set. Name the portal's host.")
    if "*" in hosts:
        yield Fault("ALLOWED_HOSTS", "不能是 *。请写门户的域名。", "must not be *. Name the portal's host.")
    if _is_true(environ, "DEBUG"):
        yield Fault("DEBUG", "正式使用时不能打开，出错页会显示内部信息。", "must be off, since its pages of errors show what is inside.")


def _proxies(environ: Mapping[str, str]) -> Iterator[Fault]:
    count = environ.get("PROXY_COUNT", "0")
    if not count.isdecimal():
        yield Fault("PROXY_COUNT", "应为前面可信代理的个数。", "the number of trusted proxies in front.")
    if not environ.get("BEHIND_TLS"):
        chinese = "没有说明。在 HTTPS 代理之后写 1；确实只在内网用 HTTP 的写 0，手机将不能离线填写。"
        yield Fault("BEHIND_TLS", chinese, "not said. 1 behind a TLS proxy; 0 for plain HTTP within, where phones write nothing offline.")
    if not _is_true(environ, "BEHIND_TLS"):
        return
    if count == "0":
        chinese = "在 HTTPS 代理之后须写明代理个数（通常是 1），否则所有人都是同一个地址，一人输错密码，别人也被锁定。"
        yield Fault("PROXY_COUNT", chinese, "behind a TLS proxy say how many (mostly 1): else all callers share one address and one lock.")
    if any(not one.strip().startswith("https://") for one in environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if one.strip()):
        yield Fault("CSRF_TRUSTED_ORIGINS", "在 HTTPS 代理之后只能写 https:// 开头的地址。", "behind a TLS proxy only https:// origins.")


def _is_true(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in TRUE


def refuse(**_: Any) -> None:
    """Exit with code 1 and all faults on stderr where there are any; also for Celery's signals."""
    if found := faults(os.environ):
        sys.stderr.write("设置有误，没有启动。 The portal does not start with these settings:\n")
        sys.stderr.writelines(f"- {fault}\n" for fault in found)
        sys.stderr.flush()
        raise SystemExit(1)


def report(**_: Any) -> list[CheckMessage]:
    """For `check --deploy`."""
    return [Error(str(fault), id="earnest.E001") for fault in faults(os.environ)]


def connect() -> None:
    """For the ground's first app to call when all apps are ready."""
    register(report, Tags.security, deploy=True)
