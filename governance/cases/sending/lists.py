"""The list of forms that came twice with different words."""

from __future__ import annotations

from governance.cases.models import Conflict
from governance.frame.columns import Col
from governance.frame.lists import Listing


def _thing(conflict: Conflict) -> str:
    case = conflict.sent.case
    return f"{case.number} {case.category.name}" if case else str(conflict.sent.visit)


CONFLICTS = Listing(
    "内容不一致",
    [Col("登记", _thing, whole=True), Col("后一份收到于", "at")],
    order=("pk",),
    href="cases:conflict-settle",
    hint="这些表发送了两次，两次的内容不一样。两份都保留着，请您看一下以哪份为准。",
    unit="件",
    empty="没有内容不一致的提交。",
)
