"""Photos in parts: any order, twice, cut; re-encoded without EXIF; seen by those who see the case."""

from __future__ import annotations

import hashlib
import io
import resource
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from pytest_django import Settings

from governance.cases.models import Photo, PhotoPart
from governance.cases.sending.photos import PHOTOS_PER_FORM, PhotoError, photo_part, photos_sweep, received
from governance.pictures import PictureError, reencode
from tests.cases.house import MORNING, CaseHouse
from tests.cases.sending.test_sending import send
from tests.pictures import heic, png

PART = 1000


def jpeg(width: int = 600, height: int = 300, place: bool = True) -> bytes:
    image, stream = Image.effect_noise((width, height), 40).convert("RGB"), io.BytesIO()
    exif = image.getexif()
    if place:
        exif[0x010F], exif[0x0112] = "Phone", 6
        exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 33.0, 0.0)})
    image.save(stream, "JPEG", exif=exif, comment=b"secret")
    return stream.getvalue()


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> CaseHouse:
    settings.MEDIA_ROOT = tmp_path
    return CaseHouse()


def put(house: CaseHouse, data: bytes, order: list[int], key: UUID, owner: UUID, by: str = "cadre") -> Photo:
    """The parts of `data` in `order`."""
    photo = None
    for number in order:
        offset = number * PART
        photo = photo_part(
            key=key,
            owner_key=owner,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            offset=offset,
            data=data[offset : offset + PART],
            by=house.user(by),
            at=MORNING,
        )
    assert photo is not None
    photo.refresh_from_db()
    return photo


def test_it_takes_away_everything_but_the_picture() -> None:
    with Image.open(io.BytesIO(reencode(jpeg(2400, 1200)))) as image:
        assert (image.format, image.size) == ("JPEG", (800, 1600)), "upright and small"
        assert not image.getexif() and "comment" not in image.info and "icc_profile" not in image.info
    assert b"secret" not in reencode(jpeg())


def test_it_reads_what_phones_save() -> None:
    for data, size in ((heic(200, 100), (200, 100)), (jpeg(4000, 3000), (1600, 1200))):
        with Image.open(io.BytesIO(reencode(data))) as image:
            assert image.format == "JPEG" and sorted(image.size) == sorted(size)


def test_a_huge_photo_costs_the_portal_nothing() -> None:
    data = png(12_000, 9_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Image.open(io.BytesIO(reencode(data))) as image:
        assert image.size == (1600, 1200), "108 megapixels, of which a thumbnail is kept"
    with pytest.raises(PictureError, match="尺寸太大"):
        reencode(png(20_000, 15_000, 1))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "kB: the child alone decodes"


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg()[:200], b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_it_says_what_is_no_photo(data: bytes) -> None:
    with pytest.raises(PictureError, match="无法读取"):
        reencode(data)


@pytest.mark.django_db
def test_it_puts_parts_together_in_any_order_and_twice(house: CaseHouse) -> None:
    data, key, owner = jpeg(), uuid4(), uuid4()
    last = -(-len(data) // PART) - 1
    case = send(house, owner, "电线").sent.case
    coming = put(house, data, [0, 0, 2], key, owner)
    assert (coming.state, received(coming)) == (Photo.State.COMING, PART), "as far as there is no gap"
    photo = put(house, data, [1, 1, last, *range(3, last)], key, owner)
    assert (photo.state, photo.case) == (Photo.State.READY, case)
    assert not PhotoPart.objects.exists() and received(photo) == len(data)
    assert put(house, data, [0], key, owner).state == Photo.State.READY, "after the end it changes nothing"
    with Image.open(photo.file.path) as image:
        assert image.size == (300, 600) and not image.getexif()


@pytest.mark.django_db
def test_it_ties_a_photo_that_came_before_its_form(house: CaseHouse) -> None:
    data, owner = jpeg(60, 30), uuid4()
    photo = put(house, data, list(range(-(-len(data) // PART))), uuid4(), owner)
    assert photo.case is None
    assert list(Photo.objects.visible_to(house.user("secretary"))) == []
    assert list(Photo.objects.visible_to(house.user("cadre"))) == [photo]
    case = send(house, owner, "电线").sent.case
    photo.refresh_from_db()
    assert photo.case == case
    assert list(Photo.objects.visible_to(house.user("secretary"))) == [photo]


@pytest.mark.django_db
def test_it_shows_photos_of_private_cases_to_those_on_them(house: CaseHouse) -> None:
    data, owner = jpeg(60, 30), uuid4()
    case = send(house, owner, "信访").sent.case
    put(house, data, list(range(-(-len(data) // PART))), uuid4(), owner)
    assert case is not None
    type(case).objects.filter(pk=case.pk).update(private=True)
    assert not Photo.objects.visible_to(house.user("secretary")).exists()
    assert Photo.objects.visible_to(house.user("cadre")).exists()


@pytest.mark.django_db
def test_it_starts_anew_where_the_digest_does_not_fit(house: CaseHouse) -> None:
    key, owner = uuid4(), uuid4()
    said: dict[str, Any] = {"key": key, "owner_key": owner, "size": 4, "sha256": "0" * 64, "by": house.user("cadre")}
    photo = photo_part(**said, offset=0, data=b"abcd")
    assert (photo.state, received(photo)) == (Photo.State.COMING, 0)


@pytest.mark.django_db
def test_it_refuses_too_much(house: CaseHouse) -> None:
    said: dict[str, Any] = {"sha256": "0" * 64, "by": house.user("cadre"), "offset": 0}
    with pytest.raises(PhotoError):
        photo_part(key=uuid4(), owner_key=uuid4(), size=21 * 1024 * 1024, data=b"x", **said)
    with pytest.raises(PhotoError):
        photo_part(key=uuid4(), owner_key=uuid4(), size=1, data=b"xx", **said)
    owner = uuid4()
    for _ in range(PHOTOS_PER_FORM):
        photo_part(key=uuid4(), owner_key=owner, size=2, data=b"x", **said)
    with pytest.raises(PhotoError, match="最多 9 张"):
        photo_part(key=uuid4(), owner_key=owner, size=2, data=b"x", **said)
    key = Photo.objects.first().key  # type: ignore[union-attr]
    with pytest.raises(PhotoError, match="提交号有误"):
        photo_part(key=key, owner_key=owner, size=2, data=b"x", **{**said, "by": house.user("secretary")})


@pytest.mark.django_db
def test_it_forgets_after_a_week_what_never_came_whole(house: CaseHouse) -> None:
    said: dict[str, Any] = {"sha256": "0" * 64, "by": house.user("cadre"), "offset": 0, "at": MORNING}
    photo_part(key=uuid4(), owner_key=uuid4(), size=2, data=b"x", **said)
    assert photos_sweep(MORNING + timedelta(days=6)) == 0
    assert photos_sweep(MORNING + timedelta(days=8)) == 1
    assert not PhotoPart.objects.exists()
