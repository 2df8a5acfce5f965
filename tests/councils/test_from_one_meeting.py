"""From one meeting: task, case, dispute, order, notice, decision, covenant's draft, deeds; nothing that the meeting holds is typed again,
and each ledger has exactly the rows of that one typing (issue: done when 5)."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
import time_machine
from django import forms
from django.test import Client
from django.urls import reverse

from governance.accounts.duties import Duty
from governance.cases.models import Case
from governance.councils.covenants.services import covenant_add
from governance.councils.decisions.from_items import item_decide
from governance.councils.decisions.setting_up import decision_kinds_set_up
from governance.councils.errors import CouncilError
from governance.councils.meetings.services import Line
from governance.councils.models import (
    Clause,
    Covenant,
    CovenantVersion,
    Decision,
    DecisionKind,
    Item,
    Meeting,
    Outcome,
    Task,
)
from governance.disclosure.models import Notice
from moral_bank.models import Claim
from tests.builders import make_village
from tests.councils.house import TODAY, moment
from tests.councils.meetings.test_meetings import MeetingHouse
from tests.worlds import module_world
from villages.models import Post, Unit
from volunteers.models import ServiceOrder

pytestmark = pytest.mark.django_db
LINE = Line("硬化院坝到学校的路", "下雨泥泞，学生上学不便", "每户出工一天，余下请村里办")
LINKS = re.compile(r'href="(/(?:meeting-items|meetings)/\d+/(?:task|notice|decision|covenant|make/\w+|deeds)/[^"]*)"')
TYPED = (forms.TextInput, forms.NumberInput, forms.Textarea, forms.DateInput, forms.TimeInput)
PICKS = 6  # not every kind of service is for everybody
MADE: dict[Any, int] = {Task: 1, Case: 2, ServiceOrder: 1, Notice: 1, Decision: 1, CovenantVersion: 1, Claim: 3, Outcome: 7}
KINDS = {"covenant", "decision", "deeds", "dispute", "event", "notice", "service"}
LEDGERS = {
    "councils:meeting-export": 1,
    "councils:task-export": 1,
    "councils:decision-export": 1,
    "councils:covenant-export": 1,
    "moral_bank:claim-export": 3,
    "volunteers:order-export": 1,
}


class RoadHouse(MeetingHouse):
    """With the kinds of decision that ship; the secretary runs decisions, the office publishes."""

    def __init__(self) -> None:
        super().__init__()
        decision_kinds_set_up(township=self.township)


house = module_world(RoadHouse)


@pytest.fixture(autouse=True)
def undone(house: RoadHouse, db: None) -> Any:
    with time_machine.travel(moment(), tick=False):
        yield


def signed_in(house: RoadHouse, role: str) -> Client:
    client = Client()
    client.force_login(house.cast[role])
    return client


def offered(client: Client, meeting: Meeting) -> list[str]:
    """The addresses to which the meeting's page leads on."""
    page = client.get(reverse("councils:meeting-detail", args=[meeting.pk])).content.decode()
    return list(dict.fromkeys(LINKS.findall(page)))


def asked(form: Any) -> list[str]:
    """What of a form has to be typed, or asks for a place, though the meeting says it."""
    found = []
    for bound in form.visible_fields():
        empty = bound.value() in (None, "", [])
        is_place = getattr(getattr(bound.field, "queryset", None), "model", None) is Unit
        if empty and (is_place or (bound.field.required and isinstance(bound.field.widget, TYPED))):
            found.append(bound.name)
    return found


def filled(form: Any, pick: int) -> dict[str, Any]:
    """A form as it stands, with a choice where one may be picked (the `pick`th, or the last there is); not a word is typed."""
    sent = {}
    for bound in form:
        value = bound.value()
        if value in (None, "") and hasattr(bound.field, "choices"):
            value = [str(key) for key, _ in bound.field.choices if str(key)][:pick][-1]
        if value not in (None, "", [], False):
            sent[bound.html_name] = str(value)
    return sent


def holds(form: Any, words: str) -> bool:
    return any(words in str(bound.value()) for bound in form)


def follow(client: Client, address: str) -> None:
    form = client.get(address).context["form"]
    assert asked(form) == [], address
    assert "/deeds/" in address or holds(form, LINE.outcome), address
    answers = (client.post(address, filled(form, pick)).status_code for pick in range(1, PICKS))
    assert 302 in answers, address


def test_nothing_is_typed_twice(house: RoadHouse) -> None:
    meeting = house.confirmed(None, LINE)
    assert Meeting.objects.count() == Item.objects.count() == 1
    followed: list[str] = []
    for role in ("secretary", "staff"):
        client = signed_in(house, role)
        for address in offered(client, meeting):
            if address not in followed:
                follow(client, address)
                followed.append(address)
        assert [one for one in offered(client, meeting) if "/task/" not in one] == []
    assert len(followed) == 8, followed
    assert {model: model.objects.count() for model in MADE} == MADE
    assert set(Outcome.objects.values_list("kind", flat=True)) == KINDS
    assert {name: rows(signed_in(house, "secretary"), name) for name in LEDGERS} == LEDGERS


def test_each_is_made_once(house: RoadHouse) -> None:
    item, by = house.confirmed(None, LINE).items.get(), house.cast["secretary"]
    siyi = DecisionKind.objects.get(code="siyi")
    fields = {"item": item, "kind": siyi, "title": "修路", "purpose": "出行不便", "proposed_on": TODAY, "by": by}
    row = item_decide(**fields).row or 0  # type: ignore[arg-type]
    with pytest.raises(CouncilError, match="没有重复办"):
        item_decide(**fields)  # type: ignore[arg-type]
    decision = Decision.objects.get(pk=row)
    assert (decision.unit, decision.proposed_on) == (house.village, TODAY)
    assert Outcome.objects.get().label == f"{decision.number} 修路"
    page = signed_in(house, "cadre").get(reverse("councils:decision-detail", args=[decision.pk])).content.decode()
    assert f"来自 <a href=\"/meetings/{item.meeting_id}/#item-1\">{item.meeting}</a>" in page


def test_a_decision_is_the_yards_or_the_villages_as_its_kind_has_it(house: RoadHouse) -> None:
    item, client = house.confirmed(None, LINE).items.get(), signed_in(house, "secretary")
    address = reverse("councils:item-decide", args=[item.pk])
    form = client.get(address).context["form"]
    yard = DecisionKind.objects.get(code="yuanhu")
    assert yard in form.fields["kind"].queryset and "unit" not in form.fields
    client.post(address, {**filled(form, 1), "kind": yard.pk, "households": house.homes[0].number})
    decision = Decision.objects.get()
    assert (decision.unit, decision.village) == (house.yard, house.village)
    assert decision.beneficiaries.get().household == house.homes[0]
    item = house.called("rites", agenda=["修路"]).items.get()
    form = client.get(reverse("councils:item-decide", args=[item.pk])).context["form"]
    assert yard not in form.fields["kind"].queryset


def test_what_is_to_be_public_names_nobody(house: RoadHouse) -> None:
    """The words of a meeting are its own; a name of the register goes no further."""
    item = house.confirmed(None, Line("修路", "王小明家门口积水", "每户出工一天")).items.get()
    client = signed_in(house, "secretary")
    for address in (reverse("councils:item-decide", args=[item.pk]), reverse("councils:item-covenant", args=[item.pk])):
        form = client.get(address).context["form"]
        answer = client.post(address, {**filled(form, 1), "purpose": "王小明家门口积水", "text": "王小明家门口不准停车"})
        assert answer.status_code == 422 and "请写成“王**”" in answer.content.decode(), address
    assert not Decision.objects.exists() and not Covenant.objects.exists()


def test_a_step_asks_nothing_that_its_meeting_says(house: RoadHouse) -> None:
    """Of the chosen meeting neither the day nor who was to come and came; only votes, papers and words are left."""
    meeting, by = house.confirmed(None, LINE), house.cast["secretary"]
    kind = DecisionKind.objects.get(code="yuanhu")
    item_decide(item=meeting.items.get(), kind=kind, title="修路", purpose="出行不便", proposed_on=TODAY, by=by)
    decision, client = Decision.objects.get(), signed_in(house, "secretary")
    page = client.get(reverse("councils:decision-step", args=[decision.pk]))
    assert "houses_present" in page.context["form"].fields
    address = reverse("councils:decision-step", args=[decision.pk], query={"meeting": meeting.pk})
    assert f"?meeting={meeting.pk}" in page.content.decode()
    form = client.get(address).context["form"]
    typed = {bound.name for bound in form.visible_fields() if isinstance(bound.field.widget, TYPED)}
    assert typed <= {"yes", "no", "abstain", "text"}
    answer = client.post(address, {**filled(form, 1), "meeting": "", "yes": 3, "no": 0})
    assert answer.status_code == 422 and "请重新选会议" in answer.content.decode()
    assert client.post(address, {**filled(form, 1), "yes": 3, "no": 0}).status_code == 302
    record = decision.records.get()
    assert (record.held_on, record.houses_entitled, record.houses_present, record.meeting) == (TODAY, 5, 3, meeting)


def test_an_item_changes_the_covenant_that_stands(house: RoadHouse) -> None:
    """Below its clauses the new one; a second item goes into the same draft, each with its reason."""
    by = house.cast["secretary"]
    draft = covenant_add(unit=house.yard, kind="yard", title="柏树院公约", text="每天打扫。", note="初次订立", by=by)
    client = signed_in(house, "secretary")
    for words in ("院坝不堆柴草。", "狗要拴好。"):
        meeting = house.confirmed(None, Line("院坝", "", words))
        [address] = [one for one in offered(client, meeting) if "/covenant/" in one]
        assert address.endswith(f"?covenant={draft.covenant_id}")
        assert client.post(address, filled(client.get(address).context["form"], 1)).status_code == 302
        assert [one for one in offered(client, meeting) if "/covenant/" in one] == []
    draft.refresh_from_db()
    assert [clause.text for clause in Clause.objects.filter(version=draft)] == ["每天打扫。", "院坝不堆柴草。", "狗要拴好。"]
    assert draft.note == f"初次订立；{TODAY} 柏树院院户会议定：院坝；{TODAY} 柏树院院户会议定：院坝"
    assert CovenantVersion.objects.count() == 1


def test_a_yard_begins_its_own_covenant_beside_the_villages(house: RoadHouse) -> None:
    covenant_add(unit=house.village, kind="covenant", title="居民公约", text="每天打扫。", note="初次订立", by=house.cast["secretary"])
    links = [one for one in offered(signed_in(house, "secretary"), house.confirmed(None, LINE)) if "/covenant/" in one]
    assert sorted("?covenant=" in one for one in links) == [False, True]


def test_a_covenant_of_elsewhere_is_not_changed_from_here(house: RoadHouse) -> None:
    item, by = house.confirmed(None, LINE).items.get(), house.cast["secretary"]
    other = make_village(house.township, "马鞍村委会", "511923102202")
    Post.objects.create(kind=Duty.SECRETARY, unit=other, user=by, appointed_on=TODAY)
    del by.__dict__["grants"]
    there = covenant_add(unit=other, kind="covenant", title="居民公约", text="每天打扫。", note="初次订立", by=by).covenant_id
    assert signed_in(house, "secretary").get(reverse("councils:covenant-draft", args=[there])).status_code == 200
    for pk in (there, 99):
        address = reverse("councils:item-covenant", args=[item.pk], query={"covenant": pk})
        assert signed_in(house, "secretary").get(address).status_code == 404
    for name in ("item-covenant", "item-decide"):
        assert signed_in(house, "overseer").get(reverse(f"councils:{name}", args=[item.pk])).status_code in (403, 404)


def rows(client: Client, name: str) -> int:
    """How many numbered lines a ledger has."""
    answer: Any = client.get(reverse(name))
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return sum(isinstance(row[0], int) for row in book.active.iter_rows(values_only=True))
