"""One's own line of a list that hangs in the village: by house number and the passbook's code, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from governance.accounts.models import User
from governance.disclosure import own_views
from governance.disclosure.models import Notice
from moral_bank.models import Account, Passbook
from moral_bank.passbooks.own_line import own_line
from moral_bank.passbooks.services import passbook_code, passbook_issue, passbook_revoke, passbook_token
from tests.pages import Desk, read

pytestmark = pytest.mark.django_db


class Listed(Desk):
    """Three households of one name on a month's list, each with a passbook."""

    def __init__(self) -> None:
        super().__init__(3)
        for _ in range(2):
            self.enter(self.accounts[0])
        shown = self.noticed().notice
        assert shown
        self.notice: Notice = shown
        self.books = [passbook_issue(household=account.household, by=self.cast["staff"]) for account in self.accounts]

    def ask(self, house: str, code: str) -> Any:
        return Client().post(f"/public/notices/{self.notice.pk}/own/", {"house": house, "code": code})


@pytest.fixture
def listed() -> Iterator[Listed]:
    cache.clear()
    with time_machine.travel("2026-04-02T10:00:00+08:00", tick=False):
        yield Listed()


def house(account: Account) -> str:
    return account.household.number


def test_each_household_finds_its_own_line(listed: Listed) -> None:
    for account, book in zip(listed.accounts, listed.books, strict=True):
        number = own_line(listed.notice, house(account), passbook_code(book))
        assert number is not None and listed.notice.rows[number - 1][1] == house(account)
    answer = listed.ask(house(listed.accounts[0]), passbook_code(listed.books[0]))
    page = answer.content.decode()
    assert "no-store" in answer["Cache-Control"] and "noindex" in answer["X-Robots-Tag"]
    assert house(listed.accounts[0]) in page and "参加志愿服务 +5；参加志愿服务 +5" in page
    assert house(listed.accounts[1]) not in page


def test_a_wrong_house_and_a_wrong_code_get_the_same_answer(listed: Listed) -> None:
    first, second = listed.accounts[:2]
    code = passbook_code(listed.books[0])
    for number, typed in ((house(second), code), (house(first), passbook_code(listed.books[1])), ("九九九", code), ("0", "0" * 8)):
        answer = listed.ask(number, typed)
        assert answer.status_code == 422
        assert own_views.NOTHING in answer.content.decode()


def test_a_revoked_passbook_opens_nothing(listed: Listed) -> None:
    passbook_revoke(passbook=listed.books[0], reason="遗失", by=listed.cast["staff"])
    assert own_line(listed.notice, house(listed.accounts[0]), passbook_code(listed.books[0])) is None
    anew = passbook_issue(household=listed.accounts[0].household, by=listed.cast["staff"])
    assert own_line(listed.notice, house(listed.accounts[0]), passbook_code(anew)) is not None


def test_whoever_keeps_trying_is_told_to_wait(listed: Listed) -> None:
    statuses = [listed.ask(house(listed.accounts[0]), f"{number:08d}").status_code for number in range(own_views.GUESSING.tries + 1)]
    assert statuses == [422] * own_views.GUESSING.tries + [429]
    right = listed.ask(house(listed.accounts[0]), passbook_code(listed.books[0]))
    assert right.status_code == 429 and "Retry-After" in right


def test_it_stays_after_the_window_and_goes_with_the_notice(listed: Listed) -> None:
    with time_machine.travel("2026-05-02T10:00:00+08:00", tick=False):
        page = listed.ask(house(listed.accounts[0]), passbook_code(listed.books[0])).content.decode()
        assert "参加志愿服务" in page and "有异议" not in page
    Notice.objects.update(withdrawn_at="2026-04-03T00:00:00Z", withdrawn_reason="错", withdrawn_by=User.objects.first())
    assert listed.ask(house(listed.accounts[0]), passbook_code(listed.books[0])).status_code == 404


def test_the_code_stands_on_the_paper_and_behind_its_qr(listed: Listed) -> None:
    book = Passbook.objects.get(pk=listed.books[0].pk)
    code = passbook_code(book)
    words = f"查询码 {code[:4]} {code[4:]}"
    assert len({passbook_code(one) for one in listed.books}) == 3 and len(code) == 8
    assert words in read(Client(), listed.cast["staff"], f"/passbooks/{book.pk}/print/")
    assert words in Client().get(f"/public/passbook/{passbook_token(book)}/").content.decode()
    assert listed.ask(house(listed.accounts[0]), f"{code[:4]} {code[4:]}").status_code == 200
