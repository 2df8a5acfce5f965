"""三务公开 for residents: by village, by item, the archive, the feed; what is withdrawn is gone from all but its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from governance.disclosure.affairs import public_views, services
from governance.disclosure.models import Affair, AffairQuestion
from tests.cases.house import moment
from tests.disclosure.affairs.house import MONEY, AffairHouse
from tests.worlds import module_world
from villages.models import Unit
from villages.units.services import NewUnit, units_merge

pytestmark = pytest.mark.django_db
house = module_world(AffairHouse)
NOW = moment("2026-04-15 10:00")
QUESTION = {"name": "李秀英", "phone": "15400000002", "text": "路灯电费为什么比上季度多"}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def april() -> Any:
    cache.clear()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    assert answer["X-Robots-Tag"] == "noindex, noarchive"
    return answer.content.decode()


def test_it_is_found_by_village_and_by_item(client: Client, house: AffairHouse) -> None:
    affair, code = house.published(), house.village.code
    link = f'href="/public/affairs/{affair.pk}/"'
    assert f"/public/{code}/affairs/" in text(client, f"/public/{code}/")
    assert "/public/affairs/" in text(client, "/public/")
    assert "1 份" in text(client, "/public/affairs/")
    for page in (f"/public/{code}/affairs/", f"/public/{code}/affairs/archive/", f"/public/affairs/items/{house.kind().pk}/"):
        assert link in text(client, page), page
    page = text(client, f"/public/affairs/{affair.pk}/")
    assert "860.50" in page and "村务监督委员会" in page and "overseer" not in page and "cadre" not in page


def test_the_overseers_of_a_community_have_their_own_name(client: Client, house: AffairHouse) -> None:
    affair = house.published()
    Unit.objects.filter(pk=house.village.pk).update(code="511923102001", name="西兴社区居民委员会")
    page = text(client, f"/public/affairs/{affair.pk}/")
    assert "居务监督委员会，2026年4月15日" in page and "村务监督委员会" not in page
    page = text(client, "/public/511923102001/people/")
    assert "“两委”和居务监督委员会" in page


def test_a_community_is_spoken_of_in_its_own_words(client: Client, house: AffairHouse) -> None:
    """The catalogue is written of villages; where it is read of a community it says what that has, on the desk, paper and in public."""
    affair = house.published()
    kind = house.kind()
    kind.body = "村党组织、村民委员会、村务监督委员会、村“两委”"
    kind.save(update_fields=["body"])
    desk = [f"/affairs/{affair.turn_id}/", f"/affairs/versions/{affair.pk}/print/"]
    client.force_login(house.cast["cadre"])

    def pages() -> list[str]:
        return [text(client, f"/public/affairs/{affair.pk}/"), *(client.get(page).content.decode() for page in desk)]

    assert all(kind.body in page for page in pages())
    Unit.objects.filter(pk=house.village.pk).update(code="511923102001", name="西兴社区居民委员会")
    own = "社区党组织、居民委员会、居务监督委员会、社区“两委”"
    assert all(own in page and kind.body not in page for page in pages())


@pytest.mark.parametrize("state", ["draft", "submitted", "reviewed"])
def test_nothing_is_seen_before_it_is_published(client: Client, house: AffairHouse, state: str) -> None:
    affair: Affair = getattr(house, state)()
    assert client.get(f"/public/affairs/{affair.pk}/").status_code == 404
    assert MONEY.title not in text(client, f"/public/{house.village.code}/affairs/archive/")


def test_what_is_withdrawn_keeps_its_name_and_reason_alone(client: Client, house: AffairHouse) -> None:
    affair, code = house.published(), house.village.code
    assert [entry for entry, _ in entries(client, code)] == [affair.title]
    services.affair_withdraw(affair=affair, reason="金额抄错", by=house.cast["cadre"])
    page = text(client, f"/public/affairs/{affair.pk}/")
    assert "金额抄错" in page and "860.50" not in page and "财务账" not in page
    assert affair.title not in text(client, f"/public/{code}/affairs/")
    assert "已撤回" in text(client, f"/public/{code}/affairs/archive/")
    assert entries(client, code) == []


def test_a_corrected_version_stays_to_be_read_beside_the_new_one(client: Client, house: AffairHouse) -> None:
    old = house.published()
    new = services.affair_draft(turn=old.turn, content=replace(MONEY, note="更正电费"), by=house.cast["cadre"])
    services.affair_submit(affair=new, by=house.cast["cadre"])
    services.affair_review(affair=new, passed=True, by=house.cast["overseer"])
    services.affair_publish(affair=new, by=house.cast["cadre"])
    before, after = text(client, f"/public/affairs/{old.pk}/"), text(client, f"/public/affairs/{new.pk}/")
    assert "已经更正" in before and "860.50" in before and f"/public/affairs/{new.pk}/" in before
    assert f"/public/affairs/{old.pk}/" in after and "已更正" in after
    assert [link for _, link in entries(client, house.village.code)] == [f"/public/affairs/{new.pk}/"]


def entries(client: Client, code: str) -> list[tuple[str, str]]:
    """(title, path) of the feed, which says nothing else of a list."""
    root = ElementTree.fromstring(text(client, f"/public/{code}/affairs/feed/"))
    found = []
    for entry in root.iter(f"{ATOM}entry"):
        assert {child.tag.removeprefix(ATOM) for child in entry} == {"title", "link", "updated", "id"}
        link = entry.find(f"{ATOM}link")
        assert link is not None
        found.append((entry.findtext(f"{ATOM}title") or "", link.attrib["href"].removeprefix("http://testserver")))
    return found


def test_a_question_gets_a_number_and_is_looked_up(client: Client, house: AffairHouse) -> None:
    affair = house.published()
    address = f"/public/affairs/{affair.pk}/question/"
    answer = client.post(address, QUESTION, follow=True)
    assert "受理编号 ZX2026-00001，最迟 2026年4月20日 答复" in answer.content.decode()
    assert client.post(address, QUESTION).status_code == 302 and AffairQuestion.objects.count() == 1
    page = text(client, f"/public/affairs/{affair.pk}/")
    assert "1 条，已答复 0 条" in page and QUESTION["text"] not in page and QUESTION["name"] not in page
    found = client.post("/public/receipt/", {"number": "ZX2026-00001", "tail": "0002"}).content.decode()
    assert "待答复" in found and affair.title in found and QUESTION["text"] not in found
    assert "没有查到" in client.post("/public/receipt/", {"number": "ZX2026-00001", "tail": "0003"}).content.decode()
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("changes", [{"phone": "12"}, {"name": " "}, {"text": ""}, {"website": "x"}, {"text": "长" * 501}])
def test_a_wrong_question_is_refused_in_words(client: Client, house: AffairHouse, changes: dict[str, str]) -> None:
    affair = house.published()
    answer = client.post(f"/public/affairs/{affair.pk}/question/", {**QUESTION, **changes})
    assert answer.status_code == 422 and not AffairQuestion.objects.exists()
    assert 'class="error"' in answer.content.decode()


def test_too_many_questions_from_one_address_wait(client: Client, house: AffairHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_views, "QUESTIONS_PER_HOUR", 1)
    affair = house.published()
    codes = [client.post(f"/public/affairs/{affair.pk}/question/", {**QUESTION, "text": f"问{n}"}).status_code for n in range(3)]
    assert codes == [302, 429, 429]


def test_the_archive_takes_no_questions(client: Client, house: AffairHouse) -> None:
    affair = house.published()
    services.affairs_archive(date(2026, 7, 15))
    page = text(client, f"/public/affairs/{affair.pk}/")
    assert "860.50" in page and 'id="question"' not in page
    answer = client.post(f"/public/affairs/{affair.pk}/question/", QUESTION)
    assert answer.status_code == 422 and not AffairQuestion.objects.exists()


def test_a_merged_village_brings_its_lists(client: Client, house: AffairHouse, april: time_machine.Traveller) -> None:
    affair = house.published()
    april.move_to(NOW + timedelta(days=9))
    merged = units_merge(
        sources=[house.village], into=NewUnit("兴隆村委会", "511923102210"), on=date(2026, 4, 20), by=house.cast["staff"]
    )
    assert f"/public/affairs/{affair.pk}/" in text(client, f"/public/{merged.code}/affairs/")
    assert client.get(f"/public/{house.village.code}/affairs/").status_code == 404
