"""The desk's part of the matrix."""

from __future__ import annotations

from typing import Any

from governance.accounts.duties import Action
from governance.desk.superior.services import form_fill, form_keep
from governance.periods import Kind, Period, today
from tests.desk.superior.templates import village_figures
from tests.matrix import LOGGED_IN, PUBLIC, Page

# A form is its township's: whoever exports in one of its villages sees it, and fills that village's rows.
TOWN = (200, 404)

PAGES: dict[str, Page] = {
    "desk:home": Page(LOGGED_IN),
    "desk:village-report": Page(Action.UNIT_VIEW),
    "desk:more": Page(LOGGED_IN),
    "desk:due-list": Page(LOGGED_IN, arguments=(("key", "return-visit"),)),
    "desk:due-late": Page(LOGGED_IN, arguments=(("key", "return-visit"),)),
    "desk:failed-list": Page(LOGGED_IN),
    "desk:failed-again": Page(LOGGED_IN, method="post", answers=(404,), arguments=(("kind", "closing"), ("pk", "0"))),
    "desk:handbook": Page(LOGGED_IN),
    "desk:handbook-page": Page(LOGGED_IN, arguments=(("name", "volunteers"),)),
    "desk:ledger-list": Page(Action.EXPORT),
    "desk:ledger-export": Page(Action.EXPORT, arguments=(("name", "disputes"),)),
    "desk:ledger-print": Page(Action.EXPORT, arguments=(("name", "errands"),)),
    "desk:superior-list": Page(Action.EXPORT),
    "desk:superior-create": Page(Action.EXPORT),
    "desk:superior-detail": Page(Action.EXPORT, "superior_form", denied=TOWN),
    "desk:superior-layout": Page(Action.EXPORT, "superior_form", denied=TOWN),
    "desk:superior-map": Page(Action.EXPORT, "superior_form", denied=TOWN),
    "desk:superior-fill": Page(Action.EXPORT, "superior_form", method="post", answers=(302, 422), denied=(404, 422)),
    "desk:superior-replace": Page(Action.EXPORT, "superior_form", denied=TOWN),
    "desk:superior-delete": Page(Action.EXPORT, "superior_form", denied=TOWN),
    "desk:superior-download": Page(Action.EXPORT, "superior_filling", answers=(200, 404)),
    "desk:repeat": Page(LOGGED_IN, method="post"),
    "desk:repeat-list": Page(Action.REPEAT_VIEW),
    "public:board": Page(PUBLIC),
    "public:duty": Page(PUBLIC),
    "public:running": Page(PUBLIC),
    "public:turn-to": Page(PUBLIC, arguments=(("about", "report"),)),
    "public:people": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
    "public:village": Page(PUBLIC, "village", arguments=(("code", "511923102201"),)),
}


def build(house: Any) -> None:
    """A superior's form that was filled once."""
    staff = house.cast["staff"]
    house.superior_form = form_keep(
        township=house.township, name="人口月报", office="县农业农村局", file=village_figures(), filename="表.xlsx", by=staff
    )
    house.superior_filling = form_fill(form=house.superior_form, period=Period.of(Kind.MONTH, today()), by=staff)
