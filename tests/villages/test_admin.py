"""Staff pages: scope, rights, services behind the forms, and counts that do not grow with the rows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.accounts.models import AccessLog, User
from governance.frame.admin import ScopedModelAdmin
from governance.frame.paging import COUNTED, CappedPaginator
from governance.sheets.persons import clean_id_number
from tests.builders import (
    make_cast,
    make_household,
    make_resident,
    make_township,
    make_unit,
    make_user,
    make_village,
    new_unit,
    settlement_of,
)
from villages.models import Household, Overlay, OverlayMember, Placement, Post, Resident, Unit
from villages.posts.models import AccountImport

pytestmark = pytest.mark.django_db
NUMBER = "511929198503070019"
SCOPED = [model for model, page in site._registry.items() if isinstance(page, ScopedModelAdmin)]


def numbered(serial: int) -> str:
    """A valid ID number of an invented person born on 7 March 1985."""
    stem = f"51192919850307{serial:03d}"
    for check in "0123456789X":
        if clean_id_number(stem + check).level in ("take", "clean"):
            return stem + check
    raise AssertionError(stem)


@pytest.fixture
def village() -> Unit:
    return make_village(make_township())


@pytest.fixture
def stranger(village: Unit) -> Unit:
    """A village of another township."""
    assert village.parent is not None and village.parent.parent is not None
    other = make_unit("township", "高峰镇", "511923103000", village.parent.parent)
    return make_village(other, "九一村委会", "511923103201")


@pytest.fixture
def staff(village: Unit) -> User:
    return make_user("staff", "staff", village.parent)


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def page(model: str, view: str, *args: Any) -> str:
    return reverse(f"admin:villages_{model}_{view}", args=args)


def test_it_lists_only_what_the_scope_holds(desk: Client, village: Unit, stranger: Unit) -> None:
    make_household(village, "王小明")
    make_household(stranger, "赵远客")
    text = desk.get(page("household", "changelist")).content.decode()
    assert "王小明" in text and "赵远客" not in text


@pytest.mark.parametrize("view", ["change", "history", "delete", "move", "end", "add_person"])
def test_it_hides_another_townships_household(desk: Client, stranger: Unit, view: str) -> None:
    household = make_household(stranger)
    address = page("household", view, household.pk) if view in ("change", "history", "delete") else ""
    address = address or f"{page('household', 'changelist')}{household.pk}/{view}/"
    assert desk.get(address).status_code == 404
    assert desk.post(address).status_code == 404


def test_it_hides_former_versions_of_another_townships_household(desk: Client, stranger: Unit) -> None:
    household = make_household(stranger)
    version = household.history.get().pk
    assert desk.get(page("household", "simple_history", household.pk, version)).status_code == 404


def test_it_never_goes_back_to_a_former_version(desk: Client, village: Unit) -> None:
    household = make_household(village, "王旧名")
    household.head_name = "王新名"
    household.save()
    address = page("household", "simple_history", household.pk, household.history.last().pk)
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"head_name": "王旧名"}).status_code == 404
    household.refresh_from_db()
    assert household.head_name == "王新名"


def test_it_shows_no_cipher_text_in_the_history(desk: Client, village: Unit) -> None:
    resident = make_resident(make_household(village), id_number=NUMBER)
    resident.set_id_number(numbered(12))
    resident.save()
    text = desk.get(page("resident", "history", resident.pk)).content.decode()
    assert resident.id_hash not in text and "memory at" not in text and NUMBER not in text


@pytest.mark.parametrize("duty", ["secretary", "cadre", "leader", "supervisor", "yard_head"])
def test_it_is_closed_to_those_without_the_right_to_enter(client: Client, village: Unit, duty: str) -> None:
    assert village.parent is not None
    client.force_login(make_cast(village.parent, village)[duty])
    for model in SCOPED:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert client.get(reverse(name)).status_code == 404, name


@pytest.mark.parametrize("guard", ["system", "security", "audit"])
def test_it_shows_business_data_to_no_guard(client: Client, village: Unit, guard: str) -> None:
    client.force_login(make_user(guard, guard=guard))
    allowed = {"security": Post, "system": AccountImport}.get(guard)
    for model in SCOPED:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        assert client.get(reverse(name)).status_code == (200 if model is allowed else 404), name


def test_it_offers_no_page_that_a_library_registered(desk: Client) -> None:
    for address in ("/admin/auth/group/", "/admin/authtoken/tokenproxy/"):
        assert desk.get(address).status_code == 404
    assert not {"auth", "authtoken"} & {model._meta.app_label for model in site._registry}
    assert "Token" not in desk.get(reverse("admin:index")).content.decode()


def test_it_offers_only_visible_rows_in_fields_and_searches(desk: Client, village: Unit, stranger: Unit) -> None:
    ours, theirs = make_household(village, "王小明"), make_household(stranger, "王小红")
    query = {"app_label": "villages", "model_name": "resident", "field_name": "household", "term": "王"}
    found = desk.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["id"] for row in found] == [str(ours.pk)]
    sent = {"household": theirs.pk, "name": "王新", "relation": "", "sex": "", "phone": ""}
    answer = desk.post(page("resident", "add"), sent)
    assert answer.status_code == 200 and not Resident.objects.exists()
    assert "选择一个有效的选项" in answer.content.decode()


def test_it_founds_a_group_with_the_next_code(desk: Client, village: Unit) -> None:
    sent = {
        "parent": village.pk,
        "level": "group",
        "name": "第二村民小组",
        "code": "",
        "key_area": "",
        "valid_from": "2026-01-01",
    }
    assert desk.post(page("unit", "add"), sent).status_code == 302
    assert Unit.objects.get(name="第二村民小组").code == f"{village.code[:12]}002"


def test_it_shows_on_the_form_what_a_service_refuses(desk: Client, village: Unit) -> None:
    sent = {
        "parent": village.parent_id,
        "level": "group",
        "name": "飞组",
        "code": "",
        "key_area": "",
        "valid_from": "2026-01-01",
    }
    answer = desk.post(page("unit", "add"), sent)
    assert answer.status_code == 200 and not Unit.objects.filter(name="飞组").exists()
    text = answer.content.decode()
    assert "村民小组不能设在乡镇下面" in text and 'value="飞组"' in text


def test_it_merges_two_villages(desk: Client, village: Unit) -> None:
    assert village.parent is not None
    other = make_village(village.parent, "皇山村委会", "511923102202")
    household = make_household(village)
    sent = {"others": [], "standing": other.pk, "name": "", "code": "", "on": "2026-02-01"}
    assert desk.post(f"{page('unit', 'changelist')}{village.pk}/merge/", sent).status_code == 302
    village.refresh_from_db()
    household.refresh_from_db()
    assert village.valid_to == date(2026, 2, 1) and household.village == other


def test_it_splits_a_village(desk: Client, village: Unit) -> None:
    group = Unit.objects.get(level="group")
    sent = {"name_0": "东村", "code_0": "511923102211", "name_1": "西村", "code_1": "511923102212", "on": "2026-02-01"}
    address = f"{page('unit', 'changelist')}{village.pk}/split/"
    assert desk.post(address, sent).status_code == 200
    assert desk.post(address, {**sent, f"child_{group.pk}": "1"}).status_code == 302
    assert Unit.objects.get(name=group.name, valid_to=None).parent == Unit.objects.get(name="西村")


def test_it_registers_a_household_and_moves_it(desk: Client, village: Unit) -> None:
    yard = settlement_of(village)
    sent = {"unit": yard.pk, "number": "", "head_name": "王小明", "kind": "booklet", "address": "", "on": "2026-01-01"}
    assert desk.post(page("household", "add"), sent).status_code == 302
    household = Household.objects.get()
    assert (household.village, household.number, household.head_pinyin[:4]) == (village, "0001", "wang")
    group = Unit.objects.get(level="group")
    address = f"{page('household', 'changelist')}{household.pk}/move/"
    assert desk.post(address, {"unit": group.pk, "number": "", "on": "2026-03-01"}).status_code == 302
    assert Placement.objects.filter(household=household).count() == 2


def test_it_checks_a_new_id_number_and_never_shows_it(desk: Client, village: Unit) -> None:
    resident = make_resident(make_household(village), id_number=NUMBER)
    address = page("resident", "change", resident.pk)
    assert NUMBER not in desk.get(address).content.decode()
    sent = {"name": "王小明", "relation": "户主", "sex": "M", "birth_date": "1985-03-07", "phone": ""}
    wrong = desk.post(address, {**sent, "new_id_number": "511929198503070018"})
    assert wrong.status_code == 200 and "校验" in wrong.content.decode()
    assert desk.post(address, {**sent, "new_id_number": numbered(13)}).status_code == 302
    resident.refresh_from_db()
    assert resident.id_number == numbered(13)
    assert desk.post(address, {**sent, "new_id_number": ""}).status_code == 302
    resident.refresh_from_db()
    assert resident.id_number == numbered(13)


def test_it_reveals_an_id_number_only_on_request_and_logs_it(desk: Client, village: Unit, staff: User) -> None:
    resident = make_resident(make_household(village), id_number=NUMBER)
    address = f"{page('resident', 'changelist')}{resident.pk}/reveal/"
    assert NUMBER not in desk.get(address).content.decode()
    assert not AccessLog.objects.filter(kind="reveal").exists()
    assert NUMBER in desk.post(address, follow=True).content.decode()
    assert AccessLog.objects.get(kind="reveal").user == staff


def test_it_appoints_and_ends_a_post(desk: Client, village: Unit) -> None:
    yard, resident = settlement_of(village), make_resident(make_household(village))
    make_user("yard")
    sent = {
        "unit": yard.pk,
        "kind": "yard_head",
        "resident": resident.pk,
        "username": "nobody",
        "elected_on": "",
        "appointed_on": "2026-01-05",
        "term_end": "",
    }
    assert "没有这个账号" in desk.post(page("post", "add"), sent).content.decode()
    assert desk.post(page("post", "add"), {**sent, "username": "yard"}).status_code == 302
    post = Post.objects.get(kind="yard_head")
    assert post.user is not None and post.resident == resident and post.term_end == date(2029, 1, 4)
    answer = desk.post(f"{page('post', 'changelist')}{post.pk}/end/", {"on": "2026-02-01", "reason": "辞任"})
    assert answer.status_code == 302
    post.refresh_from_db()
    assert post.ended_on == date(2026, 2, 1)


def test_it_lets_the_security_administrator_hand_out_town_duties_only(client: Client, village: Unit) -> None:
    client.force_login(make_user("security", guard="security"))
    new = make_user("new")
    cadre = make_user("cadre", "cadre", village, name="李干部")
    text = client.get(page("post", "changelist")).content.decode()
    assert "李干部" not in text
    assert client.get(page("post", "change", cadre.posts.get().pk)).status_code == 404
    sent = {
        "unit": village.parent_id,
        "kind": "leader",
        "username": "new",
        "elected_on": "",
        "appointed_on": "2026-01-05",
        "term_end": "",
    }
    assert client.post(page("post", "add"), {**sent, "kind": "cadre", "unit": village.pk}).status_code == 200
    assert client.post(page("post", "add"), sent).status_code == 302
    assert new.posts.get().kind == "leader"


def test_it_refuses_a_second_membership_of_one_kind(desk: Client, village: Unit) -> None:
    household = make_household(village)
    first = Overlay.objects.create(kind="grid", name="一网格", village=village)
    OverlayMember.objects.create(overlay=first, household=household, kind="grid")
    sent = {
        "village": village.pk,
        "kind": "grid",
        "name": "二网格",
        "members-TOTAL_FORMS": "1",
        "members-INITIAL_FORMS": "0",
        "members-0-household": household.pk,
    }
    answer = desk.post(page("overlay", "add"), sent)
    assert answer.status_code == 200 and "已在另一个同类网格" in answer.content.decode()
    assert desk.post(page("overlay", "add"), {**sent, "kind": "joint"}).status_code == 302
    assert Overlay.objects.get(name="二网格").members.get().kind == "joint"


def fill(village: Unit, staff: User, count: int) -> None:
    yard = Unit.objects.get(name="柏树院")
    for serial in range(count):
        household = make_household(village, unit=yard)
        make_resident(household, id_number=numbered(serial + 100 + Household.objects.count()))
        Overlay.objects.create(kind="grid", name=f"网格{household.pk}", village=village)
        Post.objects.create(
            kind="cadre", unit=village, user=make_user(f"cadre{household.pk}"), appointed_on=date(2026, 1, 1)
        )
        make_unit("settlement", f"院{household.pk}", f"{village.code[:12]}9{household.pk}", village)


@pytest.mark.parametrize("model", ["unit", "overlay", "household", "resident", "post"])
def test_it_reads_a_list_in_a_fixed_number_of_queries(desk: Client, village: Unit, staff: User, model: str) -> None:
    counts = []
    for rows in (3, 27):
        fill(village, staff, rows)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(page(model, "changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_it_counts_no_further_than_it_pages() -> None:
    township = make_township()
    drafts = [new_unit("settlement", "院", f"x{n}", township) for n in range(COUNTED + 250)]
    for draft in drafts:
        draft.path = f"{township.path}{draft.code}/"
    Unit.objects.bulk_create(drafts)
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE villages_unit")
    paginator = CappedPaginator(Unit.objects.order_by("path"), 50)
    assert paginator.is_capped and COUNTED < paginator.count < COUNTED * 2
    assert paginator.num_pages == COUNTED // 50
    few = CappedPaginator(Unit.objects.filter(level="township").order_by("path"), 50)
    assert (few.count, few.is_capped, few.num_pages) == (1, False, 1)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model._meta.label_lower)
def test_its_lists_count_their_filters(desk: Client, village: Unit, model: type[Any]) -> None:
    address = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert desk.get(reverse(address) + "?_facets=1").status_code in (200, 404)


def test_it_exports_nothing_of_a_wrong_filter(desk: Client, village: Unit) -> None:
    before = AccessLog.objects.count()
    answer = desk.get(page("post", "export") + "?anything=1", follow=True)
    assert answer.redirect_chain == [(page("post", "changelist"), 302)]
    assert "筛选条件有误，没有导出" in answer.content.decode() and AccessLog.objects.count() == before


@pytest.mark.parametrize("query", ["kind__exact=%00", "sort=%00", "%00=1"])
def test_it_refuses_a_nul_in_an_address(desk: Client, village: Unit, query: str) -> None:
    answer = desk.get(f"{page('post', 'changelist')}?{query}")
    assert answer.status_code == 400 and "请求有误" in answer.content.decode()
