"""What phones send: each form once by its UUID, the same UUID with other content as a conflict, photos in parts (design §8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from governance.accounts.duties import Action
from governance.cases.engine.models import Case
from governance.cases.visits.models import Visit
from governance.sealed import CipherField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from governance.accounts.models import User


LATE = timedelta(minutes=10)  # what is not worth a word


class OwnQuerySet(models.QuerySet["Sent"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """What this user sent."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class Sent(models.Model):
    """One form that arrived: `key` is the phone's UUID, `digest` the keyed hash of what it said."""

    key = models.UUIDField("提交号", unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提交人", related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField("收到时间")
    written_at = models.DateTimeField("手机上写下的时间", null=True, blank=True)  # by the true time
    clock_off = models.IntegerField("手机时钟快几秒", default=0)
    case = models.OneToOneField(Case, models.CASCADE, null=True, blank=True, related_name="sent")
    visit = models.OneToOneField(Visit, models.CASCADE, null=True, blank=True, related_name="sent")

    objects: OwnQuerySet = OwnQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "提交记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(case__isnull=False, visit=None) | Q(case=None, visit__isnull=False), name="sent_made_one_thing"
            ),
            models.CheckConstraint(condition=Q(written_at=None) | Q(written_at__lte=F("at")), name="sent_written_before"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    @property
    def clock_words(self) -> str:
        """When it was written, where that was not when it arrived, and how wrong the phone's clock was."""
        if self.written_at is None:
            return ""
        late, off = self.at - self.written_at >= LATE, abs(self.clock_off)
        written = timezone.localtime(self.written_at)
        words = [f"手机上写于 {written:%Y-%m-%d %H:%M}，{timezone.localtime(self.at):%Y-%m-%d %H:%M} 收到"] if late else []
        if off >= LATE.total_seconds():
            size = f"{off // 86400} 天" if off >= 86400 else f"{off // 3600} 小时" if off >= 3600 else f"{off // 60} 分钟"
            words.append(f"手机时钟{'快' if self.clock_off > 0 else '慢'} {size}，已按实际时间算")
        return "；".join(words)


class ConflictQuerySet(models.QuerySet["Conflict"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """What this user sent."""
        return self.filter(sent__user=user) if user.is_authenticated else self.none()


class Conflict(models.Model):
    """The same UUID came again and said something else; kept until its sender settles it. `payload` as it was sent, sealed."""

    class Outcome(models.TextChoices):
        KEEP = "keep", "保留先收到的"
        REPLACE = "replace", "以这份为准"
        SEPARATE = "separate", "另立一件"

    sent = models.ForeignKey(Sent, models.CASCADE, verbose_name="提交", related_name="conflicts")
    digest = models.CharField(max_length=64)
    payload = CipherField("内容", editable=False)
    at = models.DateTimeField("收到时间")
    outcome = models.CharField("处理", max_length=10, choices=Outcome, blank=True)
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects: ConflictQuerySet = ConflictQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "内容不一致的提交"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sent", "digest"], name="conflict_once"),
            models.CheckConstraint(
                condition=Q(outcome="", settled_at=None) | (~Q(outcome="") & Q(settled_at__isnull=False)),
                name="conflict_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent} {self.get_outcome_display()}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, user: User | AnonymousUser, action: Action | None = None) -> Self:
        """Photos of cases and visits that the user sees; what is still on its way, to its sender."""
        if not user.is_authenticated:
            return self.none()
        cases = Case.objects.visible_to(user).order_by().values("pk")
        visits = Visit.objects.visible_to(user).order_by().values("pk")
        return self.filter(
            Q(case__in=cases) | Q(visit__in=visits) | Q(case=None, visit=None, by=user)
        )

    def ready(self) -> Self:
        return self.filter(state=Photo.State.READY)


class Photo(models.Model):
    """A photo on its way or there. `owner_key` is the UUID of the form it belongs to; the two may arrive in either order.

    It comes in parts (`PhotoPart`), is re-encoded once whole (no EXIF, no place), and only then has a `file`. `kept`: a room
    above this one holds it.
    """

    class State(models.TextChoices):
        COMING = "coming", "接收中"
        READY = "ready", "已收到"
        BROKEN = "broken", "无法读取"

    key = models.UUIDField("提交号", unique=True)
    owner_key = models.UUIDField(db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人", related_name="+")
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=8, choices=State, default=State.COMING)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="photos")
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="photos")
    file = models.FileField("照片", upload_to="photos/%Y/%m/", blank=True)
    kept = models.BooleanField("另有去处", default=False)
    at = models.DateTimeField("收到时间")

    objects: PhotoQuerySet = PhotoQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = verbose_name_plural = "照片"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(case=None) | Q(visit=None), name="photo_of_one_thing"),
            models.CheckConstraint(
                condition=Q(state="ready") & ~Q(file="") | ~Q(state="ready") & Q(file=""), name="photo_ready_has_file"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)


class PhotoPart(models.Model):
    """Bytes of a photo from `offset` on; deleted once the photo is whole."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="parts", db_index=False)
    offset = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "照片分段"
        ordering = ["offset"]
        constraints = [models.UniqueConstraint(fields=["photo", "offset"], name="photo_part_once")]

    def __str__(self) -> str:
        return f"{self.photo_id}@{self.offset}"
