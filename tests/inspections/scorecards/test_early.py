"""No result before it is complete: until every line of a card is judged no page, sheet, paper or API says a total, grade or rank."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile, is_zipfile

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse

from governance.accounts.duties import Duty
from governance.accounts.models import User
from inspections.models import Answer, Scorecard, Team
from inspections.rounds.computing import round_compute
from inspections.rounds.deciding import round_hand_over
from inspections.scorecards.answers import Judged, answers_save, card_finish, lines_left
from inspections.scorecards.models import Measure
from tests.builders import make_user
from tests.desk.matrix import PAGES as DESK
from tests.inspections.house import HANDED, ON_SITE, RoundHouse, take
from tests.inspections.matrix import PAGES
from tests.inspections.rounds.test_rounds import refused
from tests.matrix import Page
from villages.models import Post

pytestmark = pytest.mark.django_db
LITTER, OPEN = "白色垃圾", "垃圾收集点正常使用"
LACKS = "—，1 条未评"
# What 八一村 comes to, of the first section and of both; a page that says either says a result.
RESULT = re.compile(r"(?<![\d.])(33\.63|73\.63)(?!\d)")
SHOWS = {
    "inspections:round-detail", "inspections:card-list", "inspections:card-list-export", "inspections:card-compare",
    "inspections:card-detail", "inspections:card-print", "inspections:card-sheet", "inspections:quarter-list",
    "inspections:quarter-export", "inspections:quarter-print", "api:scorecard-list", "api:scorecard-detail",
}  # fmt: skip
ELSEWHERE = re.compile(r":(check|front|patrol|superior|ledger|handbook|more|frontpatrol|householdcheck)")  # no quarter's cards
QUERIES = {"inspections:card-compare": "?quarter=2026-Q1&village={}&village={}"}


def judge_but_one(house: RoundHouse) -> None:
    """马鞍村 is judged, and every line of 八一村 but one, which will turn out without fault."""
    house.judge(1, named={LITTER: 1.41})
    said = {item.pk: Judged(Decimal(100 if item.kind == "band" else 0), reason="现场核实") for item in lines_left(house.card())}
    del said[house.item(OPEN).pk]
    said[house.item(LITTER).pk] = Judged(Decimal("26.37"))
    answers_save(card=house.card(), judged=said, by=house.supervisor, at=ON_SITE)


def judge_last(house: RoundHouse) -> None:
    answers_save(card=house.card(), judged={house.item(OPEN).pk: Judged(Decimal(0))}, by=house.supervisor, at=ON_SITE)


def everybody(house: RoundHouse) -> User:
    """One person with every duty of the township: whom each page shows the most."""
    user = make_user("quan", Duty.STAFF, house.township)
    for duty in (Duty.LEADER, Duty.SUPERVISOR):
        Post.objects.create(kind=duty, unit=house.township, user=user, appointed_on="2026-01-01")
    return user


def addresses(house: RoundHouse) -> dict[str, str]:
    """Every page, sheet, paper and API of the room and of the desk that a card, a round or a list answers."""
    things = SimpleNamespace(
        card=house.card(), round=house.round, card_item=house.item(LITTER), team=Team.objects.get(), village=house.villages[0]
    )
    found = {"home": "/"}
    for name, page in {**PAGES, **DESK}.items():
        if page.method == "get" and (not page.shows or hasattr(things, page.shows)) and not ELSEWHERE.search(name):
            try:
                found[name] = address(name, page, things)
            except NoReverseMatch:
                continue  # it needs another thing of the matrix's house
    villages = [village.pk for village in house.villages]
    return {name: path + QUERIES.get(name, "").format(*villages) for name, path in found.items()}


def address(name: str, page: Page, things: SimpleNamespace) -> str:
    arguments = {key: getattr(things, value).pk if hasattr(things, value) else value for key, value in page.arguments}
    if page.shows and "pk" not in arguments and has_pk(name):
        arguments["pk"] = getattr(things, page.shows).pk
    return reverse(name, kwargs=arguments)


def grade_of(name: str) -> str:
    return '"passing"' if name.startswith("api:") else "一般"


def has_pk(name: str) -> bool:
    """Whether the page is of one object; a list is shown with a card, too."""
    try:
        reverse(name)
    except NoReverseMatch:
        return True
    return False


def texts(client: Client, user: User, paths: dict[str, str]) -> dict[str, str]:
    """What each address says: the page, or what stands in the sheet or paper."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    found = {}
    for name, path in paths.items():
        answer = client.get(path)
        assert answer.status_code < 500, path
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if is_zipfile(BytesIO(body)):
            with ZipFile(BytesIO(body)) as parts:
                body = b"\n".join(parts.read(part) for part in parts.namelist() if part.endswith(".xml"))
        found[name] = body.decode()
    return found


def test_it_says_no_result_anywhere_until_every_line_is_judged(client: Client) -> None:
    house = RoundHouse(2)
    house.scoring()
    user = everybody(house)
    paths = addresses(house)
    assert set(paths) >= SHOWS and len(paths) > 30
    judge_but_one(house)
    round_compute(house.round.pk)  # type: ignore[union-attr]
    early = texts(client, user, paths)
    assert [name for name, text in early.items() if RESULT.search(text)] == []
    silent = [name for name in sorted(SHOWS) if LACKS not in early[name] and not name.startswith("api:")]
    assert silent == []
    card, other = house.card(), house.card(1)
    assert (card.score, card.grade, card.vetoed, card.rank, card.sections, card.trail, card.missing) == (None, "", False, None, [], [], 1)
    assert (other.score, other.rank) == (Decimal("98.59"), None), "nobody has a rank before all have a score"

    judge_last(house)
    round_compute(house.round.pk)  # type: ignore[union-attr]
    whole = texts(client, user, {name: paths[name] for name in SHOWS})
    assert [name for name in SHOWS if not RESULT.search(whole[name])] == [], "the walk sees a result where there is one"
    graded = {name for name in SHOWS if whole[name].count(grade_of(name)) > early[name].count(grade_of(name))}
    assert graded == SHOWS
    assert [house.card(number).rank for number in (0, 1)] == [2, 1]


def test_it_says_what_is_missing_from_the_first_day_and_as_lines_are_judged() -> None:
    house = RoundHouse(2)
    house.scoring()
    assert house.card().score_words == "—，5 条未评" and house.round.computed_at is not None  # type: ignore[union-attr]
    judge_but_one(house)
    assert (house.card().score_words, house.card(1).missing) == (LACKS, 0)
    judge_last(house)
    assert house.card().score_words == "—"


def test_it_is_not_handed_over_where_a_figure_no_longer_speaks() -> None:
    """The team left a line to its figure; taken anew at the hand-over it has too few records."""
    house = RoundHouse(1)
    house.scoring()
    take(house.card(), 9, 10)
    said = {item.pk: Judged(Decimal(0)) for item in lines_left(house.card())}
    answers_save(card=house.card(), judged=said, by=house.supervisor, at=ON_SITE)
    card_finish(card=house.card(), by=house.supervisor, at=ON_SITE)
    told = refused("blocked", round_hand_over, inspection_round=house.round, by=house.staff, at=HANDED)
    assert "还要评：八一村 1 条" in told


def early_statements(house: RoundHouse) -> list[str]:
    """SQL that writes a result before the last line is judged."""
    card = house.card().pk
    return [
        f"UPDATE inspections_scorecard SET score = 100, missing = 0 WHERE id = {card}",
        f"UPDATE inspections_scorecard SET score = 100 WHERE id = {card}",
        f"UPDATE inspections_scorecard SET grade = 'good' WHERE id = {card}",
        f"UPDATE inspections_scorecard SET rank = 1 WHERE id = {card}",
        f"UPDATE inspections_scorecard SET change = 1 WHERE id = {card}",
        f"UPDATE inspections_scorecard SET grade = 'poor', vetoed = true WHERE id = {card}",
        "INSERT INTO inspections_measure (card_id, indicator, good, \"of\", enough, taken_at) "
        f"VALUES ({card}, 'x', 1, 1, true, '2026-04-09')",
        f"UPDATE inspections_measure SET good = 1, \"of\" = 1 WHERE card_id = {card}",
        f"UPDATE inspections_measure SET missed_keys = '[7]' WHERE card_id = {card}",
        "INSERT INTO inspections_answer (card_id, item_id, side, value, applies, note, reason, by_id, at) VALUES "
        f"({house.card(1).pk}, {house.item('回访按期完成').pk}, 'site', 80, true, '', '', {house.supervisor.pk}, '2026-04-09')",
        f"UPDATE inspections_answer SET reason = '' WHERE card_id = {card} AND item_id = {house.item('回访按期完成').pk}",
    ]


def passed(statements: list[str]) -> list[str]:
    """Those that the database took."""
    taken = []
    for statement in statements:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
            taken.append(statement)
        except IntegrityError:
            pass
    return taken


def passed_by() -> list[str]:
    house = RoundHouse(2)
    house.scoring()
    said = {item.pk: Judged(Decimal(0), reason="现场核实") for item in lines_left(house.card())}
    del said[house.item(OPEN).pk]
    answers_save(card=house.card(), judged=said, by=house.supervisor, at=ON_SITE)
    assert Scorecard.objects.filter(missing=1).exists() and Measure.objects.exists() and Answer.objects.exists()
    return passed(early_statements(house))


def test_the_database_takes_no_early_result_no_figure_without_its_list_and_no_judgement_without_basis() -> None:
    assert passed_by() == []
