"""Wherever a photo is taken it is ready, or it is named with the reason; nothing is said to be noted over a lost one."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Case, Category, Photo, Visit
from inspections.models import Evidence
from inspections.scorecards.answers import Judged, answers_save
from tests.builders import settlement_of
from tests.inspections.orders.house import ISSUED, OrderHouse
from tests.pictures import heic, jpeg, png

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"苹果.heic": heic(), "九兆.jpg": jpeg(1, size=9 * 1024 * 1024)}
BAD = {"炸弹.png": (png(20_000, 15_000, 1), "尺寸太大"), "坏的.jpg": (jpeg(2)[:300], "无法读取"), "空的.jpg": (b"", "照片超过")}
FAULT = "房前屋后乱堆乱放"
NOTED = ("已登记", "已报告", "已加照片")


def files_of(photos: dict[str, bytes]) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, data, "image/jpeg") for name, data in photos.items()]


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> OrderHouse:
    settings.MEDIA_ROOT = tmp_path
    made = OrderHouse()
    cases_set_up(township=made.township)
    return made


class Log:
    """记一件事 without scripts; the form is shown again with its key."""

    address = "cases:case-log"

    def __init__(self, house: OrderHouse, client: Client) -> None:
        self.client, self.key = client, str(uuid4())
        self.fields: dict[str, object] = {"client_key": self.key, "unit": settlement_of(house.village).pk, **self.said(house)}
        client.force_login(house.cadre)

    def said(self, house: OrderHouse) -> dict[str, object]:
        return {"category": Category.objects.get(township=house.township, code="dianli").pk, "text": "电线垂下来了"}

    def made(self) -> int:
        return Case.objects.count()

    def send(self, photos: dict[str, bytes]) -> str:
        said = {**self.fields, "photos": files_of(photos)}
        return self.client.post(reverse(self.address), said, follow=True).content.decode()

    def kept(self) -> int:
        return Photo.objects.ready().exclude(case=None, visit=None).count()


class LogVisit(Log):
    address = "cases:visit-log"

    def said(self, house: OrderHouse) -> dict[str, object]:
        return {"kind": Visit.Kind.choices[0][0], "seen": "老人身体还好"}

    def made(self) -> int:
        return Visit.objects.count()


class Report(Log):
    """报告整改: refused as a whole, so that what is chosen anew is not doubled."""

    def __init__(self, house: OrderHouse, client: Client) -> None:
        self.client, self.order = client, house.signed()
        client.force_login(house.secretary)

    def made(self) -> int:
        return int(type(self.order).objects.get(pk=self.order.pk).state == "reported")

    def send(self, photos: dict[str, bytes]) -> str:
        said = {"text": "已清理", "photos": files_of(photos)}
        return self.client.post(f"/orders/{self.order.pk}/report/", said, follow=True).content.decode()

    def kept(self) -> int:
        return Evidence.objects.filter(photo__state="ready", photo__kept=True).count()


@pytest.mark.django_db
@pytest.mark.parametrize("door", [Log, LogVisit, Report])
def test_a_form_keeps_each_photo_or_names_it(house: OrderHouse, client: Client, door: Callable[..., Log]) -> None:
    form = door(house, client)
    page = form.send({**GOOD, **{name: data for name, (data, _) in BAD.items()}})
    for name, (_, reason) in BAD.items():
        assert re.search(f"照片“{name}”没有存下：[^“]*{reason}", page), name
    assert form.made() == 0 and not any(words in page for words in NOTED)
    assert "填写的内容都还在" in page and not Photo.objects.exclude(state="ready").exists()
    again = form.send(GOOD)
    assert any(words in again for words in NOTED)
    assert (form.made(), form.kept()) == (1, 2)


@pytest.mark.django_db
def test_it_names_those_beyond_the_ninth_and_keeps_the_nine(house: OrderHouse, client: Client) -> None:
    form = Log(house, client)
    for number in range(8):
        said = {"key": uuid4(), "owner_key": form.key, "by": house.cadre, "size": 1, "sha256": str(number) * 64, "at": ISSUED}
        Photo.objects.create(state=Photo.State.READY, file=f"{number}.jpg", **said)
    page = form.send({f"{number}.jpg": jpeg(number) for number in range(9, 13)})
    assert re.findall(r"照片“(\w+)\.jpg”没有存下：一件最多 9 张照片", page) == ["10", "11", "12"]
    assert form.made() == 0 and "已存下 1 张照片，不用再选" in page
    assert "已登记" in form.send({}) and (form.made(), form.kept()) == (1, 9)


@pytest.mark.django_db
def test_photos_outlive_a_form_that_is_refused_for_another_reason(house: OrderHouse, client: Client) -> None:
    form = LogVisit(house, client)
    form.fields["seen"] = ""
    assert "已存下 1 张照片，不用再选" in form.send({"一.jpg": jpeg()})
    form.fields["seen"] = "老人身体还好"
    assert "已登记" in form.send({}) and form.kept() == 1


@pytest.mark.django_db
def test_a_line_of_the_card_keeps_its_photo_or_names_it(house: OrderHouse, client: Client) -> None:
    house.scoring()
    item = house.item(FAULT)
    answers_save(card=house.card(), judged={item.pk: Judged(Decimal(1))}, by=house.supervisor)
    client.force_login(house.supervisor)
    path = reverse("inspections:card-photo-add", args=[house.card().pk, item.pk])
    for name, reason in (("坏的.jpg", "无法读取"), ("炸弹.png", "尺寸太大")):
        data = BAD[name][0]
        answer = client.post(path, {"photo": files_of({name: data})[0]})
        page = answer.content.decode()
        assert answer.status_code == 422 and "已加照片" not in page
        assert re.search(f"照片“{name}”没有存下：[^“]*{reason}", page)
    for name, data in GOOD.items():
        assert client.post(path, {"photo": files_of({name: data})[0]}).status_code == 302
    assert Evidence.objects.filter(photo__state="ready", photo__kept=True).count() == Photo.objects.count() == 2


def put(client: Client, owner: str, data: bytes) -> tuple[int, dict[str, str]]:
    """As `send.js` sends a photo."""
    asked = f"owner={owner}&size={len(data)}&sha256={hashlib.sha256(data).hexdigest()}"
    path, part, answer = reverse("cases:photo-part", args=[uuid4()]), 1024 * 1024, None
    for offset in range(0, max(1, len(data)), part):
        body = data[offset : offset + part]
        answer = client.put(f"{path}?{asked}&offset={offset}", body, content_type="application/octet-stream")
    assert answer is not None
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_a_phone_hears_what_became_of_each_photo(house: OrderHouse, client: Client) -> None:
    client.force_login(house.cadre)
    owner = str(uuid4())
    for data in GOOD.values():
        assert put(client, owner, data)[1]["state"] == "ready"
    for data, reason in BAD.values():
        status, said = put(client, owner, data)
        assert status == 422 and reason in said["detail"]
    assert put(client, owner, heic())[1]["state"] == "ready"
    assert Photo.objects.ready().count() == 2, "the same photo under another key is kept once"

@pytest.mark.django_db
def test_every_form_that_takes_photos_makes_them_small_first(house: OrderHouse, client: Client) -> None:
    house.scoring()
    line = reverse("inspections:card-line", args=[house.card().pk, house.item(FAULT).pk])
    pages: list[tuple[User, str]] = [
        (house.cadre, reverse("cases:case-log")),
        (house.cadre, reverse("cases:visit-log")),
        (house.secretary, f"/orders/{house.signed().pk}/report/"),
        (house.supervisor, line),
    ]
    for user, path in pages:
        client.force_login(user)
        page = client.get(path).content.decode()
        assert 'accept="image/*"' in page and re.search(r"offline/(photos|form)\.", page), path
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("[gimv]*/**/*.py")]
    takers = {path.relative_to(ROOT).as_posix() for path in sources if "image/*" in path.read_text()}
    assert takers == {
        "templates/cases/engine/log.html",
        "templates/cases/visits/log.html",
        "inspections/orders/forms.py",
        "inspections/scorecards/forms.py",
    }, "a new one belongs into the walk above"
