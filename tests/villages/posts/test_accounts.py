"""Accounts by sheet: made by one, their duties granted by another, the first passwords on slips."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from governance.accounts.models import User
from governance.accounts.users import AccountError, first_passwords, new_accounts
from governance.frame.imports.payload import NEW, SAME
from tests.builders import (
    make_cast,
    make_household,
    make_resident,
    make_township,
    make_user,
    make_village,
    settlement_of,
)
from tests.pages import read
from villages.models import Post, Proposal
from villages.posts.account_import import ACCOUNT_IMPORT, AccountOutcome
from villages.posts.models import AccountImport
from villages.posts.proposals import proposals_grant, proposals_refuse
from villages.posts.services import PostError, post_appoint

pytestmark = pytest.mark.django_db
SHEET = (
    "姓名,电话,职务,单位,任期至,登录名\n"
    "何静,15400000101,镇工作人员,西兴镇,,\n"
    "杨志刚,15400000102,镇领导,西兴镇,2028-11-30,\n"
    "李国华,15400000103,村支书,八一村,2028-11-30,bayi-li\n"
    "何静,15400000104,村干部,八一村,,\n"
    "周敏,15400000105,大管家,八一村,,\n"
    "罗平,15400000106,审计员,,,\n"
)


class House:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village, vacant="audit")

    def read(self, text: str = SHEET) -> AccountImport:
        return ACCOUNT_IMPORT.read(file=text.encode(), filename="账号.csv", by=self.cast["system"])

    def commit(self, text: str = SHEET, include_look: bool = True) -> AccountOutcome:
        return ACCOUNT_IMPORT.commit(self.read(text), include_look=include_look, by=self.cast["system"])

    def waiting(self, role: str) -> list[Proposal]:
        return list(Proposal.objects.grantable_by(self.cast[role]).select_related("user"))


def test_it_opens_accounts_without_rights_and_proposes_duties() -> None:
    house = House()
    done = house.commit()
    assert (done.new, done.same, done.proposed, done.left_out) == (6, 0, 4, 0)
    made = {user.name: user for user in User.objects.exclude(username="hejing2") if user.phone.startswith("154000001")}
    assert {user.username for user in made.values()} == {"hejing", "yangzhigang", "bayi-li", "zhoumin", "luoping"}
    assert User.objects.get(username="hejing2").phone == "15400000104", "another of the same name"
    assert made["罗平"].guard == "audit"
    assert not any(user.actions() for user in made.values() if not user.guard)
    assert not any(user.has_usable_password() for user in made.values())


def test_the_same_sheet_again_changes_nothing() -> None:
    house = House()
    house.commit()
    for _ in range(2):
        sheet = house.read()
        assert {item.outcome for item in sheet.judged().rows} == {SAME}
        done = ACCOUNT_IMPORT.commit(sheet, include_look=True, by=house.cast["system"])
        assert (done.new, done.same, done.proposed) == (0, 6, 0)
        proposals_grant(proposals=house.waiting("security"), by=house.cast["security"])
        proposals_refuse(proposals=house.waiting("staff"), by=house.cast["staff"])


def test_a_second_one_of_a_kind_is_for_two_guards_to_make() -> None:
    house = House()
    text = "姓名,电话,职务\n甲,15400000501,审计员\n乙,15400000502,审计员\n丙,15400000503,系统管理员\n"
    rows = [item.row for item in house.read(text).judged().rows]
    assert [row.verdict == "refuse" for row in rows] == [False, True, True]
    assert "增设须由两位三员办理" in rows[1].reason and "已有系统管理员" in rows[2].reason


def test_it_says_what_it_would_not_guess() -> None:
    house = House()
    make_user("old", name="王芳", phone="15400000201")
    off = make_user("gone", name="钱进", phone="15400000202", is_active=False)
    text = (
        "姓名,电话,职务,单位,登录名\n王芳,15400000209,村干部,八一村,\n另一人,,村干部,八一村,old\n"
        f"{off.name},{off.phone},村干部,八一村,\n王芳,15400000201,审计员,,\n吴刚,,镇领导,八一村,\n丁一,,,,\n丁一,,,,\n"
    )
    rows = [item.row for item in house.read(text).judged().rows]
    assert [row.verdict for row in rows] == ["look", "refuse", "refuse", "refuse", "refuse", "take", "look"]
    for row, words in zip(
        rows, ("已有叫王芳的账号", "已是王芳的账号", "已停用", "三员不能兼任", "镇领导不设在", "", "按同一个人"), strict=True
    ):
        assert words in row.reason


def test_a_login_name_of_the_list_is_one_person_s() -> None:
    house = House()
    text = (
        "姓名,电话,职务,单位,登录名\n王暗示,15400000401,镇工作人员,西兴镇,\n王安石,15400000402,村干部,八一村,wanganshi\n"
        "李四光,15400000403,镇领导,西兴镇,wanganshi\n王安石,15400000402,镇领导,西兴镇,\n"
    )
    rows = [item.row for item in house.read(text).judged().rows]
    assert [(row.verdict, row.values["login"]) for row in rows] == [
        ("take", "wanganshi2"), ("take", "wanganshi"), ("refuse", None), ("take", "wanganshi"),
    ]  # fmt: skip
    assert "登录名 wanganshi 在表里是王安石的" in rows[2].reason
    house.commit(text)
    proposed = Proposal.objects.order_by("pk").values_list("user__name", "kind")
    assert list(proposed) == [("王暗示", "staff"), ("王安石", "cadre"), ("王安石", "leader")]


def test_a_name_alone_is_no_account_of_somebody_else() -> None:
    house = House()
    make_user("old", name="毛俊")
    text = "姓名,电话,职务,单位,登录名\n毛俊,,村干部,八一村,{}\n"
    (row,) = [item.row for item in house.read(text.format("")).judged().rows]
    assert (row.verdict, row.values["login"]) == ("look", "old")
    assert "已有叫毛俊的账号 old，没有电话" in row.reason
    assert house.commit(text.format("old"), include_look=False).proposed == 1, "the login name says who is meant"
    assert {item.outcome for item in house.read(text.format("")).judged().rows} == {SAME}


def test_town_duties_wait_for_the_security_administrator_the_others_for_staff() -> None:
    house = House()
    house.commit()
    assert [proposal.kind for proposal in house.waiting("security")] == ["leader", "staff"]
    assert [proposal.kind for proposal in house.waiting("staff")] == ["cadre", "secretary"]
    assert house.waiting("cadre") == house.waiting("system") == []
    done = proposals_grant(proposals=house.waiting("security"), by=house.cast["security"])
    assert (done.count, done.refusals) == (2, [])
    leader = Post.objects.get(user__username="yangzhigang")
    assert (leader.kind, leader.unit, leader.term_end) == ("leader", house.township, date(2028, 11, 30))
    rest = house.waiting("staff")
    for role in ("system", "security", "cadre"):
        done = proposals_grant(proposals=rest, by=house.cast[role])
        assert (done.count, len(done.refusals)) == (0, 2)
    with pytest.raises(PostError):
        proposals_refuse(proposals=rest, by=house.cast["security"])


def test_one_that_cannot_be_granted_stays_and_says_why() -> None:
    house = House()
    house.commit()
    done = proposals_grant(proposals=house.waiting("staff"), by=house.cast["staff"])
    assert done.count == 1, "there is a secretary in office"
    assert "请先办理卸任" in done.refusals[0]
    assert [proposal.kind for proposal in house.waiting("staff")] == ["secretary"]
    assert proposals_refuse(proposals=house.waiting("staff"), by=house.cast["staff"]) == 1
    assert house.waiting("staff") == []


def test_an_officer_of_the_register_gets_the_account_on_the_post_held() -> None:
    house = House()
    Post.objects.all().delete()
    staff = make_user("clerk", "staff", house.township)
    person = make_resident(make_household(house.village), "陈玉兰")
    yard = settlement_of(house.village)
    post = post_appoint(kind="yard_head", unit=yard, resident=person, appointed_on=date(2026, 3, 1), by=staff)
    house.commit("姓名,电话,职务,单位\n陈玉兰,15400000301,院户长,八一村柏树院\n")
    (proposal,) = Proposal.objects.grantable_by(staff)
    assert proposals_grant(proposals=[proposal], by=staff).count == 1
    post.refresh_from_db()
    assert post.user is not None and post.user.name == "陈玉兰"
    assert Post.objects.filter(kind="yard_head").count() == 1


def test_only_the_system_administrator_uploads() -> None:
    house = House()
    for role in ("security", "leader", "staff"):
        with pytest.raises(PostError):
            ACCOUNT_IMPORT.read(file=SHEET.encode(), filename="账号.csv", by=house.cast[role])


def test_the_database_wants_two_people_and_one_open_proposal() -> None:
    house = House()
    house.commit()
    proposal, system = house.waiting("security")[0], house.cast["system"].pk
    granted = "UPDATE villages_proposal SET state = 'granted', decided_at = CURRENT_TIMESTAMP, decided_by_id = {} WHERE id = {}"
    for by, name in ((system, "proposal_by_two"), ("NULL", "proposal_decided_fits")):
        with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(granted.format(by, proposal.pk))
    proposal.pk = None
    with pytest.raises(IntegrityError, match="proposal_once"), transaction.atomic():
        proposal.save(force_insert=True)


def test_slips_are_printed_once_and_again_when_told_to(client: Client) -> None:
    house = House()
    house.commit()
    system = house.cast["system"]
    client.force_login(system)
    page = read(client, system, "/admin/accounts/user/slips/")
    assert "6 个新账号还没有密码" in page
    slips = client.post("/admin/accounts/user/slips/", {"sent": "1"}).content.decode()
    assert slips.count("passwordslip") == 6
    password = slips.split('class="secret">')[1].split("<")[0]
    assert User.objects.get(username="hejing").check_password(password)
    again = client.post("/admin/accounts/user/slips/", {"sent": "1"})
    assert "没有要打印的" in again.content.decode()
    User.objects.filter(username="hejing").update(last_login="2026-03-01T00:00Z")
    printed = first_passwords(again=True, by=system)
    assert {user.username for user, _ in printed} == {"hejing2", "yangzhigang", "bayi-li", "zhoumin"}, "none of 三员"
    assert not new_accounts(printed=False, by=system).exists()
    for role in ("security", "staff"):
        with pytest.raises(AccountError):
            first_passwords(by=house.cast[role])


def test_the_page_grants_what_is_ticked(client: Client) -> None:
    house = House()
    house.commit()
    page = read(client, house.cast["security"], "/proposals/")
    assert "杨志刚" in page
    assert "李国华" not in page
    for path in ("/", "/admin/villages/post/"):
        assert 'href="/proposals/"' in read(client, house.cast["security"], path)
    leader, clerk = house.waiting("security")
    answer = client.post("/proposals/grant/", {"proposal": [leader.pk, house.waiting("staff")[0].pk]}, follow=True)
    assert "已授予 1 项职务" in answer.content.decode()
    client.post("/proposals/refuse/", {"proposal": clerk.pk})
    clerk.refresh_from_db()
    assert clerk.state == "refused"
    assert "请先勾选" in client.post("/proposals/grant/", {}, follow=True).content.decode()
    assert client.post("/proposals/else/", {"proposal": clerk.pk}).status_code in (302, 404)


def test_the_admin_shows_the_login_names_that_are_proposed(client: Client) -> None:
    house = House()
    sheet = house.read()
    page = read(client, house.cast["system"], f"/admin/villages/accountimport/{sheet.pk}/change/")
    for words in ("yangzhigang", "hejing2", "镇领导", "不认识的职务“大管家”"):
        assert words in page
    assert {item.outcome for item in sheet.judged().rows} == {NEW}
