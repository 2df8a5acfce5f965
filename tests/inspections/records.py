"""Records of every kind that a measured figure counts, made past the services so that a test says each moment itself."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case, CaseStep, Category, Dispute, Errand, ReturnVisit
from governance.councils.decisions.due import RESULT
from governance.councils.models import Body, Decision, DecisionKind, Gate, GateRecord, Item, Meeting, Task
from governance.disclosure.models import AffairKind, AffairTurn, Notice, Objection
from governance.disclosure.saying import ANSWER_LIMIT
from governance.periods import SHANGHAI, Kind, Period, today
from governance.workdays import due
from inspections.models import Checklist, Front, FrontPatrol, Order
from moral_bank.models import Closing
from moral_bank.rules.models import RuleSet
from tests.builders import make_household, make_resident, make_rule_set, make_user
from tests.inspections.house import make_card
from villages.calendar.services import work_calendar
from villages.models import Unit
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareCategory, CareRecord, CareTurn

CODES = {"event": "dianli", "dispute": "linli", "errand": "dianfei"}
_serial = itertools.count(1)


def yard_of(village: Unit) -> Unit:
    """The village's first settlement; a merged one has several."""
    return Unit.objects.filter(level="settlement", path__startswith=village.path).order_by("pk")[0]


class Records:
    """What a township's records stand on: categories, rules, a card, two clerks."""

    def __init__(self, township: Unit) -> None:
        self.township = township
        self.clerk: User = make_user(f"clerk-{township.code}", "staff", township)
        self.second: User = make_user(f"second-{township.code}", "staff", township)
        cases_set_up(township=township)
        care_set_up(township=township)
        self.care_category = CareCategory.objects.get(township=township, code="duju")
        self.categories = {row.code: row for row in Category.objects.filter(township=township)}
        self.rules: RuleSet = make_rule_set(township)
        self.card: Checklist = make_card(township, self.clerk)
        self.decision_kind = self._decision_kind()

    def case(self, village: Unit, kind: str = "event", due: datetime | None = None, finished: datetime | None = None,
             **fields: Any) -> Case:  # fmt: skip
        state = "done" if finished else "handling"
        at = datetime(2025, 9, 1, 9, tzinfo=SHANGHAI)
        said = {
            "township": self.township, "village": village, "unit": yard_of(village), "kind": kind,
            "number": f"SJ{next(_serial):09d}", "category": self.categories[CODES[kind]], "urgency": "normal",
            "text": "院口的电线垂下来了", "state": state, "first_receiver": self.clerk, "found_at": at, "logged_at": at,
            "round_at": at, "step_at": at, "case_due_at": due, "finished_at": finished,
        }  # fmt: skip
        case = Case.objects.create(**{**said, **fields})
        if kind == "dispute":
            Dispute.objects.create(case=case)
        elif kind == "errand":
            Errand.objects.create(case=case, client="王大爷", phone="15400001234")
        return case

    def step(self, case: Case, step: str, at: datetime, case_round: int = 1) -> CaseStep:
        return CaseStep.objects.create(case=case, step=step, round=case_round, at=at, by=self.clerk, target="done")

    def errand(self, village: Unit, finished: datetime | None, satisfaction: str, **fields: Any) -> Errand:
        errand = self.case(village, "errand", finished=finished, **fields).errand
        errand.satisfaction = satisfaction
        errand.save()
        return errand

    def return_visit(self, village: Unit, due_on: date, done_on: date | None, state: str = "", **fields: Any) -> ReturnVisit:
        case = self.case(village, "dispute", finished=datetime(2025, 9, 2, 9, tzinfo=SHANGHAI), **fields)
        state = state or ("done" if done_on else "open")
        done = {"done_on": done_on, "done_by": self.clerk, "finding": "settled", "note": "好"} if done_on else {}
        return ReturnVisit.objects.create(case=case, round=1, day=30, due_on=due_on, state=state, **done)

    def closing(self, village: Unit, text: str, opened_on: date | None = None, locked_at: datetime | None = None) -> Closing:
        period = Period.parse(text)
        notice = self.notice(village, f"{village}{period.label}道德积分评分公示", opened_on) if opened_on else None
        state = "locked" if locked_at else "noticed" if notice else "computed"
        return Closing.objects.create(
            village=village, kind=period.kind, start=period.start, state=state, rule_set=self.rules,
            computed_at=timezone.now(), notice=notice, locked_at=locked_at,
        )  # fmt: skip

    def notice(self, village: Unit, title: str, opens_on: date, kind: str = "rating") -> Notice:
        return Notice.objects.create(
            unit=village, kind=kind, title=title, opens_on=opens_on, closes_on=opens_on + timedelta(days=4)
        )

    def objection(self, unit: Unit, received: datetime, answered: datetime | None) -> Objection:
        notice = self.notice(unit, "公示", received.date())
        said = {"state": "dismissed", "answer": "已核对", "answered_at": answered} if answered else {}
        promised = {"number": "YY2026-00001", "answer_by": today(due(work_calendar(None), received, ANSWER_LIMIT))}
        objection = Objection.objects.create(notice=notice, name="赵六", phone="15400001234", text="少记一次", **promised, **said)
        Objection.objects.filter(pk=objection.pk).update(received_at=received)
        return objection

    def affair(self, village: Unit, due_on: date, met_on: date | None, **fields: Any) -> AffairTurn:
        serial = next(_serial)
        kind = AffairKind.objects.create(
            township=self.township, code=f"k{serial}", section="finance", name="财务收支", basis="规定", body="村", channel="栏",
            rule="at_once",
        )  # fmt: skip
        given = {"event": "修路", "begins_on": due_on, "due_on": due_on, "met_on": met_on}
        return AffairTurn.objects.create(village=village, kind=kind, **{**given, **fields})

    def decision(self, village: Unit, adopted: datetime, finished: datetime | None) -> Decision:
        """Adopted by one paper, done by another."""
        decision = Decision.objects.create(
            township=self.township, village=village, unit=village, kind=self.decision_kind, number=f"JC{next(_serial)}", title="修路",
            purpose="出行不便", begun_by=self.clerk, begun_at=adopted, proposed_on=today(adopted),
        )  # fmt: skip
        for gate, mark, at in zip(self.decision_kind.gates.order_by("position"), ("adopted", "finished"), (adopted, finished), strict=True):
            if at is not None:
                GateRecord.objects.create(
                    decision=decision, gate=gate, position=gate.position, attempt=1, held_on=today(adopted), ended_on=today(adopted),
                    recorded_by=self.clerk, recorded_at=adopted,
                )  # fmt: skip
                Decision.objects.filter(pk=decision.pk).update(**{f"{mark}_at": at, f"{mark}_by": self.clerk})
        return decision

    def _decision_kind(self) -> DecisionKind:
        kind = DecisionKind.objects.create(township=self.township, code="paper", name="材料", valid_from=date(2020, 1, 1))
        for position, name, stage in ((1, "方案", "decide"), (2, "结果", "finish")):
            Gate.objects.create(kind=kind, position=position, name=name, what="document", stage=stage)
        DecisionKind.objects.filter(pk=kind.pk).update(state="adopted", adopted_at=timezone.now())
        return kind

    def care(self, village: Unit, due_on: date, met_on: date | None, **resident: Any) -> CareTurn:
        person = make_resident(make_household(village, "孙大娘", unit=yard_of(village)), "孙大娘", **resident)
        entered = date(2025, 9, 1)
        record = CareRecord.objects.create(
            township=self.township, village=village, unit=yard_of(village), resident=person, category=self.care_category, tier="key",
            tier_reason="独居", consent="duty", entered_on=entered, judged_on=entered, due_on=due_on, entered_by=self.clerk,
        )  # fmt: skip
        return CareTurn.objects.create(record=record, due_on=due_on, met_on=met_on)

    def patrol(self, village: Unit, due_on: date | None, rechecked: datetime | None = None, **front: Any) -> FrontPatrol:
        at = datetime(2025, 9, 1, 9, tzinfo=SHANGHAI)
        shop = Front.objects.create(
            kind="shop", village=village, unit=yard_of(village), name="西兴副食店", person="钱七", place="街口",
            plate_number=f"P{next(_serial)}", by=self.clerk, at=at, **front,
        )  # fmt: skip
        state = "fine" if due_on is None else "fixed" if rechecked else "reminded"
        seen = {"rechecked_by": self.second, "rechecked_at": rechecked} if rechecked else {}
        return FrontPatrol.objects.create(
            front=shop, checklist=self.card, score=Decimal(90), state=state, due_on=due_on, by=self.clerk, at=at, **seen
        )

    def order(self, village: Unit, fix_due_on: date, closed_on: date | None = None, state: str = "", misses: int = 0) -> Order:
        at = datetime(2025, 9, 1, 9, tzinfo=SHANGHAI)
        state = state or ("closed" if closed_on else "signed")
        said: dict[str, Any] = {"signed_by": self.clerk, "signed_at": at}
        if state in ("reported", "closed"):
            said |= {"reported_by": self.clerk, "reported_at": at, "report": "已清理"}
        if state == "closed":
            said |= {"checked_by": self.second, "checked_at": at, "opinion": "属实", "closed_on": closed_on}
        chief = User.objects.get_or_create(username="chief", defaults={"name": "chief"})[0]
        return Order.objects.create(
            township=self.township, village=village, kind="notice", number=f"ZG{next(_serial):09d}", found_on=at.date(),
            requirement="清理", issued_by=chief, issued_at=at, sign_due_on=date(2025, 9, 2), fix_due_on=fix_due_on,
            state=state, misses=misses, **said,
        )  # fmt: skip

    def task(self, village: Unit, due_on: date, done_on: date | None = None, state: str = "done") -> Task:
        """Of a meeting long ago; `state` of one that has ended."""
        at = datetime(2025, 9, 1, 9, tzinfo=SHANGHAI)
        place = {"unit": village, "village": village}
        body, _ = Body.objects.get_or_create(kind="talk", **place, defaults={"name": "说事会", "founded_on": date(2025, 1, 1)})
        meeting = Meeting.objects.create(
            body=body, **place, topic="修路", on=at.date(), base="open", state="held", write_by=at.date(), called_by=self.clerk,
            called_at=at,
        )  # fmt: skip
        item = Item.objects.create(meeting=meeting, number=1, title="修路")
        ended = {"state": state, "result": "做了", "done_on": done_on, "closed_by": self.clerk} if done_on else {}
        return Task.objects.create(item=item, what="出工", who="各户", due_on=due_on, made_by=self.clerk, made_at=at, **ended)

    def scatter(self, villages: list[Unit], random: Random, count: int) -> None:
        """`count` records of each kind over the villages and three quarters around 2026-Q1, in time or not."""

        def moment() -> datetime:
            return datetime(2025, 10, 1, tzinfo=SHANGHAI) + timedelta(minutes=random.randrange(270 * 24 * 60))

        def maybe(value: Any) -> Any:
            return value if random.random() < 0.8 else None

        for _ in range(count):
            place, due = random.choice(villages), moment()
            done = maybe(due + timedelta(hours=random.randrange(-72, 49)))
            for kind in CODES:
                case = self.case(place, kind, due, done, private=random.random() < 0.2)
                if done:
                    self.step(case, "finish", done)
                if random.random() < 0.3:
                    self.step(case, "reopen", due + timedelta(hours=random.randrange(-72, 72)), 2)
            self.errand(place, done, random.choice(["", "good", "fair", "bad"]), private=random.random() < 0.2)
            self.return_visit(place, due.date(), done.date() if done else None, private=random.random() < 0.2)
            self.objection(place, due, maybe(due + timedelta(days=random.randrange(9))))
            self.care(place, due.date(), done.date() if done else None)
            self.affair(place, due.date(), done.date() if done else None)
            self.patrol(place, due.date(), done)
            self.order(place, due.date(), maybe(due.date()), misses=random.randrange(2))
            self.task(place, due.date(), done.date() if done else None)
            self.decision(place, due - RESULT.within, maybe(due + timedelta(days=random.randrange(-3, 3))))

    def close_months(self, village: Unit, random: Random) -> None:
        for month in Period.parse("2026-Q1").split(Kind.MONTH):
            opened = month.end + timedelta(days=random.randrange(12))
            locked = datetime.combine(month.end, datetime.min.time(), SHANGHAI) + timedelta(days=random.randrange(12, 19))
            self.closing(village, str(month), opened, locked if random.random() < 0.8 else None)
