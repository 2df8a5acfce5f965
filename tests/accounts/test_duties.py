"""The matrix: its printed copy, who hands on what, and that rights end with the post."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from governance.accounts.duties import MATRIX, TOWN_DUTIES, Action, Duty, Guard, may_grant
from governance.accounts.management.commands.duties import matrix_markdown
from governance.accounts.models import User
from tests.builders import make_cast, make_township, make_user, make_village
from villages.models import Household, Post

BELOW_TOWN = [duty for duty in Duty if duty not in TOWN_DUTIES]
SHARED = {Action.ADMIN_ENTER, Action.GUARD_CONSENT}
GUARDS_OWN = SHARED | {Action.ACCOUNT_MANAGE, Action.DUTY_GRANT, Action.ACCOUNT_RULES, Action.LOG_VIEW}


def test_it_is_printed_as_it_stands() -> None:
    printed = (settings.BASE_DIR / "docs" / "duties.md").read_text(encoding="utf-8")
    assert printed == matrix_markdown(), "run `python manage.py duties`"


def test_it_covers_every_duty_and_keeps_guards_from_business() -> None:
    assert set(MATRIX) == {*Duty, *Guard}
    for guard in Guard:
        assert MATRIX[guard] <= GUARDS_OWN
    for duty in Duty:
        assert not MATRIX[duty] & (GUARDS_OWN - {Action.ADMIN_ENTER})


def test_it_gives_no_action_to_two_guards() -> None:
    own = [MATRIX[guard] - SHARED for guard in Guard]
    assert sum(len(actions) for actions in own) == len(frozenset().union(*own))


@pytest.mark.parametrize("duty", Duty)
def test_it_lets_nobody_hand_on_what_he_does_not_hold(duty: Duty) -> None:
    assert may_grant(MATRIX[Guard.SECURITY], duty) == (duty in TOWN_DUTIES)
    assert may_grant(MATRIX[Duty.STAFF], duty) == (duty in BELOW_TOWN)
    assert not may_grant(frozenset({Action.POST_APPOINT}), duty)
    for other in {*Duty, *Guard} - {Duty.STAFF, Guard.SECURITY}:
        assert not may_grant(MATRIX[other], duty)


def test_it_asks_where(db: None) -> None:
    township = make_township()
    near, far = make_village(township), make_village(township, "马鞍村委会", "511923102202")
    cadre = make_user("ganbu", Duty.CADRE, near)
    assert cadre.may(Action.CLAIM_VERIFY) and cadre.may(Action.CLAIM_VERIFY, near.path)
    assert not cadre.may(Action.CLAIM_VERIFY, far.path) and not cadre.may(Action.CLAIM_VERIFY, township.path)
    assert not cadre.may(Action.CLOSING_RUN, near.path)


@pytest.mark.parametrize("field", ["ended_on", "term_end"])
def test_it_takes_rights_away_when_the_post_ends(db: None, field: str) -> None:
    """`ended_on` is the first day without the post, `term_end` the last day with it; the day is Shanghai's."""
    village = make_village(make_township())
    cadre = make_user("ganbu", Duty.CADRE, village)
    Post.objects.update(**{field: date(2026, 3, 2) if field == "ended_on" else date(2026, 3, 1)})
    rights = []
    for moment in (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 1, 16, 0, tzinfo=UTC)):
        with time_machine.travel(moment, tick=False):
            user = User.objects.get(pk=cadre.pk)
            rights.append((user.may(Action.CLAIM_VERIFY, village.path), len(user.grants)))
    assert rights == [(True, 1), (False, 0)]


def test_it_gives_no_rights_before_the_appointment(db: None) -> None:
    village = make_village(make_township())
    make_user("ganbu", Duty.CADRE, village)
    Post.objects.update(appointed_on=date(2026, 3, 2))
    for day, count in ((date(2026, 3, 1), 0), (date(2026, 3, 2), 1)):
        assert len(User.objects.get().grants_on(day)) == count


def test_it_takes_all_rights_from_a_disabled_account(db: None) -> None:
    township = make_township()
    cast = make_cast(township, make_village(township))
    User.objects.filter(guard="").update(is_active=False)
    make_user("former", guard="audit", is_active=False)
    for user in User.objects.filter(is_active=False):
        assert user.actions() == frozenset() and not Household.objects.visible_to(user).exists()
    assert len(cast) - len(Guard) + 1 == User.objects.filter(is_active=False).count()


def test_it_reads_the_posts_once(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    village = make_village(make_township())
    make_user("ganbu", Duty.CADRE, village)
    user = User.objects.get()
    with django_assert_num_queries(1):
        assert user.duties() == {Duty.CADRE}
        assert user.may(Action.CLAIM_VERIFY, village.path) and not user.is_staff
