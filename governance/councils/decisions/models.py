"""Decisions and what was done at each of their gates (plan §三.1 四议四调四评; design §13; mission M19)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Greatest

from governance.accounts.duties import Action, Duty
from governance.councils.decisions import sql
from governance.councils.decisions.gates import Stage, What
from governance.councils.decisions.kind_models import DecisionKind, Gate
from governance.councils.meetings.models import Meeting
from governance.disclosure.models import Notice
from governance.sheets.money import yuan
from villages.models import Household, Resident, Unit
from villages.scope import ScopedQuerySet

USER = settings.AUTH_USER_MODEL
MOST = 1_000_000  # people of one gate: figures multiplied across stay within 32 bits


class DecisionQuerySet(ScopedQuerySet["Decision"]):
    def running(self) -> Self:
        """Begun here, neither done nor given up."""
        return self.filter(is_history=False, withdrawn_at=None, finished_at=None)

    def with_missing(self, day: date) -> Self:
        """`stuck_at`: the gate that is to be done next; `stuck_words`: the same with its figure, both NULL where all hold on `day`."""
        words, name = _asked(partial(sql.missing, stage=None), day), _asked(sql.missing_name, day)
        return self.annotate(stuck_at=name, stuck_words=words)

    def with_since(self) -> Self:
        """`waits_since`: when the last record came, the village handed it in anew, or the decision began."""
        last = GateRecord.objects.filter(decision=OuterRef("pk")).order_by("-recorded_at").values("recorded_at")[:1]
        since = Greatest(Coalesce(models.Subquery(last), "begun_at"), Coalesce("resubmitted_at", "begun_at"))
        return self.annotate(waits_since=since)

    def returned(self, day: date) -> Self:
        """Those that the township gave back, and the village has not handed in anew."""
        return self.waiting_for(What.PREVIEW, day).filter(self._given_back())

    def handed_in(self, day: date) -> Self:
        """Those that wait for the township's opinion, for the first time or anew."""
        return self.waiting_for(What.PREVIEW, day).exclude(self._given_back())

    @staticmethod
    def _given_back() -> Q:
        later = GateRecord.objects.filter(decision=OuterRef("decision"), position=OuterRef("position"), attempt__gt=OuterRef("attempt"))
        refused = GateRecord.objects.filter(~Exists(later), decision=OuterRef("pk"), gate__what=What.PREVIEW, is_passed=False)
        return Q(Exists(refused), resubmitted_at=None) | Q(Exists(refused.filter(recorded_at__gt=OuterRef("resubmitted_at"))))

    def waiting_for(self, what: What, day: date) -> Self:
        """Those whose next gate is of this kind, with `waits_since`."""
        asked = Gate.objects.filter(kind=OuterRef("kind"), what=what)
        rows = self.with_since().alias(next_what=_asked(sql.missing_what, day))
        still = Exists(asked.filter(stage=Stage.FINISH)) | Q(Exists(asked), adopted_at=None)
        return rows.filter(still, next_what=what)

    def undecided(self, day: date) -> Self:
        """Those still to be adopted, with `waits_since`; `next_step` as `sql.next_step` says it, `next_name`: that gate's."""
        rows = self.running().filter(adopted_at=None).with_since()
        return rows.annotate(next_step=_asked(sql.next_step, day), next_name=_asked(sql.missing_name, day))


def _asked(query: Callable[..., str], day: date) -> RawSQL:
    """What `query` of `sql.py` says of a row on `day`."""
    shown = "%s::date" if connection.vendor == "postgresql" else "%s"
    text = query(connection.vendor, decision="councils_decision.id", kind="councils_decision.kind_id", day=shown)
    return RawSQL(f"({text})", [str(day)] * text.count("%s"), models.CharField())


class Decision(models.Model):
    """决策事项. Its state is read from its days: adopted (通过) only when all gates before that hold, done (办结) only when all hold,
    both by the databases' own word (trigger). One from an old book (`is_history`) has none of them, and is shown as such."""

    class State(models.TextChoices):
        RUNNING = "running", "办理中"
        ADOPTED = "adopted", "已通过"
        FINISHED = "finished", "已办结"
        WITHDRAWN = "withdrawn", "已撤回"
        HISTORY = "history", "历史"

    view_action = Action.COUNCIL_VIEW
    scope_township, scope_village, scope_unit = "township", "village", "unit"

    township = models.ForeignKey(Unit, models.PROTECT, verbose_name="乡镇", related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, verbose_name="村（社区）", related_name="decisions")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="所在单位", related_name="+")
    kind = models.ForeignKey(DecisionKind, models.PROTECT, verbose_name="程序", related_name="decisions")
    number = models.CharField("编号", max_length=20)
    title = models.CharField("提议事项", max_length=120)
    purpose = models.CharField("动议事由", max_length=1000)
    money_fen = models.PositiveBigIntegerField("金额（分）", null=True, blank=True)
    begun_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    begun_at = models.DateTimeField("登记时间")
    proposed_on = models.DateField("提议时间")
    adopted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记通过的人", null=True, blank=True, related_name="+")
    adopted_at = models.DateTimeField("通过时间", null=True, blank=True)
    finished_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记办结的人", null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField("办结时间", null=True, blank=True)
    resubmitted_by = models.ForeignKey(USER, models.PROTECT, verbose_name="重新报审的人", null=True, blank=True, related_name="+")
    resubmitted_at = models.DateTimeField("重新报审时间", null=True, blank=True)
    resubmitted_note = models.CharField("改了什么", max_length=300, blank=True)
    withdrawn_by = models.ForeignKey(USER, models.PROTECT, verbose_name="撤回人", null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)
    is_history = models.BooleanField("历史记录", default=False)
    history_outcome = models.CharField("原台账的结果", max_length=200, blank=True)

    objects: DecisionQuerySet = DecisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "决策事项"
        ordering = ["-id"]
        indexes = [models.Index(fields=["village", "-proposed_on"], name="decision_of_village")]
        constraints = [
            models.UniqueConstraint(fields=["township", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(adopted_at__isnull=False), name="decision_finished_after_adoption"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="", withdrawn_by=None)
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, adopted_at=None) & ~Q(withdrawn_reason="")),
                name="decision_withdrawn_with_reason",
                violation_error_message="撤回须写明原因；已通过的决策不能撤回。",
            ),
            models.CheckConstraint(
                condition=Q(is_history=False, history_outcome="")
                | Q(is_history=True, adopted_at=None, finished_at=None, withdrawn_at=None),
                name="decision_history_never_adopted",
            ),
            models.CheckConstraint(
                condition=(Q(adopted_at=None, adopted_by=None) | Q(adopted_at__isnull=False, adopted_by__isnull=False))
                & (Q(finished_at=None, finished_by=None) | Q(finished_at__isnull=False, finished_by__isnull=False)),
                name="decision_steps_name_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def state(self) -> State:
        if self.is_history:
            return self.State.HISTORY
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.finished_at:
            return self.State.FINISHED
        return self.State.ADOPTED if self.adopted_at else self.State.RUNNING

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.RUNNING, self.State.ADOPTED)

    @property
    def money(self) -> str:
        """元, with 角 and 分."""
        return "" if self.money_fen is None else yuan(self.money_fen)


class DecisionPart(models.Model):
    """A row of a decision, seen by those who see the decision."""

    view_action = Decision.view_action
    scope_township, scope_village, scope_unit = "decision__township", "decision__village", "decision__unit"

    objects: ScopedQuerySet[Any] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True


class Beneficiary(DecisionPart):
    """A household that gets money by the decision: its people neither vote on it nor confirm what was recorded."""

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name="决策事项", related_name="beneficiaries")
    household = models.ForeignKey(Household, models.PROTECT, verbose_name="受益户", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "受益户"
        ordering = ["decision", "id"]
        constraints = [models.UniqueConstraint(fields=["decision", "household"], name="beneficiary_once")]

    def __str__(self) -> str:
        return str(self.household)


class Nominee(DecisionPart):
    """Who is put to the vote for a duty of 一长四员 at the decision's settlement; `post` is what came of it."""

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name="决策事项", related_name="nominees")
    duty = models.CharField("职务", max_length=12, choices=Duty)
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="人选", related_name="+")
    post = models.OneToOneField("villages.Post", models.PROTECT, verbose_name="任职", null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "推选人选"
        ordering = ["decision", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "duty"], name="nominee_one_per_duty", violation_error_message="一个职务只推选一人。"
            ),
            models.UniqueConstraint(
                fields=["decision", "resident"], name="nominee_one_duty", violation_error_message="同一人只推选担任一个职务。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()} {self.resident.name}"


class GateRecord(DecisionPart):
    """One attempt at a gate. It only comes, and is confirmed once by somebody else; one that failed stays, and the next counts.

    `position`, `held_on`, `ended_on` are the gate's own (trigger): `ended_on` is the last day of a 公示, else `held_on`.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name="决策事项", related_name="records")
    gate = models.ForeignKey(Gate, models.PROTECT, verbose_name="步骤", related_name="records")
    position = models.PositiveSmallIntegerField("第几步")
    attempt = models.PositiveSmallIntegerField("第几次")
    held_on = models.DateField("日期")
    ended_on = models.DateField("完成日期")
    meeting = models.ForeignKey(Meeting, models.PROTECT, verbose_name="会议", null=True, blank=True, related_name="gate_records")
    called_on = models.DateField("会议通知日期", null=True, blank=True)
    entitled = models.PositiveIntegerField("应到人数", null=True, blank=True)
    present = models.PositiveIntegerField("实到人数", null=True, blank=True)
    houses_entitled = models.PositiveIntegerField("应到户数", null=True, blank=True)
    houses_present = models.PositiveIntegerField("实到户数", null=True, blank=True)
    yes = models.PositiveIntegerField("同意", null=True, blank=True)
    no = models.PositiveIntegerField("不同意", null=True, blank=True)
    abstain = models.PositiveIntegerField("弃权", null=True, blank=True)
    recused = models.PositiveIntegerField("回避", default=0)
    is_passed = models.BooleanField("通过", default=True)
    notice = models.OneToOneField(Notice, models.PROTECT, verbose_name="公示（公开）", null=True, blank=True, related_name="+")
    notice_from = models.DateField("公示自", null=True, blank=True)
    notice_to = models.DateField("公示至", null=True, blank=True)
    text = models.CharField("内容（意见）", max_length=1000, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, verbose_name="记录人", related_name="+")
    recorded_at = models.DateTimeField("记录时间")
    confirmed_by = models.ForeignKey(USER, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "步骤记录"
        ordering = ["decision", "position", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "position", "attempt"], name="gate_record_attempt_once"),
            models.CheckConstraint(
                condition=(Q(entitled=None, present=None) | Q(entitled__gte=1, entitled__lte=MOST, present__lte=F("entitled")))
                & (
                    Q(houses_entitled=None, houses_present=None)
                    | Q(houses_entitled__gte=1, houses_entitled__lte=MOST, houses_present__lte=F("houses_entitled"))
                ),
                name="gate_record_present_fits",
                violation_error_message="实到不能多于应到，应到至少为 1。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("recorded_by"))),
                name="gate_record_confirmed_by_another",
                violation_error_message="确认人不能是记录人。",
            ),
            models.CheckConstraint(
                condition=Q(notice_from=None, notice_to=None) | Q(notice_to__gte=F("notice_from")), name="gate_record_window_fits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.position}.{self.attempt}"


class RecordPart(DecisionPart):
    """The same of a gate's record."""

    scope_township, scope_village, scope_unit = "record__decision__township", "record__decision__village", "record__decision__unit"

    class Meta:
        abstract = True


class GatePaper(RecordPart):
    """A paper that the gate needs: its number, or where it lies. `position` counts the gate's own list from 1."""

    record = models.ForeignKey(GateRecord, models.PROTECT, verbose_name="记录", related_name="papers")
    position = models.PositiveSmallIntegerField("第几份")
    name = models.CharField("材料", max_length=60)
    number = models.CharField("编号或存放处", max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = "材料"
        ordering = ["record", "position"]
        constraints = [
            models.UniqueConstraint(fields=["record", "position"], name="gate_paper_once"),
            models.CheckConstraint(condition=~Q(number=""), name="gate_paper_has_number"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class GateVote(RecordPart):
    """How somebody voted, where the vote is open; never where it is secret (trigger)."""

    class Choice(models.TextChoices):
        YES = "yes", "同意"
        NO = "no", "不同意"
        ABSTAIN = "abstain", "弃权"
        RECUSED = "recused", "回避"

    record = models.ForeignKey(GateRecord, models.PROTECT, verbose_name="记录", related_name="votes")
    resident = models.ForeignKey(Resident, models.PROTECT, verbose_name="表决人", related_name="+")
    choice = models.CharField("表决", max_length=8, choices=Choice)

    class Meta:
        verbose_name = verbose_name_plural = "记名表决"
        ordering = ["record", "id"]
        constraints = [models.UniqueConstraint(fields=["record", "resident"], name="gate_vote_once")]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.get_choice_display()}"
