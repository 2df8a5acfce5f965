"""Photos of cases and visits: in parts over weak signal, re-encoded once whole, seen by those who see the thing (design §8)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.models import Photo, PhotoPart, Sent
from governance.errors import DomainError
from governance.pictures import PictureError, reencode

PHOTO_BYTES = 8 * 1024 * 1024
PHOTOS_PER_FORM = 9
KEPT_DAYS = 7


class PhotoError(DomainError):
    """A photo that is refused: `size`, `count`, `owner`, `part`."""


def photo_take(*, file: UploadedFile[bytes], owner_key: UUID, by: User, at: datetime | None = None) -> Photo:
    """A whole photo, as a form without scripts sends it; raises PhotoError and PictureError."""
    if (file.size or 0) > PHOTO_BYTES:
        raise PhotoError("照片超过 8 MB，请换一张小些的。", "size")
    data = file.read()
    digest = hashlib.sha256(data).hexdigest()
    return photo_part(
        key=uuid4(), owner_key=owner_key, size=len(data), sha256=digest, offset=0, data=data, by=by, at=at
    )


def photo_part(
    *,
    key: UUID,
    owner_key: UUID,
    size: int,
    sha256: str,
    offset: int,
    data: bytes,
    by: User,
    at: datetime | None = None,
) -> Photo:
    """Take bytes from `offset` on; a part that comes twice changes nothing. The last one makes the photo ready, or
    broken where it is no picture."""
    now = at or timezone.now()
    if not 0 < size <= PHOTO_BYTES or not 0 <= offset < size or not data or offset + len(data) > size:
        raise PhotoError("照片超过 8 MB 或分段有误，请换一张小些的。", "size")
    with transaction.atomic():
        photo = _open(key, owner_key, size, sha256, by, now)
        if photo.state != Photo.State.COMING:
            return photo
        PhotoPart.objects.bulk_create([PhotoPart(photo=photo, offset=offset, data=data)], ignore_conflicts=True)
        if received(photo) >= size:
            _finish(photo)
    return photo


def received(photo: Photo) -> int:
    """How many bytes are there without a gap, from the beginning."""
    if photo.state != Photo.State.COMING:
        return photo.size
    end = 0
    for part in photo.parts.order_by("offset"):
        if part.offset > end:
            break
        end = max(end, part.offset + len(part.data))
    return end


def photos_link(owner_key: UUID) -> None:
    """Tie photos to what their form made; called by both, now and once committed, so that whoever comes last sees the other."""

    def link() -> None:
        sent = Sent.objects.filter(key=owner_key).first()
        if sent is not None:
            loose = Photo.objects.filter(owner_key=owner_key, by=sent.user_id, case=None, visit=None)
            loose.update(case=sent.case_id, visit=sent.visit_id)

    link()
    transaction.on_commit(link)


def photos_sweep(at: datetime | None = None) -> int:
    """Forget photos that were begun and never came whole, and those whose form never came; returns how many."""
    old = Photo.objects.filter(at__lt=(at or timezone.now()) - timedelta(days=KEPT_DAYS), case=None, visit=None)
    old = old.filter(kept=False)
    gone = list(old)
    for photo in gone:
        if photo.file:
            photo.file.delete(save=False)
    return Photo.objects.filter(pk__in=[photo.pk for photo in gone]).delete()[1].get("cases.Photo", 0)


def _open(key: UUID, owner_key: UUID, size: int, sha256: str, by: User, now: datetime) -> Photo:
    """The photo's row under its lock, made by its first part and tied to its form, if that is there already."""
    if not Photo.objects.filter(key=key).exists():
        if Photo.objects.filter(owner_key=owner_key, by=by).count() >= PHOTOS_PER_FORM:
            raise PhotoError(f"一件最多 {PHOTOS_PER_FORM} 张照片。", "count")
        Photo.objects.bulk_create(
            [Photo(key=key, owner_key=owner_key, by=by, size=size, sha256=sha256, at=now)], ignore_conflicts=True
        )
    photo = Photo.objects.select_for_update().get(key=key)
    if (photo.by_id, photo.owner_key, photo.size, photo.sha256) != (by.pk, owner_key, size, sha256):
        raise PhotoError("照片的提交号有误，请重新选照片。", "owner")
    return photo


def _finish(photo: Photo) -> None:
    """Re-encode what is whole; parts that do not add up to the digest are dropped, to be sent anew from the beginning."""
    data = bytearray(photo.size)
    for part in photo.parts.all():
        data[part.offset : part.offset + len(part.data)] = bytes(part.data)
    photo.parts.all().delete()
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        return
    try:
        photo.file.save(f"{photo.key}.jpg", ContentFile(reencode(bytes(data))), save=False)
        photo.state = Photo.State.READY
    except PictureError:
        photo.state = Photo.State.BROKEN
    photo.save(update_fields=["state", "file"])
    photos_link(photo.owner_key)
