"""Accounts and the log of what was seen. Rights come from posts (`villages.Post`) alone; there are no groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils.functional import cached_property
from django_otp import user_has_device

from governance.accounts.consent_models import GuardRequest as GuardRequest
from governance.accounts.duties import MATRIX, Action, Guard
from governance.accounts.export_models import ExportJob as ExportJob
from governance.accounts.filter_models import SavedFilter as SavedFilter
from governance.accounts.heartbeats import Heartbeat as Heartbeat
from governance.accounts.import_models import ImportJob as ImportJob
from governance.accounts.inbox_models import Message as Message
from governance.accounts.inbox_models import Outbox as Outbox
from governance.accounts.password_models import PastPassword as PastPassword
from governance.accounts.rules.models import AccountRules as AccountRules
from governance.accounts.second.models import CodeSheet as CodeSheet
from governance.accounts.second.models import SecondApp as SecondApp
from governance.accounts.second.models import SheetCode as SheetCode
from governance.accounts.stale.models import StaleAccount as StaleAccount
from governance.accounts.tallies import Tally as Tally
from governance.accounts.used_keys import UsedKey as UsedKey
from governance.periods import today
from governance.sealed import SealedField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.inbox_models import MessageQuerySet


@dataclass(frozen=True)
class Grant:
    """One duty at one unit: `level` and `path` are the unit's, `actions` what the duty allows there."""

    duty: str
    unit_id: int
    level: str
    path: str
    actions: frozenset[Action]


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        """`manage.py createsuperuser`: the first system administrator, who then makes all other accounts."""
        return self.create_user(username, password, guard=Guard.SYSTEM, must_change_password=False, **fields)

    def visible_to(self, user: User | AnonymousUser) -> models.QuerySet[User]:
        """All accounts for the system administrator, none for anyone else."""
        allowed = user.is_authenticated and user.may(Action.ACCOUNT_MANAGE)
        return self.all() if allowed else self.none()


class User(AbstractBaseUser):
    """Somebody who logs in. `guard` is one of 三员 or empty; a guard holds no post (trigger)."""

    username = models.CharField(
        "登录名",
        max_length=32,
        unique=True,
        validators=[RegexValidator(r"^[\w.@-]+$", "登录名只能用字母、数字、汉字和 . @ - _")],
        error_messages={"unique": "这个登录名已有人使用。"},
    )
    name = models.CharField("姓名", max_length=40)
    phone = SealedField("联系电话", max_length=20, blank=True)
    guard = models.CharField("三员", max_length=10, choices=Guard, blank=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects: UserManager = UserManager()

    if TYPE_CHECKING:
        posts: Any  # the reverse of villages.Post.user
        messages: MessageQuerySet
        stale: StaleAccount

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=models.Q(guard__in=["", *Guard.values]), name="user_guard_known"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """Duties held today, most senior unit first; read once per request (the user object lives as long)."""
        return self.grants_on(today())

    def grants_on(self, day: date) -> tuple[Grant, ...]:
        if not self.is_active or self.guard:
            return ()
        return tuple(
            Grant(post.kind, post.unit_id, post.unit.level, post.unit.path, MATRIX[post.kind])
            for post in self.posts.current(day).select_related("unit").order_by("unit__path", "kind")
        )

    def actions(self) -> frozenset[Action]:
        """Everything this user may do somewhere."""
        if self.guard and self.is_active:
            return MATRIX[self.guard]
        return frozenset().union(*(grant.actions for grant in self.grants))

    def duties(self) -> frozenset[str]:
        return frozenset(grant.duty for grant in self.grants)

    def may(self, action: Action, path: str | None = None) -> bool:
        """Whether `action` is allowed, at the unit with `path` if given, else anywhere."""
        if path is None:
            return action in self.actions()
        return any(action in grant.actions and path.startswith(grant.path) for grant in self.grants)

    def owes_second(self) -> bool:
        """Whether a second factor is asked of this account that it does not have."""
        return AccountRules.now().ask_second_of(self) and not user_has_device(self)

    @cached_property
    def unread(self) -> int:
        """Messages not yet read, counted once per request."""
        return self.messages.unread().count()

    @property
    def is_staff(self) -> bool:
        """Django's word for those who may open the admin."""
        return Action.ADMIN_ENTER in self.actions()

    is_superuser = False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """No Django permission is ever granted: admin classes ask `may()`."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class AccessLogQuerySet(models.QuerySet["AccessLog"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All rows for the auditor, none for anyone else."""
        return self.all() if user.is_authenticated and user.may(Action.LOG_VIEW) else self.none()


class LogKind(models.TextChoices):
    LOGIN = "login", "登录"
    LOGOUT = "logout", "退出"
    FAILED = "failed", "登录失败"
    LOCKED = "locked", "锁定"
    DENIED = "denied", "拒绝访问"
    EXPORT = "export", "导出"
    REVEAL = "reveal", "查看敏感信息"
    GRANT = "grant", "授权变更"
    SECOND = "second", "第二验证"


class AccessLog(models.Model):
    """Log-ins, denials, exports and reads of sensitive fields; insert-only by trigger."""

    Kind = LogKind

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    user = models.ForeignKey(User, models.PROTECT, verbose_name="账号", null=True, blank=True, related_name="+")
    username = models.CharField("登录名", max_length=64, blank=True)
    ip = models.GenericIPAddressField("来源地址", null=True, blank=True)
    path = models.CharField("页面", max_length=200, blank=True)
    detail = models.CharField("内容", max_length=200, blank=True)

    objects = AccessLogQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "访问日志"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=LogKind.values), name="access_log_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.username}"
