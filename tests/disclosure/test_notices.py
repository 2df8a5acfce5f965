"""Publishing, withdrawing, objecting and answering: what is refused and by whom."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.forms import modelform_factory

from governance.accounts.models import User
from governance.disclosure.admin import NoticeForm
from governance.disclosure.errors import DisclosureError
from governance.disclosure.models import Notice, Objection
from governance.disclosure.notices import (
    notice_publish,
    notice_withdraw,
    objection_answer,
    objection_file,
)
from governance.periods import SHANGHAI, today
from tests.builders import make_cast, make_township, make_village
from tests.moral_bank.ledger.test_ledger import race
from villages.models import Unit

pytestmark = pytest.mark.django_db

COLUMNS = ["序号", "户主", "得分"]
OBJECTION: dict[str, Any] = {"row_number": 1, "name": "王小明", "phone": "15400000001", "text": "三月志愿服务漏记一次"}


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def cast(village: Unit) -> dict[str, User]:
    return make_cast(village.parent, village)  # type: ignore[arg-type]


def publish(village: Unit, by: User | None, **changes: Any) -> Notice:
    fields: dict[str, Any] = {
        "kind": Notice.Kind.RATING,
        "title": "八一村2026年3月评分公示",
        "reason": "月评分",
        "columns": COLUMNS,
        "rows": [["1", "王**", "82"], ["2", "李*", "60"]],
        "opens_on": date(2026, 4, 1),
        "closes_on": date(2026, 4, 5),
        "channel": "村务监督委员会",
        **changes,
    }
    return notice_publish(unit=village, by=by, **fields)


def test_it_publishes_for_both_days_of_the_window(village: Unit, cast: dict[str, User]) -> None:
    notice = publish(village, cast["staff"])
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 5), date(2026, 4, 6)]
    assert [notice.is_public(day) for day in days] == [False, True, True, False]
    assert [notice in Notice.objects.public(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    "row",
    [
        ["1", "王小明", "82"],
        ["1", "", "82"],
        ["1", "王**", "15400000001"],
        ["1", "王**", "154 0000 0001"],
        ["1", "王**", "１５４００００００００１"],
        ["1", "王**", "511929199001011234"],
        ["1", "王**", "51192919900101123X"],
        ["1", "王**"],
    ],
)
def test_it_refuses_rows_that_name_or_number_a_person(village: Unit, cast: dict[str, User], row: list[str]) -> None:
    with pytest.raises(DisclosureError):
        publish(village, cast["staff"], rows=[row])
    assert not Notice.objects.exists()


def test_it_refuses_a_number_in_the_title_or_a_window_that_ends_first(village: Unit, cast: dict[str, User]) -> None:
    with pytest.raises(DisclosureError):
        publish(village, cast["staff"], title="联系 15400000001")
    with pytest.raises(DisclosureError):
        publish(village, cast["staff"], closes_on=date(2026, 3, 31))


@pytest.mark.parametrize("duty", ["cadre", "leader", "supervisor", "yard_head", "system"])
def test_it_lets_only_publishers_publish_and_withdraw(village: Unit, cast: dict[str, User], duty: str) -> None:
    with pytest.raises(DisclosureError):
        publish(village, cast[duty])
    with pytest.raises(DisclosureError):
        notice_withdraw(notice=publish(village, None), reason="算错", by=cast[duty])


def test_it_withdraws_once_with_a_reason(village: Unit, cast: dict[str, User]) -> None:
    notice = publish(village, cast["staff"])
    with pytest.raises(DisclosureError):
        notice_withdraw(notice=notice, reason=" ", by=cast["staff"])
    withdrawn = notice_withdraw(notice=notice, reason="算错一户", by=cast["staff"])
    assert not withdrawn.is_public(date(2026, 4, 2))
    with pytest.raises(DisclosureError):
        notice_withdraw(notice=notice, reason="再撤", by=cast["staff"])


def test_a_running_notice_is_taken_down_by_a_person_alone(village: Unit, cast: dict[str, User]) -> None:
    """By the service and behind it; one that is over may be replaced by the portal."""
    late = datetime(2026, 4, 5, 23, 59, tzinfo=SHANGHAI)
    notice = publish(village, cast["staff"])
    with pytest.raises(DisclosureError, match="须由人确认"):
        notice_withdraw(notice=notice, reason="重新计算", by=None, at=late)
    running = Notice.objects.filter(pk=notice.pk)
    with pytest.raises(IntegrityError, match="须由人确认"), transaction.atomic():
        running.update(withdrawn_at=late)
    assert notice_withdraw(notice=notice, reason="重新计算", by=None, at=late + timedelta(minutes=2)).withdrawn_by is None


@pytest.mark.parametrize(
    ("moment", "taken"),
    [
        ("2026-03-31T15:59:59+00:00", False),
        ("2026-03-31T16:00:00+00:00", True),
        ("2026-04-05T15:59:59+00:00", True),
        ("2026-04-05T16:00:00+00:00", False),
    ],
)
def test_it_takes_objections_only_inside_the_window(village: Unit, moment: str, taken: bool) -> None:
    notice = publish(village, None)
    with time_machine.travel(moment, tick=False):
        if taken:
            assert objection_file(notice=notice, **OBJECTION).state == Objection.State.OPEN
        else:
            with pytest.raises(DisclosureError):
                objection_file(notice=notice, **OBJECTION)


@pytest.mark.parametrize(
    "change",
    [{"row_number": 0}, {"row_number": 3}, {"name": " "}, {"text": ""}, {"text": "长" * 501}, {"phone": "1540000"}],
)
@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_it_refuses_an_objection_that_cannot_be_answered(village: Unit, change: dict[str, Any]) -> None:
    with pytest.raises(DisclosureError):
        objection_file(notice=publish(village, None), **{**OBJECTION, **change})


@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_it_takes_no_objection_to_a_withdrawn_notice(village: Unit, cast: dict[str, User]) -> None:
    notice = notice_withdraw(notice=publish(village, None), reason="算错", by=cast["staff"])
    with pytest.raises(DisclosureError):
        objection_file(notice=notice, **OBJECTION)


@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_the_same_objection_stands_once(village: Unit) -> None:
    """With and without a line; another person, line or text is another objection. Numbers have no gap."""
    notice = publish(village, None)
    others: dict[str, Any] = {"name": "李秀英", "phone": "15400000002", "text": "别的"}
    changes: list[dict[str, Any]] = [{}, {"row_number": None}, {"row_number": 2}, *({key: value} for key, value in others.items())]
    first = [objection_file(notice=notice, **{**OBJECTION, **change}).number for change in changes]
    again = [objection_file(notice=notice, **{**OBJECTION, **change}).number for change in reversed(changes)]
    assert first == again[::-1] == [f"YY2026-{number:05d}" for number in range(1, 7)]
    assert objection_file(notice=publish(village, None), **OBJECTION).number == "YY2026-00007"


@pytest.mark.django_db(transaction=True)
def test_the_same_objection_sent_at_once_stands_once() -> None:
    """Eight sessions send it sixteen times: one row, one number for all of them, and none is turned away."""
    notice = publish(make_village(make_township()), None, opens_on=today(), closes_on=today())
    numbers = set[str]()

    def send(turn: int) -> bool:
        numbers.add(objection_file(notice=notice, **OBJECTION).number)
        return True

    assert race(8, 16, send) == 16
    assert [row.number for row in Objection.objects.all()] == [*numbers]


@pytest.mark.parametrize("row_number", [1, None])
@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_the_database_refuses_the_same_objection_and_one_without_a_number(village: Unit, row_number: int | None) -> None:
    objection_file(notice=publish(village, None), **{**OBJECTION, "row_number": row_number})
    columns = "number, notice_id, row_number, name, phone, text, received_at, answer_by, state, answer"
    copy = f"INSERT INTO disclosure_objection ({columns}) SELECT {columns} FROM disclosure_objection"
    for around in (copy, "UPDATE disclosure_objection SET number = ''"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(around)


@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_it_is_answered_once_in_words_by_the_office(village: Unit, cast: dict[str, User]) -> None:
    objection = objection_file(notice=publish(village, None), **OBJECTION)
    for by, answer in (
        (cast["staff"], " "),
        (cast["staff"], "长" * 501),
        (cast["cadre"], "属实"),
        (cast["audit"], "属实"),
    ):
        with pytest.raises(DisclosureError):
            objection_answer(objection=objection, upheld=True, answer=answer, by=by)
    answered = objection_answer(objection=objection, upheld=True, answer="属实，补记一次", by=cast["staff"])
    assert (answered.state, answered.answered_by) == (Objection.State.UPHELD, cast["staff"])
    with pytest.raises(DisclosureError):
        objection_answer(objection=objection, upheld=False, answer="改主意", by=cast["staff"])


@time_machine.travel("2026-04-02T04:00:00+00:00", tick=False)
def test_it_is_not_answered_by_another_township(village: Unit) -> None:
    objection = objection_file(notice=publish(village, None), **OBJECTION)
    other = make_village(make_township("511923103"), "九龙村委会", "511923103201")
    stranger = make_cast(other.parent, other)["staff"]  # type: ignore[arg-type]
    with pytest.raises(DisclosureError):
        objection_answer(objection=objection, upheld=True, answer="属实", by=stranger)


def test_it_takes_no_list_without_a_row() -> None:
    form = modelform_factory(Notice, NoticeForm, fields=["title"])
    assert form({"table": "户主 | 得分"}).errors["table"] == ["栏目下面至少要有一行名单。"]
