"""`manage.py demo`: load the demo township once, and print its accounts every time; what is being loaded goes to stderr."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from governance.accounts.duties import Duty, Guard
from governance.demo import township
from governance.demo.county import load_county
from governance.demo.posts import LOGINS, PASSWORD
from governance.errors import DomainError
from governance.periods import Kind, Period, today
from villages.models import Unit

LEAST_HOUSEHOLDS = 500
VILLAGES = 14


class Command(BaseCommand):
    help = (
        "装入演示数据：四川省平昌县西兴镇（单位和代码属实，人和事均为虚构），并列出演示账号。再次运行不改动任何数据。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--villages", type=int, default=VILLAGES, help="村（社区）总数，多于 14 个的为虚构")
        parser.add_argument("--households", type=int, default=township.HOUSEHOLDS, help="总户数")
        parser.add_argument("--seed", type=int, default=township.SEED, help="随机种子：同一种子得同样的数据")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["households"] < LEAST_HOUSEHOLDS or options["villages"] < VILLAGES:
            raise CommandError(f"至少 {VILLAGES} 个村、{LEAST_HOUSEHOLDS} 户。")
        if 0 < options["villages"] - VILLAGES > options["households"] - township.HOUSEHOLDS:
            raise CommandError(f"西兴镇有 {township.HOUSEHOLDS} 户，其余每个虚构的村至少一户。")
        self.quiet = options["verbosity"] == 0
        if township.is_empty():
            self._load(**{name: options[name] for name in ("villages", "households", "seed")})
        elif not township.is_loaded():
            self.stdout.write("数据库中已有数据，未装入演示数据。")
            return
        self.stdout.write(accounts_table())

    def _load(self, *, villages: int, households: int, seed: int) -> None:
        """西兴镇 as it is; what goes beyond it is synthetic, with ten entries for three households in the last month."""
        extra = households - township.HOUSEHOLDS if villages > VILLAGES else 0
        try:
            with transaction.atomic():
                township.load_township(households=households - extra, seed=seed, stage=self._stage)
                if villages > VILLAGES:
                    month = Period.of(Kind.MONTH, today()).previous()
                    with self._stage("虚构的村"):
                        load_county(
                            villages=villages - VILLAGES,
                            households=extra,
                            entries_per_month=extra * 10 // 3,
                            months=[month],
                            residents=True,
                        )
        except DomainError as error:
            raise CommandError(error.message) from error

    @contextmanager
    def _stage(self, label: str) -> Iterator[None]:
        """One line on stderr: the label when the stage begins, its seconds when it ends."""
        began = time.monotonic()
        self._tell(f"{label} … ")
        yield
        self._tell(f"{time.monotonic() - began:.1f} s\n")

    def _tell(self, text: str) -> None:
        if not self.quiet:
            self.stderr.write(text, style_func=str, ending="")
            self.stderr.flush()


def accounts_table() -> str:
    """Duty, place, login name and password of each demo account, in columns for a terminal."""
    labels = {**dict(Duty.choices), **dict(Guard.choices)}
    places = {unit.code: unit for unit in Unit.objects.filter(code__in=[login.unit for login in LOGINS])}
    rows = [("职务", "单位", "登录名", "密码")]
    rows += [(labels[login.duty], _place(places.get(login.unit)), login.username, PASSWORD) for login in LOGINS]
    lines = ["演示账号（人和事均为虚构；演示账号首次登录不要求改密码，正式账号必须改）："]
    lines += ["  " + "".join(_padded(cell, 26) for cell in row).rstrip() for row in rows]
    lines.append("  各村书记另有账号，登录名为村名拼音加 -shuji，如 maan-shuji，密码相同。")
    return "\n".join(lines)


def _place(unit: Unit | None) -> str:
    if unit is None:
        return "—"
    if unit.level in (Unit.Level.GROUP, Unit.Level.SETTLEMENT):
        village = Unit.objects.get(code=unit.code[:12])
        return f"{village.short_name}{unit.name}"
    return unit.short_name


def _padded(text: str, columns: int) -> str:
    """`text` with blanks up to `columns`, a Chinese character counting as two."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return text + " " * (columns - len(text) - wide)
