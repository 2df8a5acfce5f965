"""Taken in, changed, judged anew, handed over, moved, taken out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from governance.accounts.duties import Duty
from governance.accounts.models import User
from tests.builders import make_user, make_village, settlement_of
from tests.volunteers.care.house import ENTERED, CareHouse, noon
from tests.worlds import module_world
from villages.households.services import household_move, resident_leave
from villages.models import Post
from volunteers.care.due import CARE_LATE
from volunteers.care.errors import CareError
from volunteers.care.levels import helps
from volunteers.care.notes import care_contact
from volunteers.care.services import care_change, care_hand, care_judge, care_leave, category_save
from volunteers.care.setting_up import care_set_up
from volunteers.models import CareRecord, CareTurn

pytestmark = pytest.mark.django_db
house = module_world(CareHouse)


def test_it_takes_somebody_in_with_the_private_words_as_cipher_text(house: CareHouse) -> None:
    helper = house.cast["yard_head"]
    record = house.enter(helper=helper, guardian="儿子王某", words="高血压三级", needs="送水")
    assert (record.due_on, record.judged_on, record.township) == (date(2026, 3, 9), ENTERED, house.township)
    stored = CareRecord.objects.get(pk=record.pk)
    assert stored.private_words == ("儿子王某", "高血压三级") and "高血压".encode() not in bytes(stored.private)
    assert not hasattr(stored.history.get(), "private")
    with pytest.raises(CareError, match="已在台账里"):
        house.enter(resident=record.resident)


def test_it_refuses_what_the_ledger_must_not_hold(house: CareHouse) -> None:
    with pytest.raises(CareError, match="范围"):
        house.enter(by="yard_head")
    with pytest.raises(CareError, match="定级理由"):
        record = house.enter()
        care_judge(record=record, tier="key", tier_reason=" ", by=house.cast["secretary"])
    with pytest.raises(CareError, match="同意的日期"):
        house.enter(consented_on=None)
    outsider = make_user("elsewhere", Duty.CADRE, make_village(house.township, "马鞍村委会", "511923102202"))
    with pytest.raises(CareError, match="有任职的人") as refused:
        house.enter(helper=outsider)
    assert refused.value.field == "helper"
    with pytest.raises(CareError, match="同一人"):
        house.enter(helper=house.cast["cadre"], substitute=house.cast["cadre"])


def test_it_bounds_the_day_of_consent_and_the_keys_of_addresses(house: CareHouse, client: Client) -> None:
    record, by = house.enter(), house.cast["secretary"]
    for day in (date(1999, 12, 31), date(2126, 3, 3)):
        with pytest.raises(CareError, match="2000 年以后") as refused:
            house.enter(consented_on=day)
        assert refused.value.field == "consented_on"
        with pytest.raises(CareError, match="2000 年以后"):
            care_change(record=record, category=record.category, needs="", consent="self", consented_on=day, by=by)
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    for digits in ("9" * 30, "9" * 5000, "٣٤"):
        for address in ("/care/new/?resident=", "/care/new/?household=", "/care/risks/new/?household="):
            assert "请在“住户”里打开这一户" in client.get(address + digits).content.decode()


def test_it_leaves_children_to_those_who_answer_for_them(house: CareHouse) -> None:
    with pytest.raises(CareError, match="范围"):
        house.enter("liushou", by="cadre")
    record = house.enter("liushou", by="child_head", tier="key", consent="guardian")
    assert record.due_on == date(2026, 4, 2)
    category = house.category("liushou")
    category.normal_days = 60
    with pytest.raises(CareError, match="至少每月"):
        category_save(category=category, by=house.cast["staff"])


def test_it_judges_anew_and_never_puts_off_what_is_late(house: CareHouse) -> None:
    record, by = house.enter(tier="normal"), house.cast["secretary"]
    assert record.due_on == date(2026, 4, 2)
    judged = care_judge(record=record, tier="high", tier_reason="摔过一跤", by=by, at=noon(date(2026, 3, 20)))
    assert (judged.due_on, judged.judged_on) == (date(2026, 3, 20), date(2026, 3, 20))
    late = care_judge(record=record, tier="normal", tier_reason="好转", by=by, at=noon(date(2026, 3, 25)))
    assert late.due_on == date(2026, 3, 20)
    assert list(CareRecord.objects.to_judge(date(2027, 3, 25)).values_list("pk", flat=True)) == [record.pk]
    assert not CareRecord.objects.to_judge(date(2027, 3, 24)).exists()


def test_it_changes_and_hands_over(house: CareHouse) -> None:
    record, by = house.enter(guardian="女儿", words="糖尿病"), house.cast["cadre"]
    details: dict[str, Any] = {"category": house.category("gugua"), "needs": "买药", "consent": "self", "consented_on": ENTERED}
    changed = care_change(record=record, words="糖尿病二型", by=by, **details)
    assert changed.private_words == ("女儿", "糖尿病二型") and changed.category.name == "孤寡老人"
    handed = care_hand(record=record, helper=house.cast["yard_head"], substitute=house.cast["volunteer"], by=by)
    assert handed.history.count() == 3
    with pytest.raises(CareError, match="范围"):
        care_hand(record=record, helper=None, substitute=None, by=house.cast["yard_head"])
    with pytest.raises(CareError, match="类别"):
        care_change(record=record, by=by, **{**details, "category": house.category("liushou")})


def test_it_follows_the_household_and_lists_who_has_gone(house: CareHouse) -> None:
    record, clerk = house.enter(), house.cast["staff"]
    other = make_village(house.township, "马鞍村委会", "511923102203")
    yard = settlement_of(other)
    household_move(household=record.resident.household, unit=yard, by=clerk, on=date(2026, 6, 1))
    record.refresh_from_db()
    assert (record.village, record.unit, record.township) == (other, yard, house.township)
    resident_leave(resident=record.resident, status="died", on=date(2026, 6, 2), by=clerk)
    assert list(CareRecord.objects.gone()) == [record] and not CARE_LATE.late_rows(noon(date(2027, 1, 1))).exists()
    with pytest.raises(CareError, match="退出原因"):
        care_leave(record=record, reason=" ", by=clerk)
    left = care_leave(record=record, reason="去世", by=clerk, at=noon(date(2026, 6, 3)))
    assert left.due_on is None and not CareRecord.objects.gone().exists() and not CareTurn.objects.exists()
    with pytest.raises(CareError, match="已退出"):
        care_leave(record=record, reason="去世", by=clerk)


def test_it_takes_nobody_for_a_helper_whose_post_has_ended(house: CareHouse, client: Client) -> None:
    helper = make_user("was_helper", Duty.VOLUNTEER, house.village)
    record = house.enter(helper=helper, name="无人帮扶")
    assert helps(helper, record) and CareRecord.objects.visible_to(helper).exists()
    client.force_login(house.cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    assert "没有帮扶人" not in client.get("/care/?tab=all").content.decode()
    Post.objects.filter(user=helper).update(ended_on=date(2026, 3, 1))
    elsewhere = make_village(house.township, "马鞍村委会", "511923102208")
    for place in (None, elsewhere):
        if place is not None:
            Post.objects.create(kind=Duty.VOLUNTEER, unit=place, user=helper, appointed_on=date(2026, 3, 2))
        former = User.objects.get(pk=helper.pk)
        assert not helps(former, record) and not CareRecord.objects.visible_to(former).exists()
        with pytest.raises(CareError, match="范围"):
            care_contact(record=record, kind="phone", condition="well", by=former)
    assert "没有帮扶人" in client.get("/care/?tab=all").content.decode()
    assert "没有帮扶人" in client.get(f"/care/{record.pk}/").content.decode()
    Post.objects.create(kind=Duty.VOLUNTEER, unit=settlement_of(house.village), user=helper, appointed_on=date(2026, 3, 2))
    assert helps(User.objects.get(pk=helper.pk), record)
    assert "没有帮扶人" not in client.get("/care/?tab=all").content.decode()


def test_it_sets_up_what_a_township_lacks(house: CareHouse) -> None:
    assert care_set_up(township=house.township) == 0
    category = house.category("dabing")
    category.delete()
    assert care_set_up(township=house.township, by=house.cast["staff"]) == 1
    with pytest.raises(CareError):
        care_set_up(township=house.township, by=house.cast["cadre"])
