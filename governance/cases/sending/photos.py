"""Photos of cases and visits: in parts over weak signal, re-encoded once whole, seen by those who see the thing (design §8)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from governance.accounts.models import User
from governance.cases.models import Photo, PhotoPart, Sent
from governance.errors import DomainError
from governance.pictures import UNREAD, PictureError, reencode

PHOTO_BYTES = 20 * 1024 * 1024
PHOTOS_PER_FORM = 9
KEPT_DAYS = 7
SIZE = f"照片超过 {PHOTO_BYTES // 1024 // 1024} MB 或分段有误，请换一张小些的。"


class PhotoError(DomainError):
    """A photo that is refused: `size`, `count`, `owner`, `picture`."""


@dataclass(frozen=True)
class Taken:
    """The photos of one form: those that are kept, and of each other one its name and why it is not."""

    photos: list[Photo] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def photos_take(
    *, files: Sequence[UploadedFile[bytes]], owner_key: UUID, by: User, at: datetime | None = None
) -> Taken:
    """The photos of a form without scripts; one that is refused leaves the others alone."""
    taken = Taken()
    for file in files:
        try:
            photo = photo_take(file=file, owner_key=owner_key, by=by, at=at)
        except PhotoError as error:
            taken.refused.append(error.message)
        else:
            taken.photos.extend([photo] if photo not in taken.photos else [])
    return taken


def photo_take(*, file: UploadedFile[bytes], owner_key: UUID, by: User, at: datetime | None = None) -> Photo:
    """A whole photo, which is ready then; raises PhotoError that names it, and nothing of it is kept."""
    try:
        if (file.size or 0) > PHOTO_BYTES:
            raise PhotoError(SIZE, "size")
        data = file.read()
        digest = hashlib.sha256(data).hexdigest()
        with transaction.atomic():
            return photo_part(
                key=uuid4(), owner_key=owner_key, size=len(data), sha256=digest, offset=0, data=data, by=by, at=at
            )
    except DomainError as error:
        raise PhotoError(f"照片“{file.name}”没有存下：{error.message}", error.code) from error


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
    """Take bytes from `offset` on; a part that comes twice changes nothing. The last one makes the photo ready; where it is no
    picture, it stays as broken and PictureError says why."""
    now = at or timezone.now()
    if not 0 < size <= PHOTO_BYTES or not 0 <= offset < size or not data or offset + len(data) > size:
        raise PhotoError(SIZE, "size")
    fault = UNREAD
    with transaction.atomic():
        photo = _open(key, owner_key, size, sha256, by, now)
        if photo.state == Photo.State.COMING:
            PhotoPart.objects.bulk_create([PhotoPart(photo=photo, offset=offset, data=data)], ignore_conflicts=True)
            if received(photo) >= size:
                fault = _finish(photo)
    if photo.state == Photo.State.BROKEN:
        raise PictureError(fault)
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
    """The photo's row under its lock, made by its first part; the form's own photo where the same one is ready under another key."""
    if not Photo.objects.filter(key=key).exists():
        own = Photo.objects.filter(owner_key=owner_key, by=by)
        if same := own.ready().filter(sha256=sha256, size=size).first():
            return same
        if own.exclude(state=Photo.State.BROKEN).count() >= PHOTOS_PER_FORM:
            raise PhotoError(f"一件最多 {PHOTOS_PER_FORM} 张照片。", "count")
        Photo.objects.bulk_create(
            [Photo(key=key, owner_key=owner_key, by=by, size=size, sha256=sha256, at=now)], ignore_conflicts=True
        )
    photo = Photo.objects.select_for_update().get(key=key)
    if (photo.by_id, photo.owner_key, photo.size, photo.sha256) != (by.pk, owner_key, size, sha256):
        raise PhotoError("照片的提交号有误，请重新选照片。", "owner")
    return photo


def _finish(photo: Photo) -> str:
    """Re-encode what is whole and say why, where that cannot be done; parts that do not add up to the digest are dropped, to be
    sent anew from the beginning."""
    data, fault = bytearray(photo.size), ""
    for part in photo.parts.all():
        data[part.offset : part.offset + len(part.data)] = bytes(part.data)
    photo.parts.all().delete()
    if hashlib.sha256(data).hexdigest() != photo.sha256:
        return fault
    try:
        photo.file.save(f"{photo.key}.jpg", ContentFile(reencode(bytes(data))), save=False)
        photo.state = Photo.State.READY
    except PictureError as error:
        photo.state, fault = Photo.State.BROKEN, error.message
    photo.save(update_fields=["state", "file"])
    photos_link(photo.owner_key)
    return fault
