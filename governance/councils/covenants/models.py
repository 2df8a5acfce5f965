"""规约: covenants (居民公约, 村规民约, 院坝公约) and rules of work (制度) in versions of clauses (plan §三.2, §四.三; mission M18)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from governance.accounts.duties import Action
from governance.councils.covenants.marking import LONGEST, mark_words
from governance.councils.decisions.models import Decision
from villages.models import Unit
from villages.scope import Reach, UnitScopedQuerySet, reach_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User

USER = settings.AUTH_USER_MODEL


def _around(prefix: str, reach: Reach) -> Q:
    """What the places above one's own have set for all below them."""
    return Q(**{f"{prefix}unit__in": sorted(reach.townships_around | reach.villages_around)})


class CovenantQuerySet(UnitScopedQuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """To be looked at also where it holds for one's own place; to be worked on only where one's duty reaches."""
        model: Any = self.model
        reach = reach_of(user, action or model.view_action)
        if reach is None:
            return self.none()
        found = self.reached_by(reach) or Q(pk__in=[])
        if action in (None, model.view_action):
            found |= _around(model.scope_path.removesuffix("unit__path"), reach)
        return self.filter(found)

    def with_current(self, day: date) -> Self:
        """`current_number`, `current_from`, `current_clauses` (how many): of the version in force on `day`, NULL where there is none."""
        newest = CovenantVersion.objects.filter(covenant=OuterRef("pk"), valid_from__lte=day).order_by("-valid_from", "-number")
        clauses = Clause.objects.filter(version=OuterRef("pk")).order_by().values("version").annotate(n=models.Count("pk")).values("n")
        return self.annotate(
            current_number=models.Subquery(newest.values("number")[:1]),
            current_from=models.Subquery(newest.values("valid_from")[:1]),
            current_clauses=models.Subquery(newest.annotate(n=models.Subquery(clauses)).values("n")[:1]),
        )


class Covenant(models.Model):
    """One text under one name; what it says stands in its versions. `topic` is the page of the handbook beside which a 制度 is shown."""

    class Kind(models.TextChoices):
        COVENANT = "covenant", "居民公约（村规民约）"
        YARD = "yard", "院坝公约"
        RULE = "rule", "制度"

    view_action = Action.COUNCIL_VIEW
    scope_path, scope_below = "unit__path", True

    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="所在单位", related_name="covenants")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    title = models.CharField("名称", max_length=60)
    topic = models.CharField("管哪项工作", max_length=30, blank=True)
    made_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记人", related_name="+")
    made_at = models.DateTimeField("登记时间")

    objects: CovenantQuerySet = CovenantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "规约"
        ordering = ["unit__path", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "title"], name="covenant_title_once", violation_error_message="这里已有同名的规约。"),
            models.CheckConstraint(condition=Q(kind="rule") | Q(topic=""), name="covenant_topic_of_rule"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_rule(self) -> bool:
        return self.kind == self.Kind.RULE


class VersionQuerySet(CovenantQuerySet):
    def in_force(self, day: date) -> Self:
        """Of each covenant the version that holds on `day`."""
        later = Q(valid_from__gt=OuterRef("valid_from")) | Q(valid_from=OuterRef("valid_from"), number__gt=OuterRef("number"))
        newer = CovenantVersion.objects.filter(later, covenant=OuterRef("covenant"), valid_from__lte=day)
        found: Self = self.filter(~Exists(newer), valid_from__lte=day)
        return found

    def unanswered(self) -> Self:
        """With a marked clause of which the township has not said why it may stand."""
        return self.filter(Exists(Clause.objects.filter(version=OuterRef("pk"), answer="").exclude(marks="")))


class CovenantVersion(models.Model):
    """One wording. A covenant's comes into force by a decision that adopted it, a 制度's by whoever sets it; from then on, and from the
    township's consent on, its clauses stand still (trigger). `note`: what is different, and why. `history_note`: how the first version came
    into force before it was written down here."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        RUNNING = "running", "办理中"
        COMING = "coming", "待施行"
        IN_FORCE = "in_force", "现行"
        PAST = "past", "已被新版替代"

    view_action = Action.COUNCIL_VIEW
    scope_path, scope_below = "covenant__unit__path", True

    covenant = models.ForeignKey(Covenant, models.PROTECT, verbose_name="规约", related_name="versions")
    number = models.PositiveSmallIntegerField("第几版")
    note = models.CharField("改了什么、为什么", max_length=300)
    decision = models.OneToOneField(
        Decision, models.PROTECT, verbose_name="决策事项", null=True, blank=True, related_name="covenant_version"
    )
    valid_from = models.DateField("施行日期", null=True, blank=True)
    history_note = models.CharField("补登依据", max_length=200, blank=True)
    set_by = models.ForeignKey(USER, models.PROTECT, verbose_name="登记施行的人", null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(USER, models.PROTECT, verbose_name="起草人", related_name="+")
    made_at = models.DateTimeField("起草时间")

    objects: VersionQuerySet = VersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "规约版本"
        ordering = ["covenant", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["covenant", "number"], name="covenant_version_once"),
            models.UniqueConstraint(
                fields=["covenant"],
                condition=Q(valid_from=None),
                name="covenant_one_draft",
                violation_error_message="已有一份草稿，请在那份上改。",
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None, set_by=None) | Q(valid_from__isnull=False, set_by__isnull=False),
                name="covenant_version_set_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(history_note="") | Q(number=1, decision=None, valid_from__isnull=False),
                name="covenant_history_is_first",
                violation_error_message="只有第一版可以补登。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.covenant} 第{self.number}版"

    @property
    def waits_for(self) -> str:
        """Which marked clauses the township has not answered for, in words; "" where it has, of all."""
        waiting = [clause for clause in self.clauses.order_by("number") if clause.is_open]
        told = "；".join(f"{clause}涉及{clause.mark_words}" for clause in waiting)
        return f"{told}，镇还没有写审查意见。" if told else ""

    @property
    def is_running(self) -> bool:
        return self.valid_from is None and self.decision is not None and self.decision.withdrawn_at is None


class Clause(models.Model):
    """One clause. `marks`: what it may touch that a covenant cannot take (`marking.MARKS`); `answer`: why it may stand nevertheless, said
    by the township."""

    view_action = Action.COUNCIL_VIEW
    scope_path, scope_below = "version__covenant__unit__path", True

    version = models.ForeignKey(CovenantVersion, models.CASCADE, verbose_name="版本", related_name="clauses")
    number = models.PositiveSmallIntegerField("第几条")
    text = models.CharField("条款", max_length=LONGEST)
    marks = models.CharField("涉及", max_length=40, blank=True)
    answer = models.CharField("镇审查意见", max_length=200, blank=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, verbose_name="审查人", null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("审查时间", null=True, blank=True)
    deeds = models.CharField("积分事项", max_length=200, blank=True, help_text="引用这一条的积分事项编号，用顿号隔开")

    objects: CovenantQuerySet = CovenantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "条款"
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="clause_number_once"),
            models.CheckConstraint(condition=~Q(text=""), name="clause_has_words"),
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="clause_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}条"

    @property
    def mark_words(self) -> str:
        return mark_words(self.marks)

    @property
    def is_open(self) -> bool:
        return bool(self.marks) and not self.answer
