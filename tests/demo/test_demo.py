"""The demo township: real where it can be, invented where it must be, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from pytest_django.plugin import DjangoDbBlocker

from governance.accounts.models import Message, User
from governance.cases.engine.flow import OPEN
from governance.cases.models import Case, CaseStep, Visit
from governance.councils.decisions.words import notice_words
from governance.councils.models import GateRecord
from governance.demo import township
from governance.demo.county import CountyError, county_is_loaded, load_county
from governance.demo.deeds import months_until
from governance.demo.management.commands import demo as demo_command
from governance.demo.people import checksum, families
from governance.demo.posts import BAYI, LOGINS, PASSWORD
from governance.demo.sources import hard_names, lineage, villages
from governance.demo.township import load_township
from governance.disclosure.models import Activity, Affair, AffairQuestion, AffairTurn, Notice, Objection, Power
from governance.periods import Period, today
from inspections.indicators.registry import measures
from inspections.models import FrontPatrol, HouseholdCheck, Scorecard
from moral_bank.closings.services import is_stale
from moral_bank.models import Account, Claim, Closing, Entry, Rating, Redemption
from moral_bank.rules.models import Deed, RuleSet
from moral_bank.rules.setting_up import shipped_rules
from villages.models import Household, OverlayMember, Placement, Post, Resident, Succession, Unit
from volunteers.models import CareRecord, CareTurn, Hours, ServiceOrder, ServiceTeam

pytestmark = pytest.mark.django_db

AT = datetime(2026, 8, 20, 4, tzinfo=UTC)


def demo_digest() -> str:
    """One word for everything that the demo wrote, except what is random by intent (cipher texts, password hashes)."""
    rows = [
        *Unit.objects.order_by("code").values_list("code", "name", "level", "key_area", "valid_from", "valid_to"),
        *Household.objects.order_by("unit__code", "number").values_list("unit__code", "number", "head_name", "address"),
        *Resident.objects.order_by("id_hash").values_list(
            "id_hash", "name", "phone", "relation", "status", "status_on"
        ),
        *Post.objects.order_by("unit__code", "kind", "resident__id_hash").values_list(
            "unit__code", "kind", "resident__id_hash", "user__username"
        ),
        *Deed.objects.order_by("code").values_list("code", "name", "score", "score_high", "points"),
        *HouseholdCheck.objects.order_by("household__unit__code", "household__number", "month").values_list("month", "score", "plate"),
        *Case.objects.order_by("number").values_list("number", "village__code", "text", "state", "logged_at", "finished_at"),
        *Visit.objects.order_by("went_at", "village__code", "seen").values_list("went_at", "village__code", "kind", "seen"),
        *FrontPatrol.objects.order_by("front__village__code", "front__plate_number", "at").values_list("at", "state", "score"),
        *Scorecard.objects.order_by("round__quarter", "village__code").values_list("village__code", "score", "grade", "rank"),
        *Entry.objects.filter(household_check=None, claim=None)
        .exclude(Q(source_key__startswith="reverse:") | Q(source_key__startswith="redeem:"))
        .order_by("source_key")
        .values_list(
            "source_key", "account__household__number", "village__code", "memo", "score", "points", "occurred_on"
        ),
        *Redemption.objects.order_by("account__household__number", "item__name", "state").values_list(
            "account__household__number", "item__name", "points", "state"
        ),
        *Claim.objects.order_by("account__household__village", "account__household__number", "occurred_on", "deed__code", "state")
        .values_list("account__household__number", "state", "occurred_on", "deed__code"),
        *Rating.objects.order_by(
            "closing__start", "closing__kind", "account__household__residents__id_hash"
        ).values_list(
            "closing__kind", "closing__start", "account__household__residents__id_hash", "score", "rank", "stars"
        ),
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What `manage.py demo` printed on the day `AT`; its data stands, and so does the clock, until the last test.

    Tests that want an empty database stand above those that use this.
    """
    with time_machine.travel(AT, tick=False), django_db_blocker.unblock(), transaction.atomic():
        out = StringIO()
        call_command("demo", stdout=out)
        connection.check_constraints()
        yield out.getvalue()
        transaction.set_rollback(True)


def test_it_gives_the_same_township_for_the_same_seed_and_day() -> None:
    digests = []
    for _ in range(2):
        with transaction.atomic():
            load_township(households=500, seed=7, at=datetime(2026, 2, 20, 4, tzinfo=UTC))
            digests.append(demo_digest())
            transaction.set_rollback(True)
    assert digests[0] == digests[1]
    assert families(Random("7"), 20) == families(Random("7"), 20) != families(Random("8"), 20)


def test_it_has_no_year_before_the_year_begins() -> None:
    load_township(households=500, at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    assert Household.objects.count() == 500
    assert not Entry.objects.exists()
    assert not Claim.objects.exists()
    assert not Closing.objects.exists()


def test_it_ends_with_the_year() -> None:
    assert [str(month) for month in months_until(date(2026, 2, 1))] == ["2026-01", "2026-02"]
    assert str(months_until(date(2027, 5, 1))[-1]) == "2026-12"


@pytest.mark.parametrize(("verbosity", "lines"), [(1, "户与居民 … 0.0 s\n虚构的村 … 0.0 s\n"), (0, "")])
def test_it_tells_on_stderr_what_it_is_loading(monkeypatch: pytest.MonkeyPatch, verbosity: int, lines: str) -> None:
    def load(stage: Callable[[str], AbstractContextManager[None]], **sizes: int) -> None:
        with stage("户与居民"):
            assert sizes == {"households": 1300, "seed": 2026}

    monkeypatch.setattr(township, "load_township", load)
    monkeypatch.setattr(demo_command, "load_county", lambda **sizes: None)
    out, err = StringIO(), StringIO()
    call_command("demo", "--villages=15", "--households=1301", verbosity=verbosity, stdout=out, stderr=err)
    assert err.getvalue() == lines
    assert PASSWORD in out.getvalue() and "…" not in out.getvalue()


def test_it_leaves_other_data_alone() -> None:
    User.objects.create_user("somebody", "Secret-2026", name="某人")
    out = StringIO()
    call_command("demo", stdout=out)
    assert "未装入" in out.getvalue()
    assert not Unit.objects.exists()


def test_it_makes_a_county_by_set() -> None:
    months = [Period.parse("2025-12"), Period.parse("2026-01")]
    load_county(villages=30, households=400, entries_per_month=1000, months=months, residents=True, at=AT)
    connection.check_constraints()
    assert Unit.objects.filter(level="township").count() == 2
    assert Unit.objects.villages().annotate(n=Count("households")).aggregate(least=Sum("n"))["least"] == 400
    assert Household.objects.filter(unit__parent=F("village")).count() == 400
    assert Placement.objects.filter(village=F("household__village"), valid_to=None).count() == 400
    assert Resident.objects.filter(name=F("household__head_name"), id_hash="").count() == 400
    assert list(Entry.objects.order_by("month").values_list("month").annotate(Count("id"))) == [
        (month.start, 1000) for month in months
    ]
    assert Entry.objects.exclude(township=F("deed__rule_set__township")).count() == 0
    assert_balances()
    assert county_is_loaded()
    with pytest.raises(CountyError):
        load_county(villages=30, households=400, entries_per_month=1000, months=months)


def test_it_refuses_sizes_that_cannot_be() -> None:
    for arguments in (["--villages", "3"], ["--households", "5"], ["--villages", "2000", "--households", "1500"]):
        with pytest.raises(CommandError):
            call_command("demo", *arguments)


def assert_balances() -> None:
    wrong = Account.objects.annotate(total=Coalesce(Sum("entries__points"), 0)).exclude(balance=F("total"))
    assert not wrong.exists()


def test_it_has_the_real_villages(demo: str) -> None:
    standing = Unit.objects.villages().on(today())
    assert set(standing.values_list("code", "name")) == {(village.code, village.name) for village in villages()}
    assert standing.count() == 14
    assert Unit.objects.get(code="511923102201").name == "八一村委会"
    assert set(Succession.objects.values_list("predecessor__code", "successor__code")) == set(lineage())


def test_it_has_a_township_of_people(demo: str) -> None:
    assert Household.objects.count() == 1300
    assert 4300 <= Resident.objects.count() <= 4700
    assert Placement.objects.filter(valid_to=None).count() == 1300
    for kind in ("grid", "joint"):
        assert OverlayMember.objects.filter(kind=kind).count() == 1300
    assert set(hard_names()) <= set(Household.objects.values_list("head_name", flat=True))
    assert not Household.objects.filter(head_pinyin="").exists()


def test_it_invents_every_person(demo: str) -> None:
    numbers = [resident.id_number for resident in Resident.objects.all()]
    assert len(set(numbers)) == len(numbers)
    assert all(number[:6] == "511929" and checksum(number[:17]) == number[17] for number in numbers)
    phones = list(Resident.objects.exclude(phone="").values_list("phone", flat=True))
    assert len(set(phones)) == len(phones)
    assert all(len(phone) == 11 and phone.startswith("154") for phone in phones)


def test_it_has_posts_and_vacancies(demo: str) -> None:
    assert Post.objects.filter(kind="secretary", user__isnull=False).count() == 14
    settlements = Unit.objects.filter(level="settlement").count()
    assert 0 < Post.objects.filter(kind="yard_head").count() < settlements
    strangers = Post.objects.filter(resident__isnull=False).exclude(
        resident__household__unit__path__startswith=F("unit__path")
    )
    assert not strangers.exists()


def test_it_prints_accounts_that_open(demo: str) -> None:
    for login in LOGINS:
        user = User.objects.get(username=login.username)
        assert login.username in demo
        assert not user.must_change_password
        assert login.duty in {*user.duties(), user.guard}
    assert PASSWORD in demo
    assert PBKDF2PasswordHasher().verify(PASSWORD, User.objects.get(username="bayi-ganbu").password)


def test_it_adopts_the_published_rules(demo: str) -> None:
    rule_set = RuleSet.objects.get(state=RuleSet.State.ADOPTED)
    assert rule_set.deeds.count() == len(shipped_rules())
    assert not rule_set.deeds.filter(source="").exists()
    assert rule_set.deeds.filter(is_veto=True).count() == 3


def test_it_posts_a_year_that_adds_up(demo: str) -> None:
    assert_balances()
    assert not Entry.objects.filter(occurred_on__gt=today()).exists()
    first = Entry.objects.filter(month="2026-01-01")
    assert 2 <= first.exclude(head="").count() / 1300 <= 3
    assert Entry.objects.filter(points__lt=0, deed=None).exists()
    assert Entry.objects.filter(reverses__isnull=False).exists()
    assert Entry.objects.filter(veto=True).exists()


def test_it_has_claims_in_every_state(demo: str) -> None:
    states = dict(Claim.objects.order_by().values_list("state").annotate(Count("id")))
    assert set(states) == set(Claim.State.values), states
    assert states["posted"] > 50
    declared = Claim.objects.exclude(source=Claim.Source.SERVICE)
    assert set(declared.values_list("declared_by__username", flat=True)) == {"bayi-ganbu", "zhenban"}


def test_it_has_volunteers_orders_and_people_in_care(demo: str) -> None:
    assert ServiceTeam.objects.count() == 2 * len(villages()) and not ServiceTeam.objects.filter(leader=None).exists()
    states = dict(ServiceOrder.objects.order_by().values_list("state").annotate(Count("id")))
    assert sum(states.values()) == 60 and {"asked", "offered", "accepted", "done", "judged"} <= set(states), states
    assert Claim.objects.filter(source=Claim.Source.SERVICE).exists() and Hours.objects.filter(reverses=None).count() >= 30
    assert CareRecord.objects.count() == 120 and CareRecord.objects.filter(category__is_child=True).count() == 12
    turns = CareTurn.objects.aggregate(met=Count("id", Q(met_on__lte=F("due_on"))), every=Count("id"))
    assert turns["every"] > 800 and turns["met"] / turns["every"] > 0.9


def test_villages_disclose_most_things_in_time(demo: str) -> None:
    turns = AffairTurn.objects.filter(due_on__lt=AT.date())
    kept = turns.filter(met_on__lte=F("due_on")).count()
    assert turns.count() > 200 and 0.8 < kept / turns.count() < 0.97
    states = dict(Affair.objects.order_by().values_list("state").annotate(Count("pk")))
    assert set(states) >= {"draft", "review", "reviewed", "published", "archived", "withdrawn"}, states
    assert not Affair.objects.filter(reviewed_by=F("drafted_by")).exists()
    assert AffairQuestion.objects.filter(answered_at=None, answer_by__lt=AT.date()).count() == 1
    assert Power.objects.filter(confirmed_on=None).count() == 6 and Power.objects.exclude(confirmed_on=None).count() == 10
    held = set(Activity.objects.filter(state="held").values_list("village__code", "kind"))
    assert len({code for code, _ in held}) == len(villages()) and len({kind for _, kind in held}) == 6
    assert Activity.objects.filter(state="planned", planned_on__gt=AT.date()).exists()


def test_every_village_has_enough_to_be_measured_by(demo: str) -> None:
    """All but objections and orders, of which a good village has none, and results of decisions, which are due half a year later."""
    its = list(Unit.objects.villages().on(today()))
    for quarter in ("2026-Q1", "2026-Q2"):
        found = measures(its, Period.parse(quarter), AT)
        thin = {code for facts in found.values() for code, fact in facts.items() if not fact.enough}
        assert thin <= {"objections_in_time", "orders_in_time", "decisions_whole"}, (quarter, thin)
        late = [fact.of - fact.good for facts in found.values() for code, fact in facts.items() if code.startswith("events")]
        assert min(late) < max(late)


def test_every_village_is_walked_through_in_every_month(demo: str) -> None:
    months = {(code, month) for code in (village.code for village in villages()) for month in range(1, 9)}
    visits = Visit.objects.filter(kind=Visit.Kind.PATROL).values_list("village__code", "went_at__month")
    checks = HouseholdCheck.objects.values_list("household__village__code", "month__month")
    patrols = FrontPatrol.objects.filter(at__lt=datetime(2026, 8, 1, tzinfo=UTC)).values_list("front__village__code", "at__month")
    assert set(checks) == months
    assert set(patrols) == {(code, month) for code, month in months if month < 8}
    assert len(months - set(visits)) < len(months) / 10
    standing = HouseholdCheck.objects.filter(entry__isnull=False)
    assert standing.count() > 500 and not standing.filter(entry__reversed_by__isnull=False).exists()
    assert not standing.exclude(entry__account__household=F("household"), entry__month=F("month")).exists()


def test_what_hangs_of_a_covenant_is_its_draft(demo: str) -> None:
    hung = GateRecord.objects.filter(decision__kind__effect="covenant").exclude(notice=None)
    assert hung.exists()
    for record in hung.select_related("notice", "gate", "decision__kind"):
        assert record.notice is not None
        assert (record.notice.columns, record.notice.rows) == notice_words(record.decision, record.gate)


def test_its_cases_stand_as_the_flow_would_have_left_them(demo: str) -> None:
    """八一村's last weeks and what came of orders went through the services, where no clock ran."""
    last = {step.case_id: step for step in CaseStep.objects.order_by("case", "at", "pk")}
    assert {case.pk: case.state for case in Case.objects.all()} == {pk: step.target for pk, step in last.items()}
    assert not CaseStep.objects.filter(at__gt=AT).exists()
    told = Case.objects.exclude(village__code=BAYI).filter(service_orders=None)
    assert told.count() > 1000
    still = told.filter(state__in=OPEN)
    assert still.exists() and not still.exclude(level=Case.Level.LEADER).exclude(climb_at__gt=AT).exists()
    late = told.filter(finished_at__gt=F("case_due_at"), round=1)
    assert late.exists() and not late.filter(level=Case.Level.VILLAGE).exists()
    moments = list(told.filter(kind="event").order_by("number").values_list("logged_at", flat=True))
    assert moments == sorted(moments)
    handed = Case.objects.filter(kind="errand", state="filed")
    assert handed.exists() and not handed.filter(errand__handed_at=None).exists()


def test_nobody_has_messages_of_weeks_ago_to_read(demo: str) -> None:
    weeks_ago = AT - timedelta(weeks=2)
    fresh, old = Message.objects.filter(created_at__gte=weeks_ago), Message.objects.filter(created_at__lt=weeks_ago)
    assert fresh.exists() and old.exists()
    assert not fresh.exclude(read_at=None).exists() and not old.filter(read_at=None).exists()
    assert not Message.objects.filter(read_at__gt=AT).exists()


def test_it_closes_the_months_and_quarters_that_have_passed(demo: str) -> None:
    last = Period.of("month", today()).previous()
    months = Closing.objects.filter(kind="month")
    assert months.count() == 14 * last.start.month
    assert set(months.filter(start=last.start).values_list("state", flat=True)) == {"noticed"}
    assert set(Closing.objects.exclude(start=last.start, kind="month").values_list("state", flat=True)) == {"locked"}
    assert Closing.objects.filter(kind="quarter").count() == 14 * ((last.start.month - 1) // 3)
    stars = Rating.objects.filter(closing__kind="quarter", closing__start="2026-01-01").values_list("stars", flat=True)
    assert set(stars) == {0, 2, 3, 4, 5}
    assert len(stars) == 1300
    assert not any(is_stale(closing) for closing in Closing.objects.filter(village__code="511923102201"))


def test_it_shows_last_month_with_an_open_objection_in_bayi(demo: str) -> None:
    assert Notice.objects.public(today()).filter(kind=Notice.Kind.RATING).count() == 14
    assert list(Objection.objects.values_list("notice__unit__code", "state")) == [("511923102201", "open")]


def test_it_changes_nothing_when_run_again(demo: str) -> None:
    before = demo_digest()
    out = StringIO()
    call_command("demo", stdout=out)
    assert out.getvalue() == demo
    assert demo_digest() == before
