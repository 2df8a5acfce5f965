"""An empty portal becomes a township once: the code, the units, 三员 and their slips; and nothing gets around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from governance.accounts.duties import Guard
from governance.accounts.models import AccessLog, User
from governance.guards import refused_by
from tests.builders import make_township, make_user
from tests.moral_bank.ledger.test_ledger import race
from villages.first_day.guards import MESSAGE
from villages.first_day.services import FirstDayError, GuardAccount, Slip, code_fits, first_code_make, township_begin
from villages.first_day.views import TRIES
from villages.models import FirstCode, Unit

pytestmark = pytest.mark.django_db
PEOPLE = {Guard.SYSTEM: "何平", Guard.SECURITY: "罗静", Guard.AUDIT: "苏宁"}
GUARDS = [GuardAccount(guard.value, name, f"{guard}1", f"1540000010{n}") for n, (guard, name) in enumerate(PEOPLE.items())]
SENT = {
    "name": "石桥镇",
    "township_code": "511929101000",
    "county": "柳河县",
    **{f"{one.guard}_{part}": getattr(one, part) for one in GUARDS for part in ("name", "username", "phone")},
}


@pytest.fixture(autouse=True)
def untried() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def start(code: str, name: str = "石桥镇") -> list[Slip]:
    return township_begin(code=code, county="柳河县", name=name, township_code="511929101000", guards=GUARDS)


def test_the_admin_leads_back_to_the_desk_and_to_the_duties_that_wait(client: Client) -> None:
    start(first_code_make())
    for guard, leads in (("security1", True), ("system1", False)):
        User.objects.filter(username=guard).update(must_change_password=False)
        client.force_login(User.objects.get(username=guard))
        page = client.get("/admin/").content.decode()
        assert (page.count('href="/"') > 1, 'href="/proposals/"' in page) == (True, leads)


def test_it_makes_the_township_and_three_who_must_change_their_passwords() -> None:
    slips = start(first_code_make().upper().replace("-", " "))
    assert list(Unit.objects.values_list("code", "name", "level")) == [
        ("511929000000", "柳河县", "county"),
        ("511929101000", "石桥镇", "township"),
    ]
    users = {user.username: user for user in User.objects.all()}
    assert [(slip.label, slip.name) for slip in slips] == [("系统管理员", "何平"), ("安全管理员", "罗静"), ("审计员", "苏宁")]
    for slip in slips:
        user = users[slip.username]
        assert user.guard == slip.guard and user.must_change_password and user.check_password(slip.password)
    assert AccessLog.objects.filter(kind="grant", user=users["system1"]).count() == 3
    assert slips[0].password not in str(list(FirstCode.objects.values())) + str(list(AccessLog.objects.values()))


def test_only_the_last_code_is_taken_and_only_once() -> None:
    old, code = first_code_make(), first_code_make()
    assert not code_fits(old) and not code_fits("") and code_fits(code)
    with pytest.raises(FirstDayError) as refused:
        start(old)
    assert refused.value.code == "code" and not User.objects.exists()
    start(code)
    assert not code_fits(code)
    for again in (lambda: start(code), first_code_make):
        with pytest.raises(FirstDayError) as refused:
            again()
        assert refused.value.code == "begun"


def test_a_code_made_before_does_not_open_what_has_begun_otherwise() -> None:
    code = first_code_make()
    make_township()
    with pytest.raises(FirstDayError) as refused:
        start(code)
    assert refused.value.code == "begun"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE villages_firstcode SET used_at = NULL",
        "DELETE FROM villages_firstcode",
        "INSERT INTO villages_firstcode (id, hash, made_at) VALUES (1, 'x', '2026-01-01T00:00Z')",
        "INSERT INTO villages_firstcode (id, hash, made_at) VALUES (2, 'x', '2026-01-01T00:00Z')",
    ],
)
def test_the_database_lets_nobody_begin_again(statement: str) -> None:
    start(first_code_make())
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert refused_by(refused.value) in (MESSAGE, "villages_firstcode.id", "first_code_is_one")


@pytest.mark.django_db(transaction=True)
def test_of_those_who_begin_at_once_one_does() -> None:
    code = first_code_make()

    def begins(number: int) -> bool:
        try:
            start(code, f"石桥{number}镇")
        except FirstDayError as error:
            assert error.code == "begun"
            return False
        return True

    assert race(4, 4, begins) == 1
    assert User.objects.count() == 3 and Unit.objects.count() == 2


def test_the_command_prints_the_link_and_refuses_when_the_house_has_begun() -> None:
    out = StringIO()
    call_command("begin", "--address", "http://127.0.0.1:8042/", stdout=out)
    link = re.search(r"http://127\.0\.0\.1:8042/begin/\?code=(\S+) ", out.getvalue())
    assert link and code_fits(link.group(1))
    make_user("somebody")
    with pytest.raises(CommandError, match="已经开通"):
        call_command("begin")


def test_an_empty_portal_says_how_to_begin_and_not_the_code(client: Client) -> None:
    code = first_code_make()
    page = client.get("/", follow=True).content.decode()
    assert "门户还没有开通" in page and 'href="/begin/"' in page and code not in page
    assert client.get("/public/").status_code == 200
    make_user("somebody")
    assert "门户还没有开通" not in client.get("/login/").content.decode()


def test_the_page_asks_for_the_code_then_for_the_township_and_shows_slips(client: Client) -> None:
    code = first_code_make()
    first = client.get("/begin/")
    assert "开通码" in first.content.decode() and "township_code" not in first.content.decode()
    assert first["X-Robots-Tag"].startswith("noindex")
    for page in (client.get("/begin/", {"code": code}), client.post("/begin/", {"code": code})):
        assert page.status_code == 200 and "township_code" in page.content.decode()
    bad = client.post("/begin/", {**SENT, "code": code, "township_code": "511929000000", "audit_username": "system1", "audit_phone": "12"})
    text = bad.content.decode()
    assert bad.status_code == 422 and "这是县的代码" in text and "登录名不能相同" in text and "不是 11 位手机号" in text

    done = client.post("/begin/", {**SENT, "code": code, "township_code": "５１１９２９１０１０００"})
    text = done.content.decode()
    assert done.status_code == 200 and "http://testserver/login/" in text
    passwords = re.findall(r"初始密码：<strong>([a-z0-9-]+)</strong>", text)
    for one, password in zip(GUARDS, passwords, strict=True):
        answer = Client().post("/login/", {"username": one.username, "password": password}, follow=True)
        assert one.name in text and answer.redirect_chain[-1][0] == "/password/"
    for page in (client.get("/begin/"), client.get("/begin/", {"code": code}), client.post("/begin/", {**SENT, "code": code})):
        assert page.status_code == 404


def test_a_form_sent_twice_shows_the_same_slips(client: Client) -> None:
    sent = {**SENT, "code": first_code_make(), "once": "5f0c2f5e-0000-4000-8000-000000000001"}
    first, second = (client.post("/begin/", sent) for _ in range(2))
    assert first.status_code == second.status_code == 200
    assert "初始密码" in second.content.decode() and first.content == second.content
    assert "no-store" in first["Cache-Control"] and "no-store" in second["Cache-Control"], "the browser keeps no passwords"
    assert User.objects.count() == 3


def test_guessing_is_slowed(client: Client) -> None:
    code = first_code_make()
    for _ in range(TRIES):
        wrong = client.post("/begin/", {"code": "aaaa-bbbb-cccc-dddd"})
        assert wrong.status_code == 422 and "开通码不对" in wrong.content.decode()
    slow = client.get("/begin/", {"code": code})
    assert slow.status_code == 429 and slow["Retry-After"] == "600"
    assert client.get("/begin/", {"code": code}, REMOTE_ADDR="10.0.0.9").status_code == 200
