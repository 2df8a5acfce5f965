"""三员 are kept apart from business duties by the database, from both sides and under concurrency."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, connections, transaction

from governance.accounts.models import User
from tests.accounts.test_log import refused
from tests.builders import make_cast, make_township, make_user, make_village
from villages.models import Household, Post, Unit

AROUND = {
    "a guard takes a post": "INSERT INTO villages_post (kind, unit_id, user_id, appointed_on, end_reason) "
    "VALUES ('cadre', {unit}, {guard}, '2026-01-01', '')",
    "a post goes to a guard": "UPDATE villages_post SET user_id = {guard} WHERE user_id = {holder}",
    "a holder becomes a guard": "UPDATE accounts_user SET guard = 'audit' WHERE id = {holder}",
    "an unknown guard": "UPDATE accounts_user SET guard = 'root' WHERE id = {guard}",
    "two guards at once": "UPDATE accounts_user SET guard = 'system,audit' WHERE id = {guard}",
}
ALLOWED = {
    "another's post": "INSERT INTO villages_post (kind, unit_id, user_id, appointed_on, end_reason) "
    "VALUES ('cadre', {unit}, {holder}, '2026-01-01', '')",
    "a guard of an idle account": "UPDATE accounts_user SET guard = 'audit' WHERE id = {idle}",
}


def make_pair() -> dict[str, int]:
    """Ids of a village, its secretary, a system administrator, and an account with neither."""
    village = make_village(make_township())
    return {
        "unit": village.pk,
        "holder": make_user("shuji", "secretary", village).pk,
        "guard": make_user("xitong", guard="system").pk,
        "idle": make_user("xianren").pk,
    }


def test_it_keeps_guards_and_posts_apart(db: None) -> None:
    names = make_pair()
    assert {name: refused(sql.format(**names)) for name, sql in AROUND.items()} == dict.fromkeys(AROUND, True)
    assert {name: refused(sql.format(**names)) for name, sql in ALLOWED.items()} == dict.fromkeys(ALLOWED, False)


def test_it_lets_a_former_holder_become_a_guard(db: None) -> None:
    names = make_pair()
    Post.objects.update(ended_on=date(2026, 2, 1))
    assert not refused(AROUND["a holder becomes a guard"].format(**names))


def test_it_gives_guards_no_business_data(db: None) -> None:
    township = make_township()
    cast = make_cast(township, make_village(township))
    for guard in ("system", "security", "audit"):
        assert cast[guard].grants == ()
        assert not Unit.objects.visible_to(cast[guard]).exists()
        assert not Household.objects.visible_to(cast[guard]).exists()


@pytest.mark.parametrize("turn", range(5))
def test_it_keeps_them_apart_in_a_race(transactional_db: None, turn: int) -> None:
    """Appointing and making a guard at the same moment: one of the two is refused, never neither."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    names = make_pair()
    statements = (
        "INSERT INTO villages_post (kind, unit_id, user_id, appointed_on, end_reason) "
        "VALUES ('cadre', {unit}, {idle}, '2026-01-01', '')",
        "UPDATE accounts_user SET guard = 'audit' WHERE id = {idle}",
    )
    barrier = threading.Barrier(len(statements), timeout=180)

    def run(statement: str) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                barrier.wait()
                cursor.execute(statement.format(**names))
        except DatabaseError:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(statement,)) for statement in statements]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    idle = User.objects.get(pk=names["idle"])
    assert (idle.guard != "") != Post.objects.filter(user=idle).exists()
