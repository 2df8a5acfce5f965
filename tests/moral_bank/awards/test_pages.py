"""The pages of 最美家庭, of the red list and of private reminders: scope, words, figures, papers."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook

from governance.disclosure.models import Notice
from governance.frame.due import lines_of
from governance.periods import today
from moral_bank.awards import honour_views as honours
from moral_bank.awards.due import KINDS
from moral_bank.awards.services import halves_open
from moral_bank.ledger.services import entry_post, entry_reverse
from moral_bank.models import Nomination, Rating, Reminder
from tests.answers import the
from tests.builders import make_account, make_cast, make_household, make_resident, make_village, settlement_of
from tests.moral_bank.awards.house import AwardHouse
from tests.moral_bank.awards.test_honours import quarter_of
from tests.moral_bank.closings.house import noon
from tests.pages import queries, read
from villages.households.services import household_move
from villages.models import Household, Post
from villages.units.services import units_merge

CANARY = "欧阳金丝雀"


@pytest.fixture
def house(db: None) -> AwardHouse:
    return AwardHouse()


def send(client: Client, house: AwardHouse, who: str, path: str, **data: object) -> tuple[int, str]:
    """Status and text of a POST by one of the cast, after its redirect."""
    client.force_login(house.cast[who])
    answer = client.post(path, data, follow=True)
    return answer.status_code, answer.content.decode()


def test_it_keeps_what_was_typed_and_says_what_is_missing(client: Client, house: AwardHouse) -> None:
    said = {"household": house.accounts[0].household_id, "half": "2026-H1", "source": "body", "nominator": "", "story": "照顾老人"}
    status, page = send(client, house, "cadre", "/awards/new/", **said)
    assert status == 422 and "请写明提名的人或组织。" in page and "照顾老人</textarea>" in page
    status, page = send(client, house, "cadre", "/awards/new/", **{**said, "nominator": "村妇联", "story": ""})
    assert status == 422 and "请写主要事迹。" in page and 'value="村妇联"' in page
    status, page = send(client, house, "cadre", "/awards/new/", **{**said, "nominator": "村妇联"})
    assert status == 200 and "已提名王小明户" in page and "登记村评议" in page
    assert send(client, house, "cadre", "/awards/new/", **{**said, "nominator": "村妇联"})[0] == 422


def test_it_names_kin_in_office_before_the_vote(client: Client, house: AwardHouse) -> None:
    row = house.nominate()
    son = make_resident(row.account.household, "王小强")
    Post.objects.create(kind="group_head", unit=house.village, resident=son, appointed_on=date(2026, 1, 1))
    assert "王小强（村民小组长）" in read(client, house.cast["secretary"], f"/awards/{row.pk}/")
    said = {"held_on": "2026-07-06", "present": 9, "yes": 8, "no": 0, "recused": ""}
    status, page = send(client, house, "secretary", f"/awards/{row.pk}/judge/", **said)
    assert status == 422 and "应当回避，请写进回避人员" in page and 'value="9"' in page
    status, page = send(client, house, "secretary", f"/awards/{row.pk}/judge/", **{**said, "recused": "王小强"})
    assert status == 200 and "村评议通过" in page


def test_it_goes_on_to_the_next_vote_of_the_same_meeting(client: Client, house: AwardHouse) -> None:
    first, second = house.nominate(), house.nominate(house.accounts[1])
    said = {"held_on": "2026-07-06", "present": 9, "yes": 8, "no": 0}
    client.force_login(house.cast["secretary"])
    answer = client.post(f"/awards/{first.pk}/judge/", said)
    assert answer["Location"] == f"/awards/{second.pk}/"
    page = read(client, house.cast["secretary"], f"/awards/{second.pk}/")
    assert 'value="2026-07-06"' in page and 'name="present" value="9"' in page
    third = house.nominate(house.accounts[2], at=noon(2026, 7, 8))
    assert 'value="2026-07-06"' not in read(client, house.cast["secretary"], f"/awards/{third.pk}/")


def test_it_publishes_on_the_board_and_confirms_afterwards(client: Client, house: AwardHouse) -> None:
    row = house.judge(house.nominate())
    status, page = send(client, house, "staff", f"/awards/board/{house.village.pk}/", half="2026-H1")
    assert status == 200 and "已公示" in page
    notice = Notice.objects.get(kind="award")
    shown = read(client, house.cast["staff"], f"/public/notices/{notice.pk}/")
    assert "王**" in shown and "王小明" not in shown and "照顾独居老人" not in shown
    assert "公示期到" in send(client, house, "staff", f"/awards/{row.pk}/confirm/")[1]
    past(notice)
    status, page = send(client, house, "staff", f"/awards/{row.pk}/confirm/")
    assert status == 200 and "证书编号 西兴镇2026上美0001" in page


def past(notice: Notice) -> None:
    """The notice as if it had been shown last week."""
    day = today() - timedelta(days=7)
    Notice.objects.filter(pk=notice.pk).update(opens_on=day, closes_on=day + timedelta(days=2))


def test_it_offers_no_half_that_has_its_notice(client: Client, house: AwardHouse) -> None:
    """Of the two halves that take nominations, the ended one has been noticed."""
    half = halves_open(today())[0]
    home = house.accounts[1].household_id
    assert f'value="{half}"' in read(client, house.cast["cadre"], f"/awards/new/?household={home}")
    day = today()
    notice = Notice.objects.create(unit=house.village, kind="award", title="x", opens_on=day, closes_on=day)
    row = house.late(house.accounts[0], half=half.start)
    row = house.judge(row, held_on=day, at=timezone.now())
    Nomination.objects.filter(pk=row.pk).update(state="noticed", notice=notice, notice_row=1)
    page = read(client, house.cast["cadre"], f"/awards/new/?household={home}")
    assert f'value="{half}"' not in page and f'value="{half.next()}"' in page
    said = {"household": home, "half": str(half), "source": "body", "nominator": "村妇联", "story": "照顾老人"}
    status, page = send(client, house, "cadre", "/awards/new/", **said)
    assert status == 422 and "这个半年已经公示" in page
    page = read(client, house.cast["cadre"], f"/awards/candidates/?half={half}")
    assert "的最美家庭已经公示，不再受理提名。" in page and "提名这一户" not in page


def test_it_lists_a_moved_or_merged_nomination_with_its_village(client: Client, house: AwardHouse) -> None:
    house.nominate()
    staff, other = house.cast["staff"], make_village(house.township, "马鞍村委会", "511923102202")
    household_move(household=house.accounts[0].household, unit=settlement_of(other), by=staff, on=today())
    page, elsewhere = (read(client, staff, f"/awards/?village={village.pk}") for village in (house.village, other))
    assert "共 1 户" in page and "共 0 户" in elsewhere
    third = make_village(house.township, "石门村委会", "511923102203")
    units_merge(sources=[house.village], into=third, on=today(), by=staff)
    assert f'href="/awards/?half=2026-H1&amp;village={third.pk}"' in read(client, staff, "/awards/board/?half=2026-H1")
    page, elsewhere = (read(client, staff, f"/awards/?village={village.pk}") for village in (third, other))
    assert "共 1 户" in page and "共 0 户" in elsewhere


def test_it_takes_the_whole_notice_back(client: Client, house: AwardHouse) -> None:
    row = house.judge(house.nominate())
    notice = house.publish()
    path = f"/awards/{row.pk}/withdraw/"
    assert "撤回整个公示" in read(client, house.cast["staff"], f"/awards/{row.pk}/")
    assert "撤回整个公示" not in read(client, house.cast["secretary"], f"/awards/{row.pk}/")
    status, page = send(client, house, "staff", path, reason="")
    assert status == 422 and "请写明原因。" in page
    status, page = send(client, house, "staff", path, reason="没有开会")
    assert status == 200 and "已撤回八一村的公示" in page and ">公示</button>" in page
    notice.refresh_from_db()
    assert notice.withdrawn_reason == "没有开会"
    assert "这个公示" not in send(client, house, "staff", f"/awards/board/{house.village.pk}/", half="2026-H1")[1]


def test_it_says_that_objections_were_dismissed(client: Client, house: AwardHouse) -> None:
    (row,), notice = house.noticed()
    past(notice)
    assert "公示期满，没有异议。" in read(client, house.cast["staff"], f"/awards/{row.pk}/")
    notice.objections.create(
        number="YY2026-00001", row_number=1, name="赵六", phone="15400000009", text="不实", answer_by=today(),
        state="dismissed", answer="属实", answered_at=timezone.now(),
    )  # fmt: skip
    assert "公示期满，异议已答复、不成立。" in read(client, house.cast["staff"], f"/awards/{row.pk}/")


def test_it_prints_the_next_lot(client: Client, house: AwardHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(honours, "PRINTED", 1)
    numbers = [house.confirm(row).number for row in house.noticed(*house.accounts[:2])[0]]
    for paper in ("certificate", "plate"):
        first = read(client, house.cast["staff"], f"/honours/print/{paper}/?kind=family")
        assert numbers[0] in first and numbers[1] not in first and 'href="?kind=family&amp;page=2">下一批' in first
        last = read(client, house.cast["staff"], f"/honours/print/{paper}/?kind=family&page=2")
        assert numbers[1] in last and "下一批" not in last and 'href="/honours/?kind=family"' in last


def test_it_proposes_within_reach_only(client: Client, house: AwardHouse) -> None:
    house.lock("2026-01")
    page = read(client, house.cast["yard_head"], "/awards/candidates/?half=2026-H1")
    assert page.count("提名这一户") == 3 and "平均" in page
    pk = house.accounts[0].household_id
    status, page = send(client, house, "yard_head", f"/awards/candidates/{pk}/", half="2026-H1")
    assert status == 200 and Nomination.objects.get().source == "score" and page.count("提名这一户") == 2
    assert send(client, house, "yard_head", f"/awards/candidates/{pk}/", half="2026-Q1")[0] == 404


def test_it_proposes_nobody_where_village_or_half_year_is_wrong(client: Client, house: AwardHouse) -> None:
    house.lock("2026-01")
    make_village(house.township, "马鞍村委会", "511923102202")
    wrong = ("village=zzz", "village=0", "half=zzz", "half=2020-H1")
    for duty, query in [(duty, query) for duty in ("staff", "cadre") for query in wrong]:
        page = read(client, house.cast[duty], f"/awards/candidates/?{query}")
        assert 'class="error"' in page and "筛选条件有误" in page and "提名这一户" not in page, query
    page = read(client, house.cast["staff"], f"/awards/candidates/?village={house.village.pk}&half=2026-H1")
    assert page.count("提名这一户") == 3 and f'<option value="{house.village.pk}" selected>' in page


def test_it_shows_lists_in_a_fixed_number_of_queries(client: Client, house: AwardHouse) -> None:
    house.family()
    quarter_of(house)
    pages = {"/awards/": "cadre", "/honours/": "cadre", "/honours/print/certificate/": "staff", "/awards/board/?half=2026-H1": "staff",
             "/reminders/": "yard_head", "/reminders/print/": "yard_head", "/honours/sheet/": "cadre"}  # fmt: skip
    few = {path: queries(client, house.cast[who], path) for path, who in pages.items()}
    others = house.accounts[1:]
    for account in others:
        row = house.judge(house.late(account))
        Nomination.objects.filter(pk=row.pk).update(state="noticed", notice=Notice.objects.get(kind="award"), notice_row=2)
        house.confirm(Nomination.objects.get(pk=row.pk))
    starless(house)
    assert {path: queries(client, house.cast[who], path) for path, who in pages.items()} == few


def starless(house: AwardHouse) -> None:
    """The second quarter, locked, with two households without a star."""
    for account in house.accounts[:2]:
        house.enter("L1", date(2026, 5, 2), account)
    for text in ("2026-04", "2026-05", "2026-06", "2026-Q2"):
        house.lock(text)
    assert Rating.objects.filter(closing__start=date(2026, 4, 1), closing__kind="quarter", stars=0).count() == 2


def test_it_takes_revoked_honours_off_every_list(client: Client, house: AwardHouse) -> None:
    honour = house.family()
    assert "王**" in client.get(f"/public/{house.village.code}/honours/").content.decode()
    status, _ = send(client, house, "staff", f"/honours/{honour.pk}/revoke/", reason="")
    assert status == 422
    assert "请收回证书和牌" in send(client, house, "staff", f"/honours/{honour.pk}/revoke/", reason="弄虚作假")[1]
    client.logout()
    assert "王**" not in client.get(f"/public/{house.village.code}/honours/").content.decode()
    staff = house.cast["staff"]
    for path in ("/honours/", "/honours/sheet/", "/honours/sheet/?state=revoked", "/honours/print/certificate/?state=revoked"):
        assert honour.number not in (page := read(client, staff, path)) and "王**" not in page
    assert honour.number in read(client, staff, "/honours/?state=revoked")
    for paper in ("print/certificate", "print/plate", "docx"):
        assert client.get(f"/honours/{honour.pk}/{paper}/").status_code == 404


def test_it_prints_the_full_name_on_the_certificate_alone(client: Client, house: AwardHouse) -> None:
    Household.objects.filter(pk=house.accounts[0].household_id).update(head_name=CANARY, address="柏树院9号")
    make_resident(house.accounts[0].household, CANARY, "511929199001010018", phone="15400000009")
    honour = house.family()
    staff = house.cast["staff"]
    paper = read(client, staff, f"/honours/{honour.pk}/print/certificate/")
    assert f"{CANARY}户：" in paper and honour.number in paper and "2026年上半年" in paper
    answer = client.get(f"/honours/{honour.pk}/docx/")
    text = "\n".join(line.text for line in Document(BytesIO(answer.getvalue())).paragraphs)
    assert "荣誉证书" in text and f"{CANARY}户" in text and "西兴镇人民政府" in text
    plate = read(client, staff, f"/honours/{honour.pk}/print/plate/")
    client.logout()
    public = [client.get(path).content.decode() for path in (f"/public/{house.village.code}/honours/", f"/public/{house.village.code}/")]
    sheet = read(client, staff, "/honours/sheet/")
    for page in (*public, sheet, plate):
        assert CANARY not in page
    for page in (*public, sheet, plate, paper, text):
        assert not any(secret in page for secret in ("511929199001010018", "15400000009", "柏树院9号"))


def test_it_has_no_public_black_list(client: Client, house: AwardHouse) -> None:
    """Neither households without stars nor those with a veto are on any public page once notices have ended."""
    shamed = make_household(house.village, CANARY, number="H7701")
    vetoed = make_household(house.village, "尉迟金丝雀", number="H7702")
    house.accounts = [*house.accounts, make_account(shamed), make_account(vetoed)]
    house.enter("L1", date(2026, 3, 2), house.accounts[3])
    house.enter("V1", date(2026, 3, 2), house.accounts[4])
    quarter_of(house)
    assert Rating.objects.filter(closing__kind="quarter", stars=0).count() == 3
    Reminder.objects.create(
        rating=Rating.objects.get(closing__kind="quarter", account=house.accounts[3]), told_on=date(2026, 4, 10),
        told_by=house.cast["cadre"], note="x", recorded_at=timezone.now(),
    )  # fmt: skip
    Notice.objects.update(closes_on=today() - timedelta(days=1))
    for path in ("/public/", f"/public/{house.village.code}/", f"/public/{house.village.code}/honours/", "/reminders/", "/"):
        page = client.get(path, follow=True).content.decode()
        assert not any(words in page for words in ("欧阳", "尉迟", "H7701", "H7702", "不评星", "一票否决"))


def test_it_tells_reminders_to_those_who_may_speak_to_the_household(client: Client, house: AwardHouse) -> None:
    rating = quarter_of(house)
    page = read(client, house.cast["yard_head"], "/reminders/")
    assert "共 1 户" in page and "待提醒" in page
    slip = read(client, house.cast["yard_head"], f"/reminders/{rating.pk}/slip/")
    assert "参与赌博" in slip and "-10" in slip and "申诉一次" in slip and "王小明户　亲启" in slip
    stranger = make_cast(house.township, make_village(house.township, "马鞍村委会", "511923102202"))["yard_head"]
    assert "没有要提醒的户" in read(client, stranger, "/reminders/")
    for path in (f"/reminders/{rating.pk}/", f"/reminders/{rating.pk}/slip/"):
        assert client.get(path).status_code == 404
    client.force_login(house.cast["leader"])
    assert client.get("/reminders/").status_code == 404
    day = str(today())
    status, page = send(client, house, "yard_head", f"/reminders/{rating.pk}/told/", told_on="2026-01-01", note="不再赌博")
    assert status == 422 and "季度锁定之后" in page and "不再赌博</textarea>" in page
    status, page = send(client, house, "yard_head", f"/reminders/{rating.pk}/told/", told_on=day, note="不再赌博")
    assert status == 200 and "已记下提醒王小明户" in page
    assert "没有符合的户" in read(client, house.cast["yard_head"], "/reminders/?told=0")


def test_it_keeps_others_out_of_the_slip(client: Client, house: AwardHouse) -> None:
    """What was typed beside an entry may name a neighbour; the slip takes the deed's own words."""
    entry_post(
        account=house.accounts[0], deed=house.deed("L1"), occurred_on=date(2026, 3, 3), by=house.cast["staff"],
        source_key="noted", memo=f"参与赌博（与{CANARY}）", at=noon(2026, 3, 4),
    )  # fmt: skip
    rating = quarter_of(house)
    assert CANARY not in read(client, house.cast["yard_head"], f"/reminders/{rating.pk}/slip/")


def test_it_says_on_the_slip_what_was_taken_back_and_what_vetoed(client: Client, house: AwardHouse) -> None:
    said: dict[str, Any] = {"reason": f"替{CANARY}记的", "by": house.cast["staff"]}
    gain = house.enter("S1", date(2026, 3, 10))
    entry_reverse(entry=gain, occurred_on=date(2026, 4, 3), at=noon(2026, 4, 3), **said)
    veto = house.enter("V1", date(2026, 5, 5), house.accounts[1])
    for text in ("2026-04", "2026-05", "2026-06", "2026-Q2"):
        house.lock(text)
    entry_reverse(entry=veto, at=noon(2026, 7, 20), **said)
    taken, vetoed = Rating.objects.filter(closing__kind="quarter", stars=0).order_by("account")
    page = read(client, house.cast["yard_head"], f"/reminders/{taken.pk}/slip/")
    assert "4月3日 冲正3月10日的加分：参加志愿服务" in page and "-5" in page
    assert "没有扣分记录" not in page and CANARY not in page
    assert "虐待老人（一票否决）" in read(client, house.cast["yard_head"], f"/reminders/{vetoed.pk}/slip/")


def test_it_exports_its_ledgers(client: Client, house: AwardHouse) -> None:
    honour = house.family()
    quarter_of(house)
    client.force_login(house.cast["cadre"])
    expected = {
        "/awards/export/": "照顾独居老人三年",
        "/honours/export/": honour.number,
        "/reminders/export/": "不评星",
        "/ledgers/honours/xlsx/?period=2026": honour.number,
        "/ledgers/nominations/xlsx/?period=2026": honour.number,
    }
    for path, words in expected.items():
        answer = client.get(path)
        assert answer.status_code == 200, path
        sheet = load_workbook(BytesIO(answer.getvalue())).active
        assert words in {str(cell.value) for row in sheet.iter_rows() for cell in row}, path
    client.force_login(house.cast["yard_head"])
    assert client.get("/reminders/export/").status_code == 404


def test_it_asks_each_for_what_waits_for_them(client: Client, house: AwardHouse) -> None:
    def asked(who: str) -> list[str]:
        return [todo.title for todo in lines_of(KINDS, house.cast[who], timezone.now())]

    row = house.nominate()
    assert (asked("secretary"), asked("yard_head"), asked("staff")) == (["最美家庭村评议"], [], [])
    house.judge(row)
    past(house.publish())
    assert (asked("secretary"), asked("staff")) == ([], ["最美家庭审定"])
    quarter = quarter_of(house)
    later = the(quarter.closing.locked_at) + timedelta(days=3)
    (todo,) = lines_of(KINDS, house.cast["yard_head"], later)
    assert (todo.title, todo.words) == ("整改提醒", "2026年第1季度：1 户待当面提醒")
    assert lines_of(KINDS, house.cast["yard_head"], later + timedelta(days=200)) == []


def test_it_shows_the_objection_beside_the_row(client: Client, house: AwardHouse) -> None:
    (row,), notice = house.noticed()
    said = {"name": "赵六", "phone": "15400000009", "text": "不实情况"}
    notice.objections.create(number="YY2026-00001", row_number=1, answer_by=today(), **said)
    page = read(client, house.cast["staff"], f"/awards/{row.pk}/")
    assert "不实情况" in page and "去答复" in page and "15400000009" not in page
    past(notice)
    assert "有 1 条异议待答复" in read(client, house.cast["staff"], f"/awards/{row.pk}/")
