"""Accounts and officers on their way in, and the duties that are proposed with accounts (missions M01, M03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.accounts.duties import TOWN_DUTIES, Action, Duty
from governance.frame.imports.models import SheetImport, committed_at_fits
from villages.scope import ScopedQuerySet, UnitScopedQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


class AccountImportQuerySet(models.QuerySet["AccountImport"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """All of them for the system administrator, none for anyone else."""
        allowed = user.is_authenticated and user.may(action or AccountImport.view_action)
        return self.all() if allowed else self.none()


class AccountImport(SheetImport):
    """One uploaded list of people who get accounts, whatever their place."""

    view_action = Action.ACCOUNT_MANAGE

    objects: AccountImportQuerySet = AccountImportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "账号导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("account_import_committed_at")]


class OfficerImport(SheetImport):
    """One uploaded list of 一长四员."""

    view_action = Action.POST_APPOINT
    scope_township, scope_village, scope_unit = "township", "", ""

    township = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="乡镇", related_name="officer_imports")

    objects: ScopedQuerySet[Any] = ScopedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "一长四员导入"
        ordering = ["-id"]
        constraints = [committed_at_fits("officer_import_committed_at")]


class ProposalQuerySet(UnitScopedQuerySet["Proposal"]):
    def grantable_by(self, user: User) -> Self:
        """Those that wait for `user`: the town's duties for the security administrator, the others for who appoints there."""
        waiting = self.filter(state=Proposal.State.WAITING)
        if user.may(Action.DUTY_GRANT):
            return waiting.filter(kind__in=TOWN_DUTIES)
        return waiting.visible_to(user).exclude(kind__in=TOWN_DUTIES)


class Proposal(models.Model):
    """拟任: a duty that the system administrator's list names for an account. It gives no right until somebody else grants it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待授予"
        GRANTED = "granted", "已授予"
        REFUSED = "refused", "不授予"

    view_action = Action.POST_APPOINT
    scope_path, scope_below = "unit__path", True

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="账号", related_name="proposals")
    kind = models.CharField("职务", max_length=12, choices=Duty)
    unit = models.ForeignKey("villages.Unit", models.PROTECT, verbose_name="单位", related_name="+")
    term_end = models.DateField("任期至", null=True, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提出人", related_name="+")
    proposed_at = models.DateTimeField("提出时间", auto_now_add=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="决定人", null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)

    objects: ProposalQuerySet = ProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "拟任"
        ordering = ["unit__path", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "unit"], condition=Q(state="waiting"), name="proposal_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(state__in=["granted", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decided_fits",
            ),
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="proposal_by_two"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user}"
