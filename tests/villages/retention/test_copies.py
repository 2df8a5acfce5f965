"""What other tables copied of somebody goes with them: the whole database is looked through for the name."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspections.models import Front
from tests.builders import make_household, make_resident
from tests.dumping import tables_holding
from tests.test_matrix import House
from tests.villages import matrix
from tests.volunteers.orders.house import ServiceHouse
from villages.models import AccountImport, Consent, Household, OfficerImport, Overlay, Resident, RosterImport
from villages.retention.services import people_forget
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
CANARY, NUMBER, LEFT, DAY = "欧阳探雀", "15400990027", date(2026, 3, 10), date(2036, 3, 10)
# Where the name stays, and why.
KEPT: dict[str, str] = {}


def gone(*people: Resident) -> int:
    Resident.objects.filter(pk__in=[one.pk for one in people]).update(status="died", status_on=LEFT)
    return people_forget([one.pk for one in people], None, DAY)


def front(house: Any, home: Household, plate: str = "1", **fields: Any) -> Front:
    said = {"kind": "household", "household": home, "name": CANARY, "person": CANARY, "phone": NUMBER, "place": "2号", **fields}
    return Front.objects.create(
        village=house.village, unit=home.unit, plate_number=plate, by=house.cast["staff"], at=timezone.now(), **said
    )


def consent(person: Resident, purpose: str = "photo", **fields: Any) -> Consent:
    said = {"given_on": LEFT, "how": "signed", "guardian": CANARY, "guardian_relation": "祖父", **fields}
    return Consent.objects.create(resident=person, purpose=purpose, **said)


def test_the_name_stays_in_the_books_and_in_case_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every room of the matrix has something about its resident, whom here nobody else is called alike."""
    with monkeypatch.context() as patched:
        patched.setattr(matrix, "MARK", CANARY)
        house: Any = House()
    Overlay.objects.update(name="网格")
    Overlay.history.update(name="网格")
    for sheets in (RosterImport, AccountImport, OfficerImport):
        sheets.objects.update(filename="x.xlsx")  # type: ignore[attr-defined]
    child = make_resident(house.household, "欧阳小")
    front(house, house.household)
    consent(child)
    Volunteer.objects.filter(pk=house.volunteer.pk).update(guardian=CANARY)
    assert {"villages_household", "villages_historicalhousehold", "inspections_front", "villages_consent"} < tables_holding(CANARY)
    assert gone(house.resident, child) == 2
    assert tables_holding(CANARY) == set(KEPT)
    assert tables_holding("欧阳小") == set()


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


@pytest.fixture
def home(house: ServiceHouse) -> Household:
    """The head and his wife."""
    found = make_household(house.village, CANARY, number="0099")
    make_resident(found, CANARY, phone=NUMBER)
    make_resident(found, "王氏")
    found.save()
    return found


def person(home: Household, name: str = CANARY) -> Resident:
    return Resident.objects.filter(household=home, name=name).latest("pk")


def test_a_head_who_is_forgotten_heads_no_household_any_more(house: ServiceHouse, home: Household) -> None:
    gone(person(home))
    home.refresh_from_db()
    assert (home.head_name, home.head_pinyin, home.number) == ("已注销", "", "0099") and person(home, "王氏").name == "王氏"
    assert tables_holding(CANARY) == set()


def test_an_old_head_is_forgotten_where_another_heads_it_now(house: ServiceHouse, home: Household) -> None:
    home.head_name = "王氏"
    home.save()
    gone(person(home))
    home.refresh_from_db()
    assert home.head_name == "王氏" and tables_holding(CANARY) == set()


def test_a_household_that_was_left_forgets_as_well(house: ServiceHouse, home: Household) -> None:
    mover = person(home)
    mover.household = make_household(house.village, "儿家", number="0100")
    mover.save()
    make_resident(mover.household, "儿子")
    gone(mover)
    assert tables_holding(CANARY) == set()
    assert Household.objects.get(number="0100").head_name == "儿家"


def test_a_namesake_who_is_known_keeps_the_name(house: ServiceHouse, home: Household) -> None:
    first = person(home)
    make_resident(home, CANARY)
    front(house, home)
    gone(first)
    home.refresh_from_db()
    assert (home.head_name, Front.objects.get().person) == (CANARY, CANARY)


def test_a_front_loses_who_answered_for_it_and_the_telephone(house: ServiceHouse, home: Household) -> None:
    shop = front(house, home, "2", kind="shop", name="小卖部")
    other = front(house, home, person="王氏", phone="15400990036")
    gone(person(home))
    for one in (shop, other):
        one.refresh_from_db()
    assert (shop.name, shop.person, shop.phone, shop.place) == ("小卖部", "已注销", "", "2号")
    assert (other.name, other.person, other.phone) == ("已注销", "王氏", "15400990036")
    gone(person(home, "王氏"))
    other.refresh_from_db()
    assert (other.person, other.phone) == ("已注销", "")


def test_a_guardian_goes_with_the_child_or_by_oneself(house: ServiceHouse, home: Household) -> None:
    child, other = make_resident(home, "小一"), make_resident(home, "小二")
    rows = [consent(child, guardian="外人"), consent(child, "name", withdrawn_on=LEFT), consent(other)]
    guarded = house.volunteer("小二", resident=other, guardian=CANARY)
    guarded.save()
    gone(child)
    assert [Consent.objects.get(pk=row.pk).guardian for row in rows] == ["已注销", "已注销", CANARY]
    gone(person(home))
    last, guarded = Consent.objects.get(pk=rows[2].pk), Volunteer.objects.get(pk=guarded.pk)
    assert (last.guardian, last.guardian_relation, guarded.guardian, guarded.name) == ("已注销", "祖父", "已注销", "小二")
    assert tables_holding(CANARY) == set()


@pytest.mark.parametrize("change", ["guardian = '别人'", "guardian = ''", "guardian_relation = '姑母'", "withdrawn_on = '2030-01-01'"])
def test_a_consent_is_rewritten_in_nothing_else(home: Household, change: str) -> None:
    consent(person(home, "王氏"), withdrawn_on=LEFT)
    with pytest.raises(IntegrityError, match="不能改动"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE villages_consent SET {change}")


def test_it_takes_as_many_statements_whatever_the_number(house: ServiceHouse) -> None:
    def asked(count: int, start: int) -> int:
        people = [make_resident(make_household(house.village, "x", number=f"{start + n}"), f"{CANARY}{n}") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert gone(*people) == count
        return len(captured)

    asked(1, 100)
    assert asked(2, 200) == asked(12, 300)
