"""A judgement has a basis: below a figure's minimum sample a line is 不适用, or the judgement says on what it rests."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from inspections.models import Answer
from inspections.scorecards.answers import Judged, answers_save
from tests.inspections.house import ON_SITE, RoundHouse, take
from tests.inspections.rounds.test_rounds import refused
from tests.pages import read
from tests.trial import run_in_trial_mode

pytestmark = pytest.mark.django_db
MEASURED = "回访按期完成"


@pytest.fixture
def house() -> RoundHouse:
    house = RoundHouse(1)
    house.scoring()
    return house


@pytest.mark.parametrize(("good", "of"), [(0, 0), (3, 3), (0, 4)])
def test_it_refuses_a_judgement_on_too_few_records_without_a_reason(house: RoundHouse, good: int, of: int) -> None:
    take(house.card(), good, of, enough=False)
    item = house.item(MEASURED).pk
    for value in (80, 100, 0):
        call = {"card": house.card(), "judged": {item: Judged(Decimal(value))}, "by": house.supervisor, "at": ON_SITE}
        assert "样本不足，请写明评分依据" in refused("need", answers_save, **call)
    answers_save(card=house.card(), judged={item: Judged(Decimal(0), applies=False)}, by=house.supervisor, at=ON_SITE)
    answers_save(card=house.card(), judged={item: Judged(Decimal(80), reason="查了纸质台账")}, by=house.supervisor, at=ON_SITE)
    assert Answer.objects.get().reason == "查了纸质台账"


def test_it_asks_no_reason_where_the_figure_speaks_or_nothing_is_measured(house: RoundHouse) -> None:
    take(house.card(), 9, 10)
    judged = {house.item(MEASURED).pk: Judged(Decimal(90)), house.item("白色垃圾").pk: Judged(Decimal(2))}
    assert len(answers_save(card=house.card(), judged=judged, by=house.supervisor, at=ON_SITE)) == 2


def test_the_form_asks_for_the_basis_where_the_figure_is_thin(house: RoundHouse, client: Client) -> None:
    take(house.card(), 0, 0, enough=False)
    path, item = reverse("inspections:card-score", args=[house.card().pk]), house.item(MEASURED).pk
    page = read(client, house.supervisor, path)
    assert "评分依据（实测样本不足" in page and page.count("data-thin") == 1
    answer = client.post(path, {f"item_{item}": "80"})
    assert answer.status_code == 422 and "实测样本不足，请写明评分依据" in answer.content.decode()
    assert client.post(path, {f"item_{item}": "80", f"reason_{item}": "查了纸质台账"}).status_code == 302
    assert Answer.objects.get().reason == "查了纸质台账"


def test_the_trial_mode_refuses_the_same(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.inspections.scorecards.test_early:passed_by", tmp_path) == []
