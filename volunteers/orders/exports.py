"""志愿服务台账 in its usual headings: the one served is masked, phone and place are left out (domain.md §12)."""

from __future__ import annotations

from governance.cases.engine.exports import moment_text
from governance.frame.columns import Col
from governance.frame.exports import Book, Ledger, timed
from volunteers.models import ServiceOrder
from volunteers.orders.rows import masked_asker, need_words, runners, serving


def _judged(order: ServiceOrder) -> str:
    return f"{order.get_rating_display()}（{order.get_judged_how_display()}）" if order.rating else order.get_state_display()


def _remarks(order: ServiceOrder) -> str:
    return f"{order.number} {order.village}{' 应急' if order.is_emergency else ''}"


SERVICES = Ledger.of(
    "志愿服务台账",
    [
        Col("点单时间", lambda order: moment_text(order.asked_at), width=17),
        Col("点单人", masked_asker),
        Col("需求内容", need_words, width=36),
        Col("类别", "project.name", width=14),
        Col("派单时间", lambda order: moment_text(order.offered_at), width=17),
        Col("跑单人", runners, width=18),
        Col("完成时间", lambda order: moment_text(order.finished_at), width=17),
        Col("评单", _judged, width=14),
        Col("备注", _remarks, width=24),
        Col("状态", "get_state_display", width=10),
    ],
    related=("project", "village"),
    prefetch=(serving(),),
    order=("asked_at", "pk"),
    state="状态",
    numbered=True,
)
BOOKS = {"service-orders": Book(SERVICES, timed(ServiceOrder, "asked_at"))}
