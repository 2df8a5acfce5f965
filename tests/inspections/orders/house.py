"""An order in 八一村 taken as far as a test wants: staff issues, the secretary fixes, the supervisors re-check."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.models import Finding, Order, OrderExtension
from inspections.orders.services import (
    finding_add,
    order_ask_extension,
    order_check,
    order_decide_extension,
    order_issue,
    order_report,
    order_sign,
)
from tests.builders import make_user
from tests.inspections.house import RoundHouse, moment
from villages.models import Post

# Monday 2026-04-20; signed by Tuesday 21, put right by Wednesday 29 April: seven working days on.
ISSUED, SIGNED, REPORTED, CHECKED = (
    moment(text) for text in ("2026-04-20 09:00", "2026-04-20 15:00", "2026-04-23 10:00", "2026-04-24 10:00")
)
AFTER_SIGN, AFTER_FIX = moment("2026-04-22 00:15"), moment("2026-04-30 00:15")


SHADES = count()


def picture(name: str = "整改.png") -> SimpleUploadedFile:
    """Each clearly another, also once the phone has made it small: the same photo is kept once."""
    stream = BytesIO()
    Image.new("RGB", (20, 20), (next(SHADES) * 37 % 256, 90, 40)).save(stream, "PNG")
    return SimpleUploadedFile(name, stream.getvalue(), "image/png")


class OrderHouse(RoundHouse):
    """`secretary` of the first village; `cadre` is another of its people."""

    def __init__(self, villages: int = 2, code: str = "511923102") -> None:
        super().__init__(villages, code)
        self.secretary, self.cadre = self.cast["secretary"], self.cast["cadre"]
        self.village = self.villages[0]

    def doubled(self, username: str = "daiban") -> User:
        """Somebody of the office who is a cadre of the village as well."""
        user = make_user(username, Duty.STAFF, self.township)
        Post.objects.create(kind=Duty.CADRE, unit=self.village, user=user, appointed_on=date(2026, 1, 1))
        return user

    def finding(self, text: str = "2组垃圾池满溢", number: int = 0, **fields: Any) -> Finding:
        said = {"village": self.villages[number], "by": self.supervisor, "at": ISSUED, **fields}
        return finding_add(text=text, **said)

    def issue(self, *findings: Finding, kind: str = Order.Kind.NOTICE, number: int = 0, at: datetime = ISSUED) -> Order:
        found = list(findings) or [self.finding(number=number)]
        return order_issue(
            village=self.villages[number], kind=kind, requirement="七个工作日内清理完毕", findings=found, by=self.staff, at=at
        )

    def signed(self, at: datetime = SIGNED) -> Order:
        return order_sign(order=self.issue(), by=self.secretary, at=at)

    def asked(self, order: Order | None = None, until: str = "2026-05-08", at: datetime = SIGNED) -> OrderExtension:
        order = order or self.signed()
        day = moment(f"{until} 00:00").date()
        return order_ask_extension(order=order, until=day, reason="连续下雨，机械进不了场", by=self.secretary, at=at)

    def granted(self, extension: OrderExtension, by: User | None = None, at: datetime = REPORTED) -> OrderExtension:
        return order_decide_extension(extension=extension, granted=True, by=by or self.leader, at=at)

    def reported(self, order: Order | None = None, by: User | None = None, at: datetime = REPORTED) -> Order:
        return order_report(order=order or self.signed(), text="已清理干净", by=by or self.secretary, at=at)

    def checked(self, order: Order, passed: bool, by: User | None = None, at: datetime = CHECKED) -> Order:
        opinion = "现场已清理" if passed else "池边还有垃圾"
        return order_check(order=order, passed=passed, opinion=opinion, by=by or self.supervisor, at=at)

    def closed(self) -> Order:
        return self.checked(self.reported(), True)
