"""小微权力清单: steps as a picture, confirmed word by word, samples marked wherever they are shown."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.cases.categories.setting_up import cases_set_up
from governance.cases.models import Category
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.errors import DisclosureError
from governance.disclosure.models import AffairKind, Power
from governance.disclosure.powers.due import KINDS
from governance.disclosure.powers.flow import COLUMNS, MOST_STEPS, Step, flow_svg, steps_of
from governance.disclosure.powers.guards import CONFIRMED
from governance.disclosure.powers.services import power_confirm, power_save
from governance.disclosure.powers.setting_up import powers_set_up
from governance.guards import refused_by
from tests.builders import make_cast, make_township, make_village
from tests.cases.house import moment
from tests.disclosure.affairs.test_pages import sheet
from tests.pages import neighbour, queries, read
from tests.trial import run_in_trial_mode
from tests.worlds import module_world

pytestmark = pytest.mark.django_db
NOW = moment("2026-04-15 10:00")
SVG = "{http://www.w3.org/2000/svg}"


class PowerHouse:
    def __init__(self) -> None:
        self.township = make_township()
        self.village = make_village(self.township)
        self.cast = make_cast(self.township, self.village)
        affairs_set_up(township=self.township)
        powers_set_up(township=self.township)

    def power(self, code: str = "yinzhang") -> Power:
        return Power.objects.get(township=self.township, code=code)


house = module_world(PowerHouse)


@pytest.fixture(autouse=True)
def april() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_it_ships_samples_that_nobody_has_confirmed(house: PowerHouse) -> None:
    powers = Power.objects.filter(township=house.township)
    assert powers.count() == 16 and all(power.is_sample and power.flow for power in powers)
    assert not [power for power in powers if re.search(r"第\S+条", power.basis)], "no article is cited"
    assert set(house.power("xiangmu").kinds.values_list("code", flat=True)) == {"xiangmu", "zhuanxiang"}
    house.power().delete()
    Power.objects.filter(code="caigou").update(name="采购")
    assert powers_set_up(township=house.township, by=house.cast["staff"]) == 1
    assert house.power("caigou").name == "采购"
    with pytest.raises(DisclosureError):
        powers_set_up(township=house.township, by=house.cast["secretary"])


def test_the_steps_are_read_line_by_line() -> None:
    assert steps_of("村“两委”|商议\n\n 镇 ｜ 审批 ｜ 3 个工作日 ") == [Step("村“两委”", "商议"), Step("镇", "审批", "3 个工作日")]
    for text, reason in (
        ("", "一步一行"), ("甲", "第 1 步"), ("甲|乙\n|丙", "第 2 步"), ("甲|乙|丙|丁", "第 1 步"), ("甲|" + "长" * 121, "太长"),
        ("甲|乙\n" * (MOST_STEPS + 1), "最多"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=reason):
            steps_of(text)


def test_the_picture_has_a_box_for_each_step_and_an_arrow_between(house: PowerHouse) -> None:
    for power in Power.objects.all():
        root = ElementTree.fromstring(flow_svg(power.flow, power.name))
        boxes, arrows = root.findall(f"{SVG}rect"), root.findall(f"{SVG}polygon")
        assert (len(boxes), len(arrows)) == (len(power.flow), len(power.flow) - 1)
        tops = [(int(box.attrib["y"]), int(box.attrib["y"]) + int(box.attrib["height"])) for box in boxes]
        assert all(bottom < top for (_, bottom), (top, _) in zip(tops, tops[1:], strict=False)), "no box over another"
        assert int(root.attrib["viewBox"].split()[3]) > tops[-1][1]
        texts = [(int(one.attrib["y"]), one.text or "") for one in root.findall(f"{SVG}text")]
        assert all(any(top < y < bottom for top, bottom in tops) for y, _ in texts), "every line lies in a box"
        assert {one.text for one in root.findall(f"{SVG}title")} == {power.name}


def test_the_picture_escapes_what_it_is_told() -> None:
    svg = flow_svg([Step("<b>甲</b>", "a & b " + "长" * 80, "\"3\" 天")], "<x>")
    root = ElementTree.fromstring(svg)
    lines = ["".join(one.itertext()) for one in root.findall(f"{SVG}text")]
    assert "".join(lines) == "1. <b>甲</b>（\"3\" 天）a & b " + "长" * 80
    assert max(sum(2 if ord(letter) > 255 else 1 for letter in line) for line in lines) <= COLUMNS


def test_it_is_confirmed_for_a_year_and_changed_words_are_a_new_version(house: PowerHouse) -> None:
    staff, power = house.cast["staff"], house.power()
    power.limits = "不得盖空白纸"
    assert power_save(power=power, by=staff).version == 1
    power = power_confirm(power=power, by=staff)
    assert (power.confirmed_on, power.review_on) == (date(2026, 4, 15), date(2027, 4, 15))
    power.position = 3
    assert power_save(power=power, by=staff).confirmed_on is not None, "the order of the list is no word"
    power.papers = "用印登记、申请"
    power = power_save(power=power, by=staff)
    assert (power.version, power.is_sample, power.review_on) == (2, True, None)
    assert [(one.version, one.confirmed_on is not None) for one in power.history.order_by("history_id")][-3:] == [
        (1, True), (1, True), (2, False),
    ]  # fmt: skip
    for duty in ("secretary", "leader", "overseer"):
        with pytest.raises(DisclosureError):
            power_confirm(power=power, by=house.cast[duty])
    power.steps = "甲"
    with pytest.raises(DisclosureError, match="第 1 步"):
        power_save(power=power, by=staff)


def test_it_waits_for_its_yearly_look(house: PowerHouse) -> None:
    power_confirm(power=house.power(), by=house.cast["staff"])
    (kind,) = KINDS

    def held(day: str, duty: str = "staff") -> int:
        return kind.held_by(User.objects.get(pk=house.cast[duty].pk), moment(f"{day} 09:00")).count()

    assert [held("2027-03-15"), held("2027-03-16"), held("2027-03-16", "secretary")] == [0, 1, 0]
    assert not kind.late_rows(moment("2027-04-15 23:00")) and kind.late_rows(moment("2027-04-16 00:00"))


def refused(house: PowerHouse) -> list[str]:
    """What refuses words of a confirmed power that are changed past the service, field by field."""
    power = power_confirm(power=house.power(), by=house.cast["staff"])
    found = []
    for name in Power.WORDS:
        try:
            with transaction.atomic():
                Power.objects.filter(pk=power.pk).update(**{name: "party" if name == "area" else "别的|做"})
                transaction.set_rollback(True)
            found.append(f"{name} passed")
        except IntegrityError as error:
            found.append(refused_by(error))
    return sorted(set(found))


def test_the_database_refuses_changed_words_of_what_is_confirmed(house: PowerHouse) -> None:
    assert refused(house) == [CONFIRMED]
    Power.objects.filter(pk=house.power().pk).update(papers="别的", confirmed_on=None, confirmed_by=None, review_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Power.objects.filter(pk=house.power().pk).update(confirmed_on=date(2026, 4, 15))


def refused_on_sqlite() -> list[str]:
    return refused(PowerHouse())


def test_sqlite_refuses_the_same(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.disclosure.powers.test_powers:refused_on_sqlite", tmp_path) == [CONFIRMED]


def test_residents_find_it_and_see_what_is_a_sample(client: Client, house: PowerHouse) -> None:
    power_confirm(power=house.power(), by=house.cast["staff"])
    Power.objects.filter(code="fabao").update(is_active=False)
    page = client.get("/public/powers/").content.decode()
    assert page.count("tag waiting") == 14 and "集体资产资源发包租赁" not in page
    page = client.get("/public/powers/", {"q": "印章"}).content.decode()
    assert "村级印章使用" in page and "便民代办" not in page
    assert "没有“龙宫”" in client.get("/public/powers/", {"q": "龙宫"}).content.decode()
    confirmed, sample = house.power(), house.power("xiangmu")
    page = client.get(f"/public/powers/{confirmed.pk}/").content.decode()
    assert "示例" not in page and "<svg" in page and "不收费" in page and "staff" not in page
    page = client.get(f"/public/powers/{sample.pk}/").content.decode()
    assert "示例：还没有经镇确认" in page and f"/public/affairs/items/{AffairKind.objects.get(code='xiangmu').pk}/" in page
    assert client.get(f"/public/powers/{house.power('fabao').pk}/").status_code == 404


def test_it_leads_to_what_carries_it_out(client: Client, house: PowerHouse) -> None:
    """The errand and the decision that ship with the samples, once the township has such kinds; where there are none nothing is said."""
    decided, brought = house.power("juece"), house.power("daiban")
    assert (decided.decision, brought.errand) == ("siyi", "daiban")
    assert "怎么办这件事" not in client.get(f"/public/powers/{decided.pk}/").content.decode()
    decision_kinds_set_up(township=house.township)
    cases_set_up(township=house.township)
    errand = Category.objects.get(township=house.township, code="daiban")
    page = client.get(f"/public/powers/{brought.pk}/").content.decode()
    assert f'代办事项：<a href="/public/services/{errand.pk}/">{errand.name}</a>' in page
    assert client.get(f"/public/services/{errand.pk}/").status_code == 200
    page = client.get(f"/public/powers/{decided.pk}/").content.decode()
    assert "决策程序：四议两公开" in page and "/decisions/" not in page
    page = read(client, house.cast["cadre"], f"/powers/{decided.pk}/")
    address = "/decisions/?kind=siyi&amp;state=all"
    assert address in page and client.get(unescape(address)).status_code == 200
    Category.objects.filter(pk=errand.pk).update(is_active=False)
    assert "怎么办这件事" not in client.get(f"/public/powers/{brought.pk}/").content.decode()


def test_the_office_names_what_carries_it_out(client: Client, house: PowerHouse) -> None:
    """Of its own kinds; what was named stays where the kind went out of use, and a confirmed text stays confirmed."""
    decision_kinds_set_up(township=house.township)
    staff, power = house.cast["staff"], power_confirm(power=house.power(), by=house.cast["staff"])
    read(client, staff, f"/powers/{power.pk}/edit/")
    form = client.get(f"/powers/{power.pk}/edit/").context["form"]
    assert ("siyi", "四议两公开") in form.fields["decision"].choices and form.fields["errand"].choices == [("", "没有")]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None} | {"kinds": []}
    assert client.post(f"/powers/{power.pk}/edit/", {**given, "decision": "hongbai"}).status_code == 302
    power.refresh_from_db()
    assert (power.decision, power.is_sample) == ("hongbai", False)
    power.errand = "longgong"
    with pytest.raises(DisclosureError, match="本镇没有代码是 longgong 的代办事项"):
        power_save(power=power, by=staff)
    cases_set_up(township=house.township)
    power.errand = "daiban"
    power = power_save(power=power, by=staff)
    Category.objects.filter(code="daiban").update(is_active=False)
    assert power_save(power=power, by=staff).errand == "daiban"


def test_the_office_keeps_it_on_the_desk(client: Client, house: PowerHouse) -> None:
    staff, power = house.cast["staff"], house.power()
    page = read(client, staff, f"/powers/{power.pk}/")
    assert "确认作数" in page and "示例" in page
    assert client.post(f"/powers/{power.pk}/confirm/").status_code == 302
    assert "再确认一年" in read(client, staff, f"/powers/{power.pk}/")
    form = client.get(f"/powers/{power.pk}/edit/").context["form"]
    given = {name: form[name].value() for name in form.fields} | {"kinds": [AffairKind.objects.get(code="jueyi").pk]}
    assert client.post(f"/powers/{power.pk}/edit/", {**given, "steps": "甲"}).status_code == 422
    assert client.post(f"/powers/{power.pk}/edit/", {**given, "steps": "村主要负责人|审批|当场"}).status_code == 302
    power.refresh_from_db()
    assert (power.version, power.is_sample, [kind.code for kind in power.kinds.all()]) == (2, True, ["jueyi"])
    answer = client.post("/powers/create/", {**given, "township": house.township.pk, "code": "xin", "name": "新增", "kinds": []})
    assert answer.status_code == 302 and house.power("xin").is_sample
    assert client.post("/powers/create/", {**given, "township": house.township.pk, "code": "xin", "kinds": []}).status_code == 422
    assert "示例" in read(client, house.cast["cadre"], f"/powers/{power.pk}/print/")
    assert "确认作数" not in read(client, house.cast["cadre"], f"/powers/{power.pk}/")
    assert len(sheet(client, "/powers/export/")) >= 18


def test_the_sheet_says_the_steps_as_people_read_them(client: Client, house: PowerHouse) -> None:
    Power.objects.exclude(pk=house.power().pk).delete()
    Power.objects.update(steps="村民|提出申请\n镇|审核|三个工作日内")
    client.force_login(house.cast["staff"])
    rows = sheet(client, "/powers/export/")
    head = next(row for row in rows if "办理步骤" in row)
    row = rows[rows.index(head) + 1]
    assert row[head.index("办理步骤")] == "1. 村民：提出申请\n2. 镇：审核（三个工作日内）"


def test_another_township_keeps_its_own(client: Client, house: PowerHouse) -> None:
    stranger = neighbour()["staff"]
    client.force_login(stranger)
    power = house.power()
    assert client.get(f"/powers/{power.pk}/").status_code == client.get(f"/powers/{power.pk}/edit/").status_code == 404
    assert not Power.objects.visible_to(stranger, Action.POWER_VIEW).exists()


def test_queries_do_not_grow_with_powers(client: Client, house: PowerHouse) -> None:
    before = [queries(client, house.cast["staff"], address) for address in ("/powers/", "/public/powers/")]
    words = {"area": "seal", "name": "x", "basis": "x", "body": "x", "steps": "甲|乙", "supervisor": "x"}
    Power.objects.bulk_create(Power(township=house.township, code=f"m{number}", **words) for number in range(9))
    assert [queries(client, house.cast["staff"], address) for address in ("/powers/", "/public/powers/")] == before

