"""What must never happen to nominations, honours and reminders, tried by SQL around the code on both engines.

Each statement is refused by its own rule alone, so that a rule that is dropped fails its own case.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from moral_bank.models import Honour, Nomination, Rating, Reminder
from tests.answers import the
from tests.builders import make_village
from tests.moral_bank.awards.house import HALF, AwardHouse
from tests.moral_bank.awards.test_honours import quarter_of
from tests.trial import run_in_trial_mode

N, H, R = "moral_bank_nomination", "moral_bank_honour", "moral_bank_reminder"
_INSERT = (
    f"INSERT INTO {N} (account_id, village_id, half, source, nominator, story, state, nominated_by_id, nominated_at, "
    "recused, reason{columns}) SELECT {account}, {village}, '2026-01-01', 'self', 'x', 'x', {state}, nominated_by_id, "
    f"nominated_at, '', ''{{values}} FROM {N} WHERE id = {{nominated}}"
)
_DECIDED = "decided_by_id = (SELECT judged_by_id FROM {table} x WHERE x.id = {noticed}), decided_at = '{at} 04:00:00+00:00'"


def insert(account: str = "{spare}", village: str = "{village}", state: str = "'nominated'", **more: str) -> str:
    """An INSERT of a nomination, `more` columns as SQL."""
    columns = "".join(f", {name}" for name in more)
    values = "".join(f", {value}" for value in more.values())
    return (
        _INSERT.replace("{columns}", columns).replace("{values}", values).replace("{account}", account)
        .replace("{village}", village).replace("{state}", state)
    )  # fmt: skip


def update(row: str, words: str) -> str:
    return f"UPDATE {N} SET {words} WHERE id = {{{row}}}"


def confirm(row: str = "noticed", at: str = "2026-07-09") -> str:
    return update(row, "state = 'confirmed', " + _DECIDED.replace("{table}", N).replace("{at}", at))


def honour(**values: str) -> str:
    """An INSERT of an honour from the confirmed nomination that has none yet."""
    said = {
        "account_id": "{confirmed_account}", "village_id": "{village}", "kind": "'family'", "period": "'2026-H1'",
        "number": "'x'", "granted_on": "'2026-07-09'", "nomination_id": "{confirmed}", "revoked_reason": "''", **values,
    }  # fmt: skip
    return f"INSERT INTO {H} ({', '.join(said)}) VALUES ({', '.join(said.values())})"


def reminder(rating: str, township: str = "{township}") -> str:
    return (
        f"INSERT INTO {R} (rating_id, township_id, told_on, told_by_id, note, recorded_at) "
        f"SELECT {{{rating}}}, {township}, '2026-04-10', nominated_by_id, '', nominated_at FROM {N} WHERE id = {{nominated}}"
    )


REFUSED = {
    "begins judged": insert(judged_on="'2026-07-06'"),
    "begins confirmed": insert(state="'refused'").replace("'', ''", "'', 'x'"),
    "begins elsewhere": insert(village="{other}"),
    "with a veto": insert("{vetoed}"),
    "with a veto that waits": insert("{claimed}"),
    "twice in a half": insert("{nominated_account}"),
    "half not begun": insert().replace("'2026-01-01'", "'2026-02-01'"),
    "a step over": update("nominated", "state = 'noticed', notice_id = {notice}, notice_row = 9, judged_on = '2026-07-06', "
                          "present = 3, votes_yes = 3, votes_no = 0"),
    "back": update("recommended", "state = 'nominated'"),
    "two present": update("nominated", "state = 'recommended', judged_on = '2026-07-06', present = 2, votes_yes = 2, votes_no = 0"),
    "half of the votes": update("nominated", "state = 'recommended', judged_on = '2026-07-06', present = 4, votes_yes = 2, votes_no = 0"),
    "no votes": update("nominated", "state = 'recommended', judged_on = '2026-07-06'"),
    "more votes than people": update("nominated", "present = 4, votes_yes = 3, votes_no = 2"),
    "refused without reason": update("nominated", "state = 'refused'"),
    "votes changed": update("recommended", "votes_no = 0"),
    "story changed": update("recommended", "story = 'y'"),
    "other half": update("nominated", "half = '2026-07-01'"),
    "other nominator's account": update("nominated", "nominated_at = '2026-07-01 04:00:00+00:00'"),
    "notice of other kind": update("recommended", "state = 'noticed', notice_id = {wrong_notice}, notice_row = 1"),
    "notice without row": update("recommended", "state = 'noticed', notice_id = {notice}"),
    "notice exchanged": update("noticed", "notice_row = 9"),
    "confirmed in the window": confirm(at="2026-07-08"),
    "confirmed with an objection": confirm("objected"),
    "confirmed with a veto": confirm("noticed_vetoed"),
    "confirmed by its nominator": confirm().replace("SELECT judged_by_id", "SELECT nominated_by_id"),
    "confirmed by nobody": update("noticed", "state = 'confirmed', decided_at = '2026-07-09 04:00:00+00:00'"),
    "confirmed one changed": update("confirmed", "reason = 'y'"),
    "nomination deleted": f"DELETE FROM {N} WHERE id = {{nominated}}",
    "honour of another": honour(account_id="{spare}"),
    "honour of another period": honour(period="'2026-H2'"),
    "honour unconfirmed": honour(nomination_id="{noticed}", account_id="{noticed_account}"),
    "honour revoked at once": honour(revoked_on="'2026-07-09'", revoked_reason="'x'"),
    "honour without reason": honour(nomination_id="NULL"),
    "honour of an open year": honour(kind="'year'", nomination_id="NULL", rating_id="{quarter}", account_id="{starless}", period="'2026'"),
    "honour numbered anew": f"UPDATE {H} SET number = 'y' WHERE id = {{honour}}",
    "honour revoked without reason": f"UPDATE {H} SET revoked_on = '2026-08-01' WHERE id = {{honour}}",
    "honour restored": f"UPDATE {H} SET revoked_on = NULL, revoked_reason = '' WHERE id = {{revoked}}",
    "honour deleted": f"DELETE FROM {H} WHERE id = {{honour}}",
    "reminder of a star": reminder("starred"),
    "reminder of a month": reminder("month"),
    "reminder elsewhere": reminder("quarter_two", "{other}"),
    "reminder changed": f"UPDATE {R} SET note = 'y'",
    "reminder deleted": f"DELETE FROM {R}",
}  # fmt: skip
ALLOWED = {
    "insert": insert(),
    "confirm": confirm(),
    "honour": honour(),
    "reminder": reminder("quarter_two"),
    "revoke": f"UPDATE {H} SET revoked_on = '2026-08-01', revoked_reason = 'x' WHERE id = {{honour}}",
}


def prepare() -> dict[str, int]:
    """A village with a row in each state, and the ids that the statements name."""
    house = AwardHouse(households=13, members=3)
    rows = {name: house.nominate(account) for name, account in zip(
        ("noticed", "objected", "noticed_vetoed", "confirmed", "first", "second"), house.accounts[:6], strict=True
    )}  # fmt: skip
    for row in rows.values():
        house.judge(row)
    notice = house.publish()
    rows = {name: Nomination.objects.get(pk=row.pk) for name, row in rows.items()}
    honour, revoked = house.confirm(rows["first"]), house.confirm(rows["second"])
    with connection.cursor() as cursor:
        cursor.execute(confirm("confirmed").format(confirmed=rows["confirmed"].pk, noticed=rows["noticed"].pk))
    Honour.objects.filter(pk=revoked.pk).update(revoked_on=date(2026, 8, 1), revoked_reason="x")
    said = {"name": "赵六", "phone": "15400000009", "text": "x", "number": "YY2026-00001", "answer_by": date(2026, 8, 5)}
    notice.objections.create(row_number=rows["objected"].notice_row, **said)
    nominated, recommended, vetoed, spare, starless = house.accounts[6:11]
    house.enter("V1", date(2026, 6, 1), vetoed)
    house.enter("V1", date(2026, 6, 1), rows["noticed_vetoed"].account)
    house.vetoed(house.accounts[12])
    wrong = type(notice).objects.create(unit=house.village, kind="other", title="x", opens_on=HALF.start, closes_on=HALF.start)
    return {
        **{name: row.pk for name, row in rows.items()},
        "honour": honour.pk, "revoked": revoked.pk, "notice": notice.pk, "wrong_notice": wrong.pk,
        "confirmed_account": rows["confirmed"].account_id, "noticed_account": rows["noticed"].account_id,
        "nominated": house.late(nominated).pk, "nominated_account": nominated.pk,
        "recommended": house.judge(house.late(recommended)).pk, "claimed": house.accounts[12].pk,
        "vetoed": vetoed.pk, "spare": spare.pk, "village": house.village.pk, "township": house.township.pk,
        "other": make_village(house.township, "马鞍村委会", "511923102202").pk,
        **ratings(house, starless.pk),
    }  # fmt: skip


def ratings(house: AwardHouse, starless: int) -> dict[str, int]:
    """Ids of ratings of the locked first quarter: two without a star (the first is reminded), one with, one of a month."""
    house.accounts = house.accounts[10:]
    house.enter("L1", date(2026, 3, 2), house.accounts[1])
    first = quarter_of(house)
    found = Rating.objects.filter(closing=first.closing)
    Reminder.objects.create(
        rating=first, told_on=date(2026, 4, 10), told_by=house.cast["staff"], recorded_at=the(first.closing.locked_at)
    )
    return {
        "quarter": first.pk,
        "starless": starless,
        "quarter_two": found.get(account=house.accounts[1]).pk,
        "starred": found.filter(stars=2)[0].pk,
        "month": Rating.objects.filter(account=first.account_id, closing__kind="month")[0].pk,
    }


def is_refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


def attempts() -> dict[str, bool]:
    """Which statements the database refuses."""
    ids = prepare()
    return {name: is_refused(statement.format(**ids)) for name, statement in (REFUSED | ALLOWED).items()}


EXPECTED = {**dict.fromkeys(REFUSED, True), **dict.fromkeys(ALLOWED, False)}


@pytest.mark.django_db
def test_it_refuses_sql_around_the_code() -> None:
    assert attempts() == EXPECTED


def test_it_refuses_sql_around_the_code_on_sqlite(tmp_path: Path) -> None:
    assert run_in_trial_mode("tests.moral_bank.awards.test_awards_sql:attempts", tmp_path) == EXPECTED


def guards() -> list[tuple[str, str, str]]:
    """(kind, name, table) of every trigger and named constraint of the three tables, on PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'TRIGGER', tgname, tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgrelid::regclass::text = ANY(%s) AND NOT tgisinternal AND tgname NOT LIKE '%%\\_truncate' "
            "UNION SELECT 'CONSTRAINT', conname, conrelid::regclass::text FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND conname = ANY(%s)",
            [[N, H, R], [N, H, R], [row.name for model in (Nomination, Honour, Reminder) for row in model._meta.constraints]],
        )
        found: list[tuple[str, str, str]] = cursor.fetchall()
        return found


# What these refuse is refused by a trigger as well: two locks on one door.
DOUBLY_KEPT = {"honour_has_its_reason", "honour_once_per_period"}


@pytest.mark.django_db
def test_it_needs_each_of_its_guards() -> None:
    """With a guard dropped at least one of the statements goes through."""
    ids = prepare()
    needless = set()
    for kind, name, table in guards():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            drop = f"DROP TRIGGER {name} ON {table}" if kind == "TRIGGER" else f"ALTER TABLE {table} DROP CONSTRAINT {name}"
            cursor.execute(drop)
            if all(is_refused(statement.format(**ids)) for statement in REFUSED.values()):
                needless.add(name)
            transaction.set_rollback(True)
    assert len(guards()) > 20
    assert needless == DOUBLY_KEPT
