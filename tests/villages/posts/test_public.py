"""Who is named to residents, and with which telephone: by office, by written consent, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from governance.accounts.duties import CONSENT_DUTIES, VILLAGE_DUTIES, YARD_DUTIES, Duty
from governance.accounts.models import User
from governance.periods import today
from tests.builders import make_cast, make_township, make_village, settlement_of
from villages.models import Post, Unit
from villages.posts.services import PostError, post_public_set

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 1, 5)


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def cast(village: Unit) -> dict[str, User]:
    """Everybody under a name that occurs nowhere else."""
    cast = make_cast(village.parent, village)  # type: ignore[arg-type]
    for duty, user in cast.items():
        if not user.guard:
            user.name = f"某{duty}"
            user.save()
    return cast


def named(village: Unit, cast: dict[str, User]) -> set[str]:
    """Duties whose holders the village's page names."""
    page = Client().get(f"/public/{village.code}/people/").content.decode()
    return {duty for duty, user in cast.items() if user.name in page}


def test_those_in_office_are_named_and_villagers_by_consent(village: Unit, cast: dict[str, User]) -> None:
    assert named(village, cast) == set(VILLAGE_DUTIES)
    for duty in CONSENT_DUTIES:
        post_public_set(post=cast[duty].posts.get(), phone="15400000001", consented_on=SIGNED, by=cast["staff"])
    assert named(village, cast) == {*VILLAGE_DUTIES, *CONSENT_DUTIES}
    post_public_set(post=cast["mediator"].posts.get(), phone="15400000001", consented_on=None, by=cast["staff"])
    assert named(village, cast) == {*VILLAGE_DUTIES, *CONSENT_DUTIES} - {"mediator"}
    Post.objects.filter(kind="yard_head").update(ended_on=today(), end_reason="辞职")
    assert "yard_head" not in named(village, cast)


def test_the_phone_is_said_with_the_name(village: Unit, cast: dict[str, User]) -> None:
    post_public_set(post=cast["secretary"].posts.get(), phone="154-0001", by=cast["staff"])
    Post.objects.filter(kind="yard_head").update(phone="154-0002")
    page = Client().get(f"/public/{village.code}/people/").content.decode()
    assert "154-0001" in page and "154-0002" not in page


@pytest.mark.parametrize("duty", sorted({*Duty} - {*CONSENT_DUTIES}))
def test_nobody_else_gives_a_consent(village: Unit, cast: dict[str, User], duty: str) -> None:
    """By the service and around it; the informant least of all."""
    post = cast[duty].posts.get()
    if post.unit.path.startswith(village.path):
        with pytest.raises(PostError, match="只有院户长"):
            post_public_set(post=post, phone="", consented_on=SIGNED, by=cast["staff"])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE villages_post SET consented_on = %s WHERE id = %s", [SIGNED, post.pk])
    assert Duty.INFORMANT in YARD_DUTIES and Duty.INFORMANT not in CONSENT_DUTIES


def test_a_consent_is_not_of_tomorrow_and_of_ones_own_village(village: Unit, cast: dict[str, User]) -> None:
    post: Any = cast["yard_head"].posts.get()
    with pytest.raises(PostError, match="不能晚于今天"):
        post_public_set(post=post, phone="", consented_on=today() + timedelta(days=1), by=cast["staff"])
    other = make_village(make_township("511923103"), "九龙村委会", "511923103201")
    stranger = make_cast(other.parent, other)["staff"]  # type: ignore[arg-type]
    with pytest.raises(PostError, match="不归您维护"):
        post_public_set(post=post, phone="", consented_on=SIGNED, by=stranger)


def test_it_is_written_down_on_the_page_of_shifts(client: Client, village: Unit, cast: dict[str, User]) -> None:
    client.force_login(cast["staff"])
    post, head = cast["yard_head"].posts.get(), cast["secretary"].posts.get()
    page = client.get(f"/shifts/kinds/{village.pk}/").content.decode()
    assert f'id="{post.pk}_consented_on"' in page and f'id="{head.pk}_consented_on"' not in page
    assert cast["informant"].name not in page
    client.post(f"/shifts/phone/{post.pk}/", {"phone": "154-0003", "consented_on": "2026-01-05"})
    client.post(f"/shifts/phone/{head.pk}/", {"phone": "154-0004", "consented_on": "2026-01-05"})
    post.refresh_from_db()
    head.refresh_from_db()
    assert (post.phone, post.consented_on, head.phone, head.consented_on) == ("154-0003", SIGNED, "154-0004", None)
    assert post.unit == settlement_of(village)
    wrong = client.post(f"/shifts/phone/{post.pk}/", {"phone": "找村长", "consented_on": "2026-01-05"}, follow=True)
    assert "电话只能是数字和横线" in wrong.content.decode()
