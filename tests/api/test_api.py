"""The API: the scope and services of the pages, tokens, and a description without a warning."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authtoken.models import Token

from governance.accounts.models import User
from governance.api_schema import operations
from moral_bank.closings.services import closing_compute
from moral_bank.models import Account, Claim, Closing, Entry, Rating
from moral_bank.rules.models import Deed
from tests.builders import (
    PASSWORD,
    make_account,
    make_entry,
    make_household,
    make_resident,
    make_rule_set,
    make_township,
    make_user,
    make_village,
)
from villages.models import Household, Unit

pytestmark = pytest.mark.django_db
NUMBER = "511929198503070019"
MARCH = date(2026, 3, 1)
ENDPOINTS = ["units", "households", "entries", "ratings", "closings", "claims"]


class House:
    """Two villages of one township with one household, one entry, one claim and a computed March each."""

    def __init__(self) -> None:
        self.township = make_township()
        self.rules = make_rule_set(self.township)
        self.deed = Deed.objects.get(code="S1")
        self.villages = [
            make_village(self.township, name, f"51192310220{number}")
            for number, name in enumerate(("八一村委会", "皇山村委会"), start=1)
        ]
        self.staff = make_user("staff", "staff", self.township)
        self.cadre = make_user("cadre", "cadre", self.villages[0])
        self.accounts = [self.furnish(village, 1)[0] for village in self.villages]

    def furnish(self, village: Unit, count: int) -> list[Account]:
        accounts = []
        for _ in range(count):
            household = make_household(village)
            make_resident(household)
            account = make_account(household)
            make_entry(account, self.deed, date(2026, 3, 5), self.staff)
            Claim.objects.create(
                account=account,
                deed=self.deed,
                occurred_on=date(2026, 3, 6),
                score=5,
                declared_by=self.cadre,
                declared_at=timezone.now(),
            )
            accounts.append(account)
        closing, _ = Closing.objects.get_or_create(village=village, kind="month", start=MARCH)
        closing_compute(closing.pk)
        return accounts

    def rows(self, village: Unit) -> dict[str, int]:
        """One object of each endpoint that belongs to `village`."""
        household = Household.objects.filter(village=village).first()
        assert household is not None
        return {
            "units": village.pk,
            "households": household.pk,
            "entries": Entry.objects.filter(village=village).latest("pk").pk,
            "ratings": Rating.objects.filter(closing__village=village).latest("pk").pk,
            "closings": Closing.objects.get(village=village).pk,
            "claims": Claim.objects.filter(account__household=household).latest("pk").pk,
        }


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def cadre(client: Client, house: House) -> Client:
    client.force_login(house.cadre)
    return client


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_it_gives_a_village_its_own_rows_and_404_for_others(cadre: Client, house: House, endpoint: str) -> None:
    ours, theirs = (house.rows(village)[endpoint] for village in house.villages)
    listed = cadre.get(f"/api/v1/{endpoint}/").json()["results"]
    assert ours in [row["id"] for row in listed] and theirs not in [row["id"] for row in listed]
    assert cadre.get(f"/api/v1/{endpoint}/{ours}/").status_code == 200
    assert cadre.get(f"/api/v1/{endpoint}/{theirs}/").status_code == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_it_shows_a_guard_nothing_and_a_nobody_less(client: Client, house: House, endpoint: str) -> None:
    assert client.get(f"/api/v1/{endpoint}/").status_code == 401
    for guard in ("system", "security", "audit"):
        client.force_login(make_user(guard, guard=guard))
        assert client.get(f"/api/v1/{endpoint}/").status_code == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_it_reads_a_list_in_a_fixed_number_of_queries(cadre: Client, house: House, endpoint: str) -> None:
    counts = []
    for more in (2, 27):
        house.furnish(house.villages[0], more)
        with CaptureQueriesContext(connection) as queries:
            assert cadre.get(f"/api/v1/{endpoint}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_it_masks_id_numbers(cadre: Client, house: House) -> None:
    household = Household.objects.filter(village=house.villages[0]).first()
    assert household is not None
    make_resident(household, "李四", NUMBER)
    text = cadre.get(f"/api/v1/households/{household.pk}/").content.decode()
    assert "511929**********19" in text and NUMBER not in text


def test_it_filters_by_period_head_and_name(cadre: Client, house: House) -> None:
    def count(address: str) -> int:
        found: int = cadre.get(f"/api/v1/{address}").json()["count"]
        return found

    assert count("ratings/?period=2026-03") == 1 and count("ratings/?period=2026-04") == 0
    assert count("entries/?head=service&since=2026-03-01") == 1 and count("entries/?head=law") == 0
    assert count("households/?head_name=王") == 1 and count("households/?standing=false") == 0
    wrong = cadre.get("/api/v1/ratings/?period=三月")
    assert wrong.status_code == 400 and "看不懂的期间" in wrong.json()["detail"]


def test_it_explains_a_rating(cadre: Client, house: House) -> None:
    rating = house.rows(house.villages[0])["ratings"]
    told = cadre.get(f"/api/v1/ratings/{rating}/explain/").json()
    service = next(line for line in told["heads"] if line["head"] == "service")
    assert (service["base"], service["total"], service["value"]) == (5, 5, 10)
    assert [entry["score"] for entry in service["entries"]] == [5]
    theirs = house.rows(house.villages[1])["ratings"]
    assert cadre.get(f"/api/v1/ratings/{theirs}/explain/").status_code == 404


def test_it_runs_closings_through_the_services(client: Client, house: House) -> None:
    closing = house.rows(house.villages[0])["closings"]
    client.force_login(house.cadre)
    assert client.post(f"/api/v1/closings/{closing}/publish/").status_code == 404
    client.force_login(house.staff)
    assert client.post(f"/api/v1/closings/{closing}/publish/").json()["state"] == "noticed"
    refused = client.post(f"/api/v1/closings/{closing}/lock/")
    assert refused.status_code == 400 and "公示期" in refused.json()["detail"]
    asked = client.post("/api/v1/closings/", {"village": house.villages[0].pk, "period": "2026-04"})
    assert asked.status_code == 202 and asked.json()["job"] == "queued"
    county = house.township.parent_id
    assert client.post("/api/v1/closings/", {"village": county, "period": "2026-04"}).status_code == 404


def test_it_declares_once_for_one_key(cadre: Client, house: House) -> None:
    sent: dict[str, Any] = {
        "household": house.accounts[0].household_id,
        "deed": house.deed.pk,
        "occurred_on": "2026-03-09",
    }
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    first, second = (cadre.post("/api/v1/claims/", sent, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201) and first.json()["id"] == second.json()["id"]
    theirs = {**sent, "household": house.accounts[1].household_id}
    assert cadre.post("/api/v1/claims/", theirs).status_code == 404
    wrong = cadre.post("/api/v1/claims/", {**sent, "occurred_on": "三月九日"}).json()
    assert re.search(r"[a-zA-Z]{4,}", "".join(wrong["occurred_on"]).replace("YYYY-MM-DD", "")) is None


def take_token(client: Client, username: str, password: str = PASSWORD) -> Any:
    return client.post("/api/v1/token/", {"username": username, "password": password})


def test_it_gives_a_token_that_opens_the_same_rows(client: Client, house: House) -> None:
    key = take_token(client, "cadre").json()["token"]
    asked = client.get("/api/v1/households/", headers={"Authorization": f"Token {key}"})
    assert asked.json()["count"] == 1
    take_token(client, "cadre")
    assert client.get("/api/v1/households/", headers={"Authorization": f"Token {key}"}).status_code == 401


def test_it_refuses_an_old_token_and_one_of_a_first_password(client: Client, house: House) -> None:
    token = Token.objects.create(user=house.cadre)
    header = {"Authorization": f"Token {token.key}"}
    Token.objects.update(created=timezone.now() - timedelta(days=31))
    assert "令牌已过期" in client.get("/api/v1/units/", headers=header).json()["detail"]
    Token.objects.update(created=timezone.now())
    User.objects.filter(pk=house.cadre.pk).update(must_change_password=True)
    assert client.get("/api/v1/units/", headers=header).status_code == 401
    assert take_token(client, "cadre").status_code == 401


@pytest.mark.parametrize("page", ["9" * 30, "9" * 5000, "0", "-1", "x"])
def test_a_page_that_is_not_there_is_said_not_to_be(client: Client, house: House, page: str) -> None:
    client.force_login(house.cadre)
    assert client.get("/api/v1/households/", {"page": page}).status_code == 404


def test_it_locks_after_failed_tries_as_the_login_page_does(client: Client, house: House) -> None:
    cache.clear()
    for _ in range(4):
        answer = take_token(client, "cadre", "wrong")
        assert answer.status_code == 401 and "不对" in answer.json()["detail"]
    assert take_token(client, "cadre", "wrong").status_code == 429
    locked = take_token(client, "cadre")
    assert locked.status_code == 429 and "锁定" in locked.json()["detail"]


def test_it_slows_down_who_tries_many_names(client: Client) -> None:
    cache.clear()
    answers = [take_token(client, f"nobody{number}", "wrong").status_code for number in range(21)]
    assert answers[-1] == 429


def test_it_describes_itself_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert "/api/v1/ratings/{id}/explain/" in capsys.readouterr().out


def test_its_schema_says_how_each_operation_may_be_refused() -> None:
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    found = list(operations(schema))
    assert len(found) > 100
    wanted = {"400", "401", "403", "404", "406", "429"}
    bare = {(path, method): missing for path, method, operation in found if (missing := wanted - set(operation["responses"]))}
    assert bare == {}
    assert [path for path, method, operation in found if method == "post" and not {"415", "422"} <= set(operation["responses"])] == []


def test_it_serves_its_documentation_from_here(client: Client, house: House) -> None:
    assert client.get("/api/v1/docs/").status_code == 401
    client.force_login(house.cadre)
    page = client.get("/api/v1/docs/").content.decode()
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert client.get("/api/v1/schema/").status_code == 200
