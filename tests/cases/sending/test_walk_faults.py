"""Records of several forms and households over a bad line: each is sent faultily three times, and is there once, with its own household.

Nine records in the suite, five hundred with SOAK=1 (`make soak ARGS=sending`).
"""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from governance.cases.models import Case, Conflict, Visit
from moral_bank.models import Claim
from tests.browser import CUT, log_in, walking
from tests.builders import make_household
from tests.cases.sending.faulty_line import FAULTS, faulty_line
from tests.cases.sending.test_drafts import full_house
from tests.cases.sending.test_walk_kept import SEALED
from tests.frame.once_forms import EVERYONE, FullHouse
from villages.models import Household

pytestmark = pytest.mark.django_db(transaction=True)
RECORDS, HOMES = (500, 12) if os.environ.get("SOAK") == "1" else (9, 3)
FORGIVEN = (*CUT, "net::ERR_", "status of 502", "status of 503")
DRAIN = 900_000
# The phone gives a silent line up after a second instead of a minute.
HASTY = "{ const after = AbortSignal.timeout.bind(AbortSignal); AbortSignal.timeout = (ms) => after(Math.min(ms, 1000)); }"
# “现在发送” again and again.
PRESS = "setInterval(() => document.getElementById('send-drafts').click(), 1000)"
Record = tuple[str, int, str]


def log_case(page: Page, home: int, words: str) -> None:
    page.goto(f"/log/?household={home}")
    label = page.locator("label", has_text="电力")
    if not label.is_visible():
        page.get_by_text("别的类别").click()
    label.click()
    page.locator("textarea[name=text]").fill(words)


def log_visit(page: Page, home: int, words: str) -> None:
    page.goto(f"/visits/log/?household={home}")
    page.locator("textarea[name=seen]").fill(words)


def declare(page: Page, home: int, words: str) -> None:
    page.goto(f"/households/{home}/log/")
    page.locator("label[for^=deed-]").first.click()
    page.locator("[name=note]").fill(words)


WRITERS = {"case": log_case, "visit": log_visit, "claim": declare}


def write(page: Page, homes: list[Household]) -> Counter[Record]:
    """Form after form, household after household, while what was written before is on its way."""
    written: Counter[Record] = Counter()
    for number in range(RECORDS):
        form, home = list(WRITERS)[number % len(WRITERS)], homes[number // len(WRITERS) % len(homes)]
        words = f"{home.head_name}家第 {number + 1} 件"
        WRITERS[form](page, home.pk, words)
        page.locator(".savebar button.btn-primary").click()
        expect(page.get_by_role("status").filter(has_text="已存在手机上")).to_be_visible()
        written[form, home.pk, words] += 1
    return written


def on_the_server(before: dict[type[Case | Visit | Claim], int]) -> Counter[Record]:
    found: Counter[Record] = Counter()
    for case in Case.objects.filter(pk__gt=before[Case]):
        found["case", case.household_id or 0, case.text] += 1
    for visit in Visit.objects.filter(pk__gt=before[Visit]):
        found["visit", visit.household_id or 0, visit.seen] += 1
    for claim in Claim.objects.select_related("account").filter(pk__gt=before[Claim]):
        found["claim", claim.account.household_id, claim.note] += 1
    return found


def settle(house: FullHouse) -> list[Household]:
    names = enumerate("赵钱孙李周吴郑王冯陈褚卫"[:HOMES])
    return [make_household(house.village, f"{name}大山", unit=house.yard, number=f"9{place:03}") for place, name in names]


def test_three_faulty_sends_of_each_record_lose_double_and_mix_nothing(browser: Browser, live_server: LiveServer) -> None:
    house = full_house()
    homes = settle(house)
    last = {model: model.objects.latest("pk").pk for model in (Case, Visit, Claim)}
    with faulty_line(live_server.url) as (line, address), walking(browser, address, "phone", forgives=FORGIVEN) as page:
        page.add_init_script(HASTY)
        log_in(page, house.cast[EVERYONE].username)
        began = time.monotonic()
        written = write(page, homes)
        wrote = time.monotonic()
        page.goto("/drafts/")
        page.evaluate(PRESS)
        expect(page.locator("#queue")).to_have_attribute("data-waiting", "0", timeout=DRAIN)
        sealed, _ = page.evaluate(SEALED)
    found, ended = on_the_server(last), time.monotonic()
    print(f"\n{RECORDS} records of {len(WRITERS)} forms and {HOMES} households, written in {wrote - began:.0f} s, all sent"
          f" {ended - wrote:.0f} s later: {line.sent.total()} sendings, {dict(line.faults)}; on the server {found.total()},"
          f" lost {(written - found).total()}, doubled or mixed {(found - written).total()}, on the phone {len(sealed)}")  # fmt: skip
    assert found == written and not sealed
    assert len(line.sent) == RECORDS and min(line.sent.values()) > FAULTS
    assert not Conflict.objects.filter(sent__case__pk__gt=last[Case]).exists()
