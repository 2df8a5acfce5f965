"""Print the matrix of duties and actions into docs/duties.md."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance.accounts.duties import MATRIX, Action, Duty, Guard

INTRODUCTION = """\
# 职务与操作

由 `python manage.py duties` 从 `governance/accounts/duties.py` 生成，请勿手改。● 表示可以；在哪里可以，由任职的单位决定。
"""


def matrix_markdown() -> str:
    """One table for the town's and villages' duties, one for 三员; actions as rows, duties as columns."""
    return f"{INTRODUCTION}\n## 业务职务\n\n{_table(list(Duty))}\n## 三员\n\n{_table(list(Guard))}"


def _table(holders: Sequence[Duty | Guard]) -> str:
    rows: list[list[str]] = [["操作", *(str(holder.label) for holder in holders)], ["---", *(":-:" for _ in holders)]]
    for action in Action:
        marks = ["●" if action in MATRIX[holder] else "" for holder in holders]
        if any(marks):
            rows.append([str(action.label), *marks])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


class Command(BaseCommand):
    help = "Write the matrix of duties and actions to docs/duties.md."

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.BASE_DIR / "docs" / "duties.md"
        target.write_text(matrix_markdown(), encoding="utf-8")
        self.stdout.write(str(target))
