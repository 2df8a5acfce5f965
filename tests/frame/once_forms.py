"""The matrix's house made ready to take every form, and what a form needs that cannot be guessed from its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance.accounts.duties import Duty
from governance.cases.disputes.services import mediator_set, sitting_add
from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.cases.models import Agreement, Conflict
from governance.councils.decisions.sheet_import import DECISION_IMPORT
from governance.councils.models import Clause, Covenant
from governance.disclosure.models import Affair, Notice, Objection
from governance.periods import today
from inspections.cards.setting_up import checklists_set_up
from inspections.checks.sheet_import import CHECK_IMPORT
from inspections.models import Finding, Reply, Round
from inspections.orders.services import order_report, order_sign
from moral_bank.closings.services import closing_compute, closing_publish
from moral_bank.market.services import redemption_hand
from moral_bank.models import Claim, Closing, Nomination, PanelMember, Redemption
from moral_bank.rules.models import Head
from tests.builders import PASSWORD, make_account, make_deed, make_entry, make_household, make_rule_set, make_unit
from tests.desk.superior.templates import village_figures
from tests.inspections.orders.house import picture
from tests.matrix import MARK
from tests.test_matrix import House
from villages.economy.heads import scheme_of
from villages.economy.sheet_import import ECONOMY_IMPORT
from villages.facilities.sheet_import import FACILITY_IMPORT
from villages.models import NumberSeries, Post, Proposal
from villages.posts.account_import import ACCOUNT_IMPORT
from villages.posts.officer_import import OFFICER_IMPORT
from villages.roster.services import ROSTER_IMPORT
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.models import ServiceOrder, StarRule, Volunteer
from volunteers.orders.services import Ask, offer_accept, order_ask, order_offer, run_finish, slip_issue
from volunteers.people.sheet_import import HOURS_IMPORT

EVERYONE = "secretary"  # in this house also clerk, leader, supervisor, cadre and overseer
Values = Callable[["FullHouse"], dict[str, Any]]


ROSTER = "村,组,户号,户主,姓名\n八一村,1组,0101,王小明,王小明\n"
ACCOUNTS = "姓名,电话,职务,单位\n丙,15400000030,镇工作人员,西兴镇\n丁,15400000031,村干部,八一村\n"
OFFICERS = f"村,聚居点,姓名,职务\n八一村,二院,{MARK},院户长\n"
CHECKS = f"村,户主,月份,得分\n八一村,{MARK},2026-03,95\n"
CARE = f"村,姓名,类别\n八一村,{MARK},独居老人\n"
HOURS = f"村,姓名,服务日期,时长\n八一村,{MARK},2026-03-05,2小时\n"
DECISIONS = f"村,提议事项,提议时间\n八一村,{MARK}硬化道路,2026-03-02\n"
ECONOMY = "村,年度,经营收入,投资收益\n八一村,2024,1,2\n"
FACILITIES = "村,类型,名称,启用日期\n八一村,文化广场,广场,2025-03-02\n"
DISPUTES = "序号,受理日期,纠纷类别,当事人,基本情况\n1,2026-03-02,邻里,甲、乙,争吵\n"


class FullHouse(House):
    """Points to spend, a second yard, a household nobody lives in, imports that wait, a conflict that can be settled."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What the rooms' matrices build."""

    def __init__(self) -> None:
        super().__init__()
        clerk, user = self.cast["staff"], self.cast[EVERYONE]
        town = dict.fromkeys((Duty.STAFF, Duty.LEADER, Duty.SUPERVISOR, Duty.ID_KEEPER), self.township)
        for duty, unit in {**town, Duty.CADRE: self.village, Duty.OVERSEER: self.village}.items():
            Post.objects.create(kind=duty, unit=unit, user=user, appointed_on=date(2026, 1, 1))
        for day in range(10, 15):
            make_entry(self.account, self.deed, date(2026, 3, day), clerk)
        self.empty_home = make_household(self.village, "空户")
        self.other_yard = make_unit("settlement", "二院", f"{self.yard.code[:-3]}002", self.yard.parent)
        self.roster = ROSTER_IMPORT.read(file=ROSTER.encode(), filename="表.csv", township=self.township, by=clerk)
        self.ledger = DISPUTE_IMPORT.read(file=DISPUTES.encode(), filename="表.csv", township=self.township, by=clerk)
        payload = {"category": str(self.case.category_id), "unit": str(self.yard.pk), "text": "第二次"}
        Conflict.objects.filter(pk=self.conflict.pk).update(payload=payload)

        self.hours_import = HOURS_IMPORT.read(file=HOURS.encode(), filename="表.csv", township=self.township, by=clerk)
        self.account_import = ACCOUNT_IMPORT.read(file=ACCOUNTS.encode(), filename="表.csv", by=self.cast["system"])
        self.officer_import = OFFICER_IMPORT.read(file=OFFICERS.encode(), filename="表.csv", township=self.township, by=clerk)
        self.decision_import = DECISION_IMPORT.read(file=DECISIONS.encode(), filename="表.csv", township=self.township, by=clerk)
        self._propose()
        checklists_set_up(township=self.township)
        self.check_import = CHECK_IMPORT.read(file=CHECKS.encode(), filename="表.csv", township=self.township, by=clerk)
        self.economy_import = ECONOMY_IMPORT.read(file=ECONOMY.encode(), filename="表.csv", township=self.township, by=clerk)
        self.facility_import = FACILITY_IMPORT.read(file=FACILITIES.encode(), filename="表.csv", township=self.township, by=clerk)
        self.care_import = CARE_IMPORT.read(file=CARE.encode(), filename="表.csv", township=self.township, by=clerk)
        self.loose = Finding.objects.create(village=self.village, text="x", found_by=clerk, found_at=timezone.now())
        self.members = list(PanelMember.objects.filter(village=self.village))
        self.verified = Claim.objects.create(
            account=make_account(self.empty_home), deed=self.deed, occurred_on=today() - timedelta(days=1), score=5,
            state="verified", declared_by=self.cast["cadre"], declared_at=timezone.now(),
            decided_by=self.cast["yard_head"], decided_at=timezone.now(),
        )  # fmt: skip

        self._add_own_orders()

    def _propose(self) -> None:
        """A duty of the town and one of the village that wait for who grants them."""
        for duty, unit in {Duty.LEADER: self.township, Duty.OVERSEER: self.village}.items():
            Proposal.objects.create(user=self.user, kind=duty, unit=unit, proposed_by=self.cast["system"])

    def _add_own_orders(self) -> None:
        """Everybody's account is a volunteer's, too: asked to take one order, on the way with another; and a slip is out."""
        user, cadre = self.cast[EVERYONE], self.cast["cadre"]
        own = Volunteer.objects.create(
            township=self.township, village=self.village, user=user, name="乙", name_pinyin="yi", phone="15400000010",
            state="active", joined_on=date(2026, 1, 1), adult_on=date(2000, 1, 1), id_hash="yi",
        )  # fmt: skip
        ask = Ask(project=self.errand_project, unit=self.yard, name="李婆婆", phone="15400000011", text="买米")
        asked, taken = order_ask(ask=ask, by=cadre), order_ask(ask=ask, by=cadre)
        for order in (asked, taken):
            order_offer(order=order, volunteers=[own], by=cadre)
        offer_accept(order=taken, volunteer=own, by=user)
        self.slip = slip_issue(order=self.served_order, by=cadre)

    def more_pages(self) -> list[tuple[str, str]]:
        """Addresses with what stands behind their question mark, and pages that show others something else."""
        home, village, card = self.empty_home.pk, self.village.pk, self.card.pk
        return [
            (f"/cards/{card}/score/", "supervisor"),
            (f"/cards/{card}/lines/{self.card_item.pk}/", "supervisor"),
            (f"/claims/batch/?place={village}", EVERYONE),
            (f"/bodies/{self.rites_body.pk}/", EVERYONE),
            (f"/cases/{self.errand.pk}/", EVERYONE),
            (f"/claims/{self.claim.pk}/", "yard_head"),
            (f"/claims/{self.claim.pk}/", "staff"),
            ("/claims/", "yard_head"),
            (f"/orders/new/?finding={self.loose.pk}", EVERYONE),
            (f"/panels/{village}/add/?resident={self.resident.pk}", EVERYONE),
            (f"/awards/new/?household={home}", EVERYONE),
            (f"/fronts/walk/?unit={self.yard.pk}", EVERYONE),
            (f"/shifts/?village={village}", "staff"),
            (f"/households/{home}/passbook/", EVERYONE),
            ("/inbox/", "staff"),
            (f"/service-orders/{self.served_order.pk}/", EVERYONE),
            (f"/public/judge/{self.slip}/", ""),
            *((f"/affairs/{one.turn_id}/", EVERYONE) for one in (self.affair_draft, self.affair_review, self.affair_reviewed)),
        ]


def _let(house: FullHouse) -> dict[str, Any]:
    return {"begins_on": "2026-01-01", "runs_out_on": "2028-01-01", "yearly_fen": "12.50"}


def nothing(house: FullHouse) -> dict[str, Any]:
    return {}


def _csv(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("表.csv", text.encode())


def mediator_of(house: FullHouse) -> Post:
    return Post.objects.get(kind=Duty.MEDIATOR, unit=house.yard)


def _later(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def _mediated(house: FullHouse) -> dict[str, Any]:
    mediator_set(case=house.dispute, post=mediator_of(house), by=house.cast["staff"])
    return {"held_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"), "outcome": "agreed"}


def _sat(house: FullHouse) -> dict[str, Any]:
    Agreement.objects.filter(dispute=house.dispute.dispute).delete()
    _mediated(house)
    terms: dict[str, Any] = {"place": "村委会", "present": "甲、乙", "content": "谈妥", "outcome": "agreed"}
    sitting_add(case=house.dispute, held_at=timezone.now(), by=house.cast["staff"], **terms)
    return {}


def _titled(house: FullHouse) -> dict[str, Any]:
    """The list that is to be published bears nobody's name: it went back for that, and was looked at again."""
    reviewed, signed = Affair.objects.filter(pk=house.affair_reviewed.pk), house.affair_reviewed
    reviewed.update(state="draft", submitted_at=None, reviewed_by=None, reviewed_at=None)
    reviewed.update(title="电费")
    reviewed.update(state="review", submitted_at=signed.submitted_at)
    reviewed.update(state="reviewed", reviewed_by=signed.reviewed_by, reviewed_at=signed.reviewed_at)
    return {}


def _named(house: FullHouse) -> dict[str, Any]:
    """The covenant bears nobody's name."""
    Covenant.objects.filter(pk=house.covenant.pk).update(title="走访制度")
    return {}


def _answered(house: FullHouse) -> dict[str, Any]:
    """The township has said why the marked clause may stand."""
    answered = {"answer": "村民会议议定", "answered_by": house.cast["staff"], "answered_at": timezone.now()}
    Clause.objects.filter(version=house.covenant_version).update(**answered)
    return _named(house)


def _rewarding(house: FullHouse) -> dict[str, Any]:
    """The rules have a deed for who comes to a meeting."""
    rules = make_rule_set(house.township, adopted=False, version=9, valid_from=date(2026, 6, 1))
    deed = make_deed(rules, "P9", Head.PARTICIPATION, "参加院坝会", 3)
    rules.state, rules.adopted_at = "adopted", timezone.now()
    rules.save()
    return {"deed": deed.pk}


def _vacant(house: FullHouse) -> dict[str, Any]:
    """Nobody holds a duty of the settlement that is put to the vote."""
    Post.objects.filter(unit=house.yard, kind=Duty.YARD_HEAD).update(ended_on=today())
    return {Duty.YARD_HEAD: house.resident.pk}


def _handed(house: FullHouse) -> dict[str, Any]:
    held = Redemption.objects.get(pk=house.redemption.pk)
    redemption_hand(redemption=held, code=held.code, collector=house.resident.name, by=house.cast[EVERYONE])
    return {}


def _replying(house: FullHouse) -> dict[str, Any]:
    now = timezone.now()
    Round.objects.filter(pk=house.round.pk).update(
        state="replying", computed_at=now, handed_at=now, reply_due_at=now + timedelta(days=2)
    )
    return {}


def _reply_open(house: FullHouse) -> dict[str, Any]:
    _replying(house)
    return {"upheld": False, "answer": "核对无误"}


def _reply_answered(house: FullHouse) -> dict[str, Any]:
    _replied(house)
    return {**_replying(house), "item": house.card_item.pk}


def _replied(house: FullHouse) -> dict[str, Any]:
    """The days for replies are over, and each has its answer."""
    now = timezone.now()
    handed = {"computed_at": now, "handed_at": now - timedelta(days=9), "reply_due_at": now - timedelta(days=2)}
    Round.objects.filter(pk=house.round.pk).update(state="replying", **handed)
    answered = {"state": "dismissed", "answer": "x", "decided_by": house.cast["supervisor"], "decided_at": now}
    Reply.objects.filter(card__round=house.round).update(**answered)
    return {}


def _planned(house: FullHouse) -> dict[str, Any]:
    Round.objects.filter(pk=house.round.pk).update(state="planned")
    return {}


def _signed(house: FullHouse) -> dict[str, Any]:
    order_sign(order=house.order, by=house.cast[EVERYONE])
    return {"text": "清了"}


def _reported(house: FullHouse) -> dict[str, Any]:
    order_report(order=house.order, by=house.cast[EVERYONE], **_signed(house))
    return {"passed": True, "opinion": "属实"}


def _rejected(house: FullHouse) -> dict[str, Any]:
    decided = {"decided_by": house.cast["yard_head"], "decided_at": timezone.now()}
    Claim.objects.filter(pk=house.claim.pk).update(state="rejected", reason="不属实", **decided)
    return {}


def _shown(house: FullHouse) -> dict[str, Any]:
    day, county = date(2026, 7, 6), house.township.parent
    assert county is not None
    NumberSeries.objects.create(unit=county, prefix="西兴镇2026上美", last=1)
    notice = Notice.objects.create(unit=house.village, kind="award", title="x", opens_on=day, closes_on=day)
    voted = {"judged_on": day, "present": 3, "votes_yes": 3, "votes_no": 0}
    for fields in ({"state": "recommended", **voted}, {"state": "noticed", "notice": notice, "notice_row": 1}):
        Nomination.objects.filter(pk=house.nomination.pk).update(**fields)
    return {}


def _over(house: FullHouse) -> dict[str, Any]:
    """Its notice ran long ago, and nobody waits for an answer."""
    answered = {"state": "dismissed", "answer": "x", "answered_by": house.cast["staff"], "answered_at": timezone.now()}
    Objection.objects.filter(notice=house.notice).update(**answered)
    over = timezone.localdate() - timedelta(days=90)
    Notice.objects.filter(pk=house.notice.pk).update(opens_on=over, closes_on=over)
    return {}


def _computed(house: FullHouse, at: datetime | None = None) -> dict[str, Any]:
    _over(house)
    closing_compute(house.closing.pk, at)
    return {}


def _to_take_down(house: FullHouse) -> dict[str, Any]:
    Objection.objects.filter(notice=house.notice).update(
        state="dismissed", answer="x", answered_by=house.cast["staff"], answered_at=timezone.now()
    )
    return {"withdrawn_reason": "漏记一次"}


def _noticed(house: FullHouse) -> dict[str, Any]:
    at = timezone.now() - timedelta(days=30)
    _computed(house, at)
    closing_publish(closing=Closing.objects.get(pk=house.closing.pk), at=at)
    return {}


def _four_stars(house: FullHouse) -> dict[str, Any]:
    StarRule.objects.filter(stars=5).delete()
    return {"stars": 5, "hours": 1500}


def _card_in_force(house: FullHouse) -> dict[str, Any]:
    rules = make_rule_set(house.township, adopted=False, version=9, valid_from=date(2026, 6, 1))
    for code, score in (("W01", 10), ("W11", -5)):
        make_deed(rules, code, Head.SANITATION, code, score)
    rules.state, rules.adopted_at = "adopted", timezone.now()
    rules.save()
    checklists_set_up(township=house.township)
    return {"month": f"{today():%Y-%m}-01", "household": house.empty_home.pk, "faults": {}}


def _called(house: FullHouse) -> dict[str, Any]:
    ServiceOrder.objects.filter(pk=house.service_order.pk).update(state="callback")
    return {"note": "是本人"}


def _served(house: FullHouse) -> dict[str, Any]:
    order, runner = house.service_order, house.cast["volunteer"]
    order_offer(order=order, volunteers=[house.volunteer], by=house.cast["cadre"])
    run_finish(run=offer_accept(order=order, volunteer=house.volunteer, by=runner), by=runner)
    return {}


VALUES: dict[str, Values] = {
    "accounts:second-app": lambda house: {"password": PASSWORD},
    "villages:unit-load step check": lambda house: {"table": "511923102299 新村委会", "step": "save"},
    "villages:unit-places step check": lambda house: {"table": "八一村 9组：新院子", "step": "save"},
    "moral_bank:panel-load step check": lambda house: {
        "table": f"{house.village}：{house.resident.name}（{house.resident.household.number}）", "step": "save",
    },
    "villages:resident-whole": lambda house: {"village": "", "reason": "送民政局核对补贴"},
    "volunteers:order-dispatch": lambda house: {"team": "", "confirmed": "1"},
    "volunteers:order-log": lambda house: {"phone": "15400000012"},
    **dict.fromkeys(
        ("disclosure:affair-draft", "disclosure:affair-edit"),
        lambda house: {"title": "电费", "table": "项目\t金额\n电费\t90", "file": ""},
    ),
    "disclosure:affair-publish": _titled,
    "disclosure:activity-edit": lambda house: {"title": "坝坝舞", "place": "村广场"},
    **dict.fromkeys(("disclosure:power-create", "disclosure:power-edit"), lambda house: {"steps": "甲|审批|当天", "code": "xin"}),
    "disclosure:activity-record": lambda house: {"turnout": 40},
    "admin:disclosure_affairkind_add": lambda house: {"code": "ceshi2", "day": 20, "month": 1, "workdays": 5, "hangs_days": 30},
    "admin:disclosure_power_add": lambda house: {"code": "ceshi2", "steps": "甲|审批", "errand": "", "decision": ""},
    "councils:seat-load": lambda house: {
        "names": f"{house.resident.name}（{house.resident.household.number}）", "term_end": "",
    },
    "councils:meeting-reward": _rewarding,
    "councils:decision-step": lambda house: {"entitled": 5, "present": 5, "yes": 5, "text": "一人已调离"},
    "councils:decision-begin": lambda house: {"unit": house.village.pk, "money": "", "households": ""},
    "councils:item-decide": lambda house: {"purpose": "出行不便", "money": "", "households": ""},
    "councils:decision-nominees": _vacant,
    "councils:covenant-create": lambda house: {"unit": house.village.pk, "topic": ""},
    "councils:covenant-draft": _named,
    "councils:covenant-record": lambda house: {"valid_from": "2021-03-05", "history_note": "村民会议通过"},
    "councils:covenant-set": _answered,
    "admin:councils_decisionkind_add": lambda house: {"code": "ceshi"},
    "moral_bank:redemption-refund": _handed,
    "inspections:reply-create": _reply_answered,
    "inspections:round-plan": _planned,
    "inspections:round-send-back": _replied,
    "admin:moral_bank_closing_compute": _over,
    "admin:moral_bank_closing_publish": _computed,
    "admin:moral_bank_closing_lock": _noticed,
    "admin:inspections_order_recheck": _reported,
    "moral_bank:rule-import": lambda house: {"file": _csv("编号,五类,事项,评分\nW7,环境卫生评比,垃圾不分类,-15\n")},
    "moral_bank:claim-import": lambda house: {"file": _csv("户主,户号,积分事由,发生日期,分值\n空户,1,庭院示范户,2026-03-02,5\n")},
    "moral_bank:award-judge": lambda house: {"present": 3, "yes": 3, "no": 0, "recused": house.resident.name},
    "moral_bank:market-hand": lambda house: {"code": house.redemption.code},
    "moral_bank:market-take-create": lambda house: {
        f"counted-{house.lot.pk}": 9, f"reason-{house.lot.pk}": "多了一块",
        "witness": f"{house.resident.name}（{house.resident.household.number}）",
    },
    "moral_bank:market-paper": lambda house: {
        "held_by": house.cast["staff"].pk, "handed_by": house.cast["cadre"].pk, "home-1": house.household.number,
        "item-1": house.goods.name, "quantity-1": 1, "collector-1": house.resident.name,
    },
    "moral_bank:household-redeem": lambda house: {f"pick-{house.goods.pk}": 1},
    "moral_bank:redemption-hand": lambda house: {"code": house.redemption.code, "collector": house.resident.name},
    "moral_bank:expiry-create": lambda house: {"expires_on": _later(63)},  # after the next month, from whatever day
    "moral_bank:sitting-create": lambda house: {f"whole-{house.verified.pk}": "yes"},
    "cases:case-log": lambda house: {"confirmed": "on"},
    "cases:sitting-add": _mediated,
    "cases:agreement": _sat,
    "cases:shift-kinds": lambda house: {"ends": "17:30"},
    "inspections:card-photo-add": lambda house: {"photo": picture()},
    "inspections:front-import step check": lambda house: {
        "unit": house.yard.pk, "table": "店名\t责任人\t位置\t联系电话\n小卖部\t王五\t2号\t15400990019", "step": "save",
    },
    "desk:superior-create": lambda house: {"name": "新表", "file": SimpleUploadedFile("表.xlsx", village_figures())},
    "desk:superior-replace": lambda house: {"file": SimpleUploadedFile("表.xlsx", village_figures())},
    "admin:villages_calendarday_load": lambda house: {"year": 2029, "file": _csv("日期,名称,类型\n2029-01-01,元旦,休\n")},
    "admin:villages_household_move": lambda house: {"unit": house.other_yard.pk, "number": "0999"},
    "admin:villages_household_add": lambda house: {"unit": house.yard.pk, "number": "0998"},
    "admin:villages_resident_add": lambda house: {"household": house.household.pk, "new_id_number": "511929198001010016"},
    "admin:villages_post_add": lambda house: {
        "unit": house.village.pk, "kind": Duty.CADRE, "resident": house.resident.pk, "term_end": "",
    },
    "admin:villages_accountimport_add": lambda house: {"file": _csv(ACCOUNTS)},
    "villages:officer-import": lambda house: {"file": _csv(OFFICERS)},
    "admin:villages_economyimport_add": lambda house: {"file": _csv(ECONOMY)},
    "admin:villages_facilityimport_add": lambda house: {"file": _csv(FACILITIES)},
    "villages:facility-create": lambda house: {"unit": house.village.pk, "kind": "cunshi", "name": "村史馆", "since": "2026-01-01"},
    "villages:facility-edit": lambda house: {
        "unit": house.yard.pk, "kind": "laji", "name": "投放点", "since": "2026-01-01", "served": "", "connected": "", "latitude": "",
        "longitude": "",
    },
    "villages:facility-check": lambda house: {"outcome": "fine", "on": today().isoformat()},
    "villages:facility-check-correct": lambda house: {"outcome": "fine", "on": today().isoformat()},
    "villages:facility-end": lambda house: {"on": today().isoformat()},
    "villages:lease-create": _let,
    "villages:lease-edit": _let,
    "villages:lease-renew": lambda house: {"begins_on": "2027-01-01", "runs_out_on": "2029-01-01", "yearly_fen": "12.50"},
    "villages:lease-end": lambda house: {"on": today().isoformat()},
    "villages:economy-write": lambda house: {head.key: "12.50" for head in scheme_of(2023).heads},
    "admin:villages_rosterimport_add": lambda house: {"file": _csv(ROSTER)},
    "admin:villages_unit_merge": lambda house: {"name": "新村", "code": "511923102299"},
    "admin:villages_unit_split": lambda house: {
        "name_0": "东村", "code_0": "511923102298", "name_1": "西村", "code_1": "511923102299",
    },
    "admin:villages_unit_add": lambda house: {
        "parent": house.village.pk, "level": "group", "name": "九组", "code": "", "valid_from": "2026-01-01",
    },
    "admin:disclosure_notice_add": lambda house: {"table": "户主 | 分数\n王** | 5"},
    "admin:moral_bank_deed_add": lambda house: {
        "rule_set": house.rule_draft.pk, "score": 3, "code": "T1", "by_quantity": [], "score_high": "",
    },
    "admin:cases_category_add": lambda house: {"code": "ceshi", "kind": "event"},
    "admin:cases_office_add": lambda house: {"code": "ceshi"},
    "admin:cases_servicekind_add": lambda house: {"code": "ceshi"},
    "admin:cases_returnrule_add": lambda house: {"day": 99},
    "admin:cases_disputeimport_add": lambda house: {"file": _csv(DISPUTES)},
    "admin:councils_decisionimport_add": lambda house: {"file": _csv(DECISIONS)},
    "admin:volunteers_hoursimport_add": lambda house: {"file": _csv(HOURS)},
    "admin:inspections_checkimport_add": lambda house: {"file": _csv(CHECKS)},
    "admin:volunteers_careimport_add": lambda house: {"file": _csv(CARE)},
    "admin:volunteers_starrule_add": _four_stars,
    "admin:volunteers_project_add": lambda house: {"code": "ceshi"},
    "volunteers:volunteer-register": lambda house: {"id_number": "511929198001010024", "guardian_consented_on": "", "username": ""},
    "volunteers:volunteer-change": lambda house: {"guardian_consented_on": "", "username": ""},
    "admin:inspections_checklist_import step check": lambda house: {
        "table": "考核项目\t分值\t考核内容\t分值\t评分办法\n环境\t10\t乱堆\t10\t每处扣1", "step": "save",
    },
}  # fmt: skip

# Forms that this house cannot be made to take in one step, and why. All but the look-up change a state, by which their services refuse
# a second time; none makes a record that could stand twice.
WAITING = {
    "cases:party-remove": "there is an agreement",
    "inspections:round-step hand-over": "still scored",
    "inspections:card-finish": "lines are left",
    "inspections:round-decide": "still scored",
    "accounts:guard-ask": "its half of the code is kept nowhere: tests/accounts/test_consent.py",
    "accounts:password-code": "of two halves, each shown once: tests/accounts/test_consent.py",
    "public:receipt": "a look-up; it answers with the page",
    "public:own-line": "a look-up; it answers with the page",
    "volunteers:care-reveal": "a look-up; it answers with the page",
    "volunteers:order-slip": "its token is kept nowhere; another slip voids it",
    "admin:accounts_user_slips": "first passwords are kept nowhere; a second press finds nobody without one",
    "admin:villages_household_end": "somebody lives there",
    "admin:moral_bank_ruleset_adopt": "adopted",
    "admin:councils_decisionkind_adopt": "adopted",
    "admin:cases_case_file": "open",
    "admin:cases_case_reopen": "open",
    "admin:inspections_checklist_adopt": "adopted",
    "admin:inspections_order_recheck": "not by who issued it",
}
# What is posted by no form of this house's pages, and why.
UNSEEN = {
    "villages/first_day/begin.html": "only in an empty portal: tests/villages/first_day",
    "villages/first_day/code.html": "the same",
    "accounts/second/login.html": "after the password alone: tests/accounts/test_second.py",
    "accounts/second/key.html": "once the password was given: the same",
    "accounts/second/remove.html": "for who has one: the same",
    "accounts/rules/rules.html": "the security administrator's: the same",
    "409.html": "shown below",
    "accounts/again.html": "asked for each form: _lost",
    "admin/change_list_object_tools.html": "on lists; what their buttons set up is there once",
}

API_VALUES: dict[str, Values] = {
    "api:claim-appeal": _rejected,
    "api:closing-lock": _noticed,
    "api:closing-publish": _computed,
    "api:closing-compute": _to_take_down,
    "api:householdcheck-list": _card_in_force,
    "api:nomination-confirm": _shown,
    "api:order-check": _reported,
    "api:order-report": _signed,
    "api:redemption-refund": _handed,
    "api:reply-decide": _reply_open,
    "api:scorecard-reply": _reply_answered,
    "api:serviceorder-list": lambda house: {"unit": house.yard.pk, "phone": "15400000013", "project": house.errand_project.pk},
    "api:serviceorder-call-back": _called,
    "api:serviceorder-judge": _served,
    "api:case-list": lambda house: {"category": house.case.category_id, "unit": house.yard.pk},
    "api:case-mediator": lambda house: {"post": mediator_of(house).pk},
    "api:case-step": lambda house: {"step": "note", "note": "看过"},
    "api:closing-list": lambda house: {"period": "2026-05"},
    "api:nomination-list": lambda house: {"household": house.empty_home.pk, "period": "2026-H2"},
    "api:nomination-judge": lambda house: {"present": 3, "yes": 3, "no": 0, "recused": house.resident.name},
    "api:redemption-list": lambda house: {"item": house.goods.pk},
    "api:redemption-hand": lambda house: {"code": house.redemption.code, "collector": house.resident.name},
    "api:sitting-list": lambda house: {
        "members": [member.pk for member in house.members],
        "verdicts": [{"claim": house.verified.pk, "votes": [{"member": one.pk, "choice": "yes"} for one in house.members]}],
    },
}  # fmt: skip
# These change a state, too.
API_WAITING = {
    "api:round-decide": "still scored",
    "api:round-step": "lines are left",
    "api:scorecard-finish": "lines are left",
}
