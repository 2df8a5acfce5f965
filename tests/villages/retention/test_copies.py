"""What other tables copied of somebody goes with them: the whole database is looked through for the name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, TextField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspections.models import Front
from moral_bank.models import BankImport
from tests.builders import make_household, make_resident
from tests.dumping import tables_holding
from tests.test_matrix import House
from tests.villages import matrix
from tests.volunteers.orders.house import ServiceHouse
from villages.models import Consent, EconomyImport, FacilityImport, Household, Overlay, Resident, RosterImport
from villages.posts.models import AccountImport, OfficerImport
from villages.retention.services import people_forget
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
CANARY, NUMBER, LEFT, DAY = "欧阳探雀", "15400990027", date(2026, 3, 10), date(2036, 3, 10)
NAMES = re.compile("姓名|户主）?$|人员?$|对象$")
# Columns in which somebody is named, beside the register: those that lose the name, and those that keep it, and why.
CLEARED = {
    "villages_household.head_name", "villages_consent.guardian", "volunteers_volunteer.name", "volunteers_volunteer.guardian",
    "inspections_front.name", "inspections_front.person",
}  # fmt: skip
BOOK, CASE, NOTICE, ISSUED = "stands behind an entry of the ledger", "case file", "file of a notice", "a paper as it was issued"
MINUTES = "minutes of a meeting"
KEPT = {
    "moral_bank_claim.applicant": BOOK,
    "moral_bank_appeal.name": BOOK,
    "moral_bank_redemption.collector": BOOK,
    "moral_bank_stocktake.witness": BOOK,
    "moral_bank_proxy.name": BOOK,
    "moral_bank_nomination.nominator": NOTICE,
    "moral_bank_nomination.recused": NOTICE,
    "disclosure_objection.name": NOTICE,
    "disclosure_affairquestion.name": NOTICE,
    "councils_meeting.guests": MINUTES,
    "councils_task.who": MINUTES,
    "cases_party.name": CASE,
    "cases_sitting.present": CASE,
    "cases_errand.client": CASE,
    "cases_visit.companions": CASE,
    "volunteers_serviceorder.name": CASE,
    "volunteers_serviceorder.caller": CASE,
    "volunteers_certificate.name": ISSUED,
}
# Accounts, officials and firms, not the register; and for whom a rule is.
OTHERS = {"accounts_user.name", "accounts_guardrequest.name", "inspections_blame.person", "moral_bank_supplier.contact",
          "moral_bank_deed.audience", "councils_body.convener"}  # fmt: skip

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


def test_every_column_that_names_somebody_is_decided_upon() -> None:
    named = {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        if not hasattr(model, "history_user")
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField) and not field.choices and NAMES.search(str(field.verbose_name))
    }
    assert named - {"villages_resident.name"} == CLEARED | set(KEPT) | OTHERS


def test_the_name_stays_in_the_books_and_in_case_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matrix's house, whose resident bears a name of their own, also in every column that may name somebody; the histories, too."""
    with monkeypatch.context() as patched:
        patched.setattr(matrix, "MARK", CANARY)
        house: Any = House()
    Overlay.objects.update(name="网格")
    Overlay.history.update(name="网格")
    stored: tuple[Any, ...] = (Household.objects, Household.history)
    for rows in stored:
        rows.filter(head_name=CANARY).exclude(id=house.household.pk).update(head_name="别户")
    for sheets in (RosterImport, AccountImport, OfficerImport, BankImport, EconomyImport, FacilityImport):
        sheets.objects.update(filename="x.xlsx")
    child = make_resident(house.household, "欧阳小")
    consent(child)
    for person, guardian in ((house.resident, ""), (child, CANARY)):
        Volunteer(
            township=house.township, village=house.village, resident=person, name=person.name, name_pinyin="x", guardian=guardian,
            state="left", left_on=LEFT, reason="去世",
        ).save()  # fmt: skip
    Front.objects.filter(household=house.household).update(name=CANARY, person=CANARY)
    kept = write_past_guards(KEPT)
    copies = {"villages_historicalhousehold", "volunteers_historicalvolunteer"}
    assert {column.split(".")[0] for column in CLEARED} | kept | copies <= tables_holding(CANARY) and len(kept) > 9
    assert gone(house.resident, child) == 2
    assert tables_holding(CANARY) == kept
    assert tables_holding("欧阳小") == set()


def write_past_guards(columns: Iterable[str]) -> set[str]:
    """The name into one row of each, whatever its table asks beside it; the test's transaction takes all back. Returns the tables of
    which the house has a row."""
    written = set()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica")
        for table, column in (one.split(".") for one in columns):
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = (SELECT min(id) FROM {table})", [CANARY])
            written |= {table} if cursor.rowcount else set()
        cursor.execute("SET LOCAL session_replication_role = origin")
    return written


@pytest.fixture
def house() -> ServiceHouse:
    return ServiceHouse()


@pytest.fixture
def home(house: ServiceHouse) -> Household:
    """The head and his wife."""
    found = make_household(house.village, CANARY, number="W-99")
    make_resident(found, CANARY, phone=NUMBER)
    make_resident(found, "王氏")
    found.save()
    return found


def person(home: Household, name: str = CANARY) -> Resident:
    return Resident.objects.filter(household=home, name=name).latest("pk")


def test_a_head_who_is_forgotten_heads_no_household_any_more(house: ServiceHouse, home: Household) -> None:
    gone(person(home))
    home.refresh_from_db()
    assert (home.head_name, home.head_pinyin, home.number) == ("已注销", "", "W-99") and person(home, "王氏").name == "王氏"
    assert tables_holding(CANARY) == set()


def test_an_old_head_is_forgotten_where_another_heads_it_now(house: ServiceHouse, home: Household) -> None:
    home.head_name = "王氏"
    home.save()
    gone(person(home))
    home.refresh_from_db()
    assert home.head_name == "王氏" and tables_holding(CANARY) == set()


def test_a_household_that_was_left_forgets_as_well(house: ServiceHouse, home: Household) -> None:
    mover = person(home)
    mover.household = make_household(house.village, "儿家", number="W-100")
    mover.save()
    make_resident(mover.household, "儿子")
    gone(mover)
    assert tables_holding(CANARY) == set()
    assert Household.objects.get(number="W-100").head_name == "儿家"


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
