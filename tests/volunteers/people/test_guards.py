"""What the database refuses of volunteers, teams and certificates, tried around the code; without its guard each statement goes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from governance.guards import refused_by
from tests.answers import the
from tests.builders import make_household, make_resident, make_township, make_user, make_village
from tests.volunteers.people.house import PeopleHouse
from tests.volunteers.people.orders import make_run
from volunteers.models import Certificate, ServiceTeam, Volunteer
from volunteers.people import guards
from volunteers.people.teams import team_join, team_save

pytestmark = pytest.mark.django_db
VOLUNTEER = "volunteers_volunteer"
CONSTRAINTS = {
    "volunteer_is_known": f"UPDATE {VOLUNTEER} SET phone = '' WHERE id = {{outsider}}",
    "volunteer_joined": f"UPDATE {VOLUNTEER} SET joined_on = NULL WHERE id = {{volunteer}}",
    "volunteer_reason": f"UPDATE {VOLUNTEER} SET state = 'paused' WHERE id = {{volunteer}}",
    "volunteer_left_on": f"UPDATE {VOLUNTEER} SET state = 'left', reason = 'x' WHERE id = {{volunteer}}",
    "volunteer_guardian_consents": f"UPDATE {VOLUNTEER} SET adult_on = '2030-01-01' WHERE id = {{volunteer}}",
    "service_member_once": "INSERT INTO volunteers_servicemember (team_id, volunteer_id, since) "
    "VALUES ({team}, {volunteer}, '2026-03-02')",
    "certificate_period": "INSERT INTO volunteers_certificate (volunteer_id, name, masked_number, number, since, until, minutes, services, "
    "issuer, issued_by_id, issued_at) "
    "VALUES ({volunteer}, 'x', '', 'x', '2026-03-02', '2026-03-01', 60, '[]', 'x', {user}, '2026-03-02T00:00Z')",
}
_OTHER_PERSON = f"UPDATE {VOLUNTEER} SET resident_id = {{neighbour}} WHERE id = {{volunteer}}"
_MEMBER = "INSERT INTO volunteers_servicemember (team_id, volunteer_id, since) VALUES ({team}, {stranger}, '2026-03-02')"
TRIGGERS = [
    ("volunteer_stays_in_township", f"UPDATE {VOLUNTEER} SET village_id = {{far}} WHERE id = {{volunteer}}", guards.TOWNSHIP),
    ("volunteer_person_kept", _OTHER_PERSON, guards.PERSON),
    ("volunteer_person_kept", f"UPDATE {VOLUNTEER} SET id_hash = 'x' WHERE id = {{outsider}}", guards.PERSON),
    ("volunteer_state_path", f"UPDATE {VOLUNTEER} SET state = 'applied' WHERE id = {{volunteer}}", guards.STATES),
    ("volunteer_stops_without_run", f"UPDATE {VOLUNTEER} SET state = 'paused', reason = 'x' WHERE id = {{runner}}", guards.RUNNING),
    ("service_member_fits", _MEMBER, guards.MEMBER),
    ("service_member_fits_later", "UPDATE volunteers_servicemember SET volunteer_id = {stranger} WHERE team_id = {team}", guards.MEMBER),
    ("volunteers_certificate_insert_only_row", "UPDATE volunteers_certificate SET minutes = 9999", guards.ISSUED),
    ("volunteers_certificate_insert_only_row", "DELETE FROM volunteers_certificate", guards.ISSUED),
]


@pytest.fixture
def ids() -> dict[str, int]:
    """Rows by the names that the statements give them."""
    house = PeopleHouse()
    volunteer, runner = house.admitted(), house.admitted("李和")
    team = team_save(team=ServiceTeam(village=house.village, name="邻里守望队"), by=house.cadre)
    team_join(team=team, volunteer=volunteer, by=house.cadre)
    make_run(runner)
    far = make_village(make_township("511923103"), "远村委会", "511923103201")
    stranger = Volunteer.objects.create(
        township=the(far.parent), village=far, resident=make_resident(make_household(far, "远人"), "远人"), name="远人",
        name_pinyin="yuanren", state="active", joined_on=date(2026, 3, 2),
    )  # fmt: skip
    Certificate.objects.create(
        volunteer=volunteer, number="x", since=date(2026, 1, 1), until=date(2026, 3, 1), minutes=60, services=[], issuer="八一村",
        issued_by=house.cadre, issued_at=timezone.now(),
    )  # fmt: skip
    rows = {
        "volunteer": volunteer, "runner": runner, "team": team, "far": far, "stranger": stranger, "outsider": house.outsider(),
        "neighbour": house.resident("邻居"), "user": make_user("clerk-x"), "village": house.village, "home": stranger.resident,
        "township": house.township,
    }  # fmt: skip
    return {name: row.pk for name, row in rows.items() if row is not None}


def run(statement: str, ids: dict[str, int]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(**ids))


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as caught:
        act()
    return refused_by(caught.value)


def drop(name: str) -> None:
    guard = next(guard for guard in guards.GUARDS if guard.name == name)
    table = guard.postgresql.partition(" ON ")[2].split()[0]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name} ON {table}")


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_refuse(ids: dict[str, int], name: str) -> None:
    assert refusal(lambda: run(CONSTRAINTS[name], ids)) == name


@pytest.mark.parametrize(("name", "statement", "message"), TRIGGERS)
def test_triggers_refuse(ids: dict[str, int], name: str, statement: str, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        run(statement, ids)
    drop(name)
    run(statement, ids)


@pytest.mark.parametrize(("village", "resident"), [("village", "home"), ("far", "neighbour")])
def test_a_volunteer_is_of_the_township(ids: dict[str, int], village: str, resident: str) -> None:
    def add() -> None:
        with transaction.atomic():
            Volunteer.objects.create(
                township_id=ids["township"], village_id=ids[village], resident_id=ids[resident], name="x", name_pinyin="x"
            )

    Volunteer.objects.filter(pk=ids["stranger"]).delete()
    with pytest.raises(IntegrityError, match=guards.TOWNSHIP):
        add()
    drop("volunteer_in_township")
    add()
