"""Big sheets are read and written by a worker: the same register as in the request, once, all or nothing, told, taken up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.models import BinaryField, DateTimeField
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.accounts.jobs import LOST, MOST_ATTEMPTS, JobError, job_again, jobs_sweep
from governance.accounts.models import ExportJob, ImportJob, Message, User
from governance.cases.disputes.sheet_import import DISPUTE_IMPORT
from governance.errors import DomainError
from governance.frame.imports.background import import_work, sheet_commit, sheet_read, sheet_remap
from governance.frame.imports.flow import SheetFlow
from governance.progress import heard_by
from inspections.checks.sheet_import import CHECK_IMPORT
from moral_bank.claims.sheet_import import CLAIM_IMPORT
from moral_bank.rules.sheet_import import RULE_IMPORT
from tests.builders import make_household, make_resident, make_user
from tests.frame.once_forms import FullHouse
from tests.worlds import module_world
from villages.models import Resident, RosterImport
from villages.posts.account_import import ACCOUNT_IMPORT
from villages.posts.officer_import import OFFICER_IMPORT
from villages.roster.services import ROSTER_IMPORT, RosterFlow
from volunteers.care.sheet_import import CARE_IMPORT
from volunteers.people.sheet_import import HOURS_IMPORT

pytestmark = pytest.mark.django_db
ACCOUNTS = "姓名,电话,职务,单位\n王大壮,15400000030,镇工作人员,西兴镇\n"
CARE = "村,姓名,类别\n八一村,王大壮,独居老人\n"
CHECKS = "村,户主,月份,得分\n八一村,王大壮,2026-03,95\n"
CLAIMS = "户主,积分事由,发生日期,分值\n王大壮,参加志愿服务,2026-03-02,5\n"
DISPUTES = "村,受理日期,纠纷类别,当事人,基本情况,办理情况\n八一村,2026-03-02,邻里纠纷,王大壮、王小壮,争吵,化解中\n"
HOURS = "村,姓名,服务日期,时长,同意日期\n八一村,王大壮,2026-03-05,2小时,2026-03-01\n"
OFFICERS = "村,聚居点,姓名,职务\n八一村,二院,王大壮,院户长\n"
ROSTER = "村,组,户号,户主,姓名\n八一村,1组,0101,王小明,王小明\n"
RULES = "编号,五类,事项,评分\nW7,环境卫生评比,垃圾不分类,-15\n"
SECRET = ("id", "password")  # the first in copies that the history keeps
UNTOLD = (ImportJob, ExportJob, Message)


class Home(FullHouse):
    """With somebody whose name nobody else bears."""

    def __init__(self) -> None:
        super().__init__()
        make_resident(make_household(self.village, "王大壮", unit=self.other_yard), "王大壮")


house = module_world(Home)
Flow = SheetFlow[Any, Any]
About = Callable[[FullHouse], dict[str, Any]]


def of_township(house: FullHouse) -> dict[str, Any]:
    return {"township": house.township}


SHEETS: list[tuple[Flow, str, str, About]] = [
    (ROSTER_IMPORT, ROSTER, "staff", of_township),
    (DISPUTE_IMPORT, DISPUTES, "staff", of_township),
    (HOURS_IMPORT, HOURS, "staff", of_township),
    (OFFICER_IMPORT, OFFICERS, "staff", of_township),
    (CHECK_IMPORT, CHECKS, "staff", of_township),
    (CARE_IMPORT, CARE, "staff", of_township),
    (ACCOUNT_IMPORT, ACCOUNTS, "system", lambda house: {}),
    (CLAIM_IMPORT, CLAIMS, "cadre", lambda house: {"village": house.village}),
    (RULE_IMPORT, RULES, "staff", lambda house: {"rule_set": house.rule_draft}),
]


@pytest.fixture(autouse=True)
def everything_is_big(settings: Any) -> None:
    settings.IMPORT_BACKGROUND_BYTES = settings.IMPORT_BACKGROUND_ROWS = 1


def register() -> dict[str, list[str]]:
    """What stands in every table, but for keys, instants and what is encrypted."""
    found = {}
    for model in apps.get_models():
        names = [
            field.attname for field in model._meta.concrete_fields
            if not (field.primary_key or field.is_relation or isinstance(field, DateTimeField | BinaryField) or field.attname in SECRET)
        ]  # fmt: skip
        rows = model._base_manager.order_by()
        if model not in UNTOLD:
            found[model._meta.label] = sorted(map(repr, rows.values_list(*names))) if names else [str(rows.count())]
    return found


def done(job: Any) -> Any:
    """The import that a job leads to."""
    assert isinstance(job, ImportJob) and job.state == "queued", job
    import_work(job.pk)
    job.refresh_from_db()
    assert job.state == "ready", job.error
    assert job.progress[0] == ("写入" if job.step == "commit" else "比对")
    flow = next(flow for flow, *_ in SHEETS if flow.name == job.flow)
    assert job.sheet_id and job.result == flow.address(job.sheet_id)
    return flow.model._base_manager.get(pk=job.sheet_id)


def asked(client: Client, address: str, **data: Any) -> ImportJob:
    """The job that an answer leads to, by way of the import's page where there is one."""
    answer = client.post(address, data, follow=True)
    job = ImportJob.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == job.link, answer.content.decode()
    return job


def page_of(client: Client, job: ImportJob) -> str:
    return client.get(job.link).content.decode()


def read(house: FullHouse, text: str = ROSTER, by: User | None = None) -> Any:
    return sheet_read(
        flow=ROSTER_IMPORT, back="/", file=text.encode(), filename="名册.csv", by=by or house.cast["staff"], township=house.township
    )


@pytest.mark.parametrize(("flow", "text", "role", "about"), SHEETS, ids=[type(flow).__name__ for flow, *_ in SHEETS])
def test_a_worker_brings_the_register_to_the_same_as_the_request(
    house: FullHouse, flow: Flow, text: str, role: str, about: About
) -> None:
    by, data = house.cast[role], text.encode()
    with transaction.atomic():
        outcome = flow.commit(flow.read(file=data, filename="表.csv", by=by, **about(house)), include_look=True, by=by)
        direct = register()
        transaction.set_rollback(True)
    sheet = done(sheet_read(flow=flow, back="/", file=data, filename="表.csv", by=by, **about(house)))
    assert sheet.waits and sheet.judged().rows
    done(sheet_commit(flow=flow, sheet=sheet, include_look=True, by=by))
    assert register() == direct and outcome.new > 0, [item.row.reason for item in sheet.judged().rows]
    assert flow.told(outcome)[:40] in Message.objects.filter(user=by).latest("pk").text


class Breaking(RosterFlow):
    """A roster whose writing breaks when all people are in."""

    def write(self, plan: Any, rows: list[Any], by: User) -> dict[str, int]:
        super().write(plan, rows, by)
        raise RuntimeError("the power goes")


class Slow(RosterFlow):
    """A roster that takes so long to read that another worker begins with it meanwhile."""

    def judge(self, **given: Any) -> Any:
        ImportJob.objects.filter(flow=self.name).update(attempts=2)
        return super().judge(**given)


def failed(job: Any) -> str:
    import_work(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and bytes(job.file) == b""
    reason: str = job.error
    return reason


def test_a_small_sheet_stays_in_the_request(house: FullHouse, settings: Any) -> None:
    settings.IMPORT_BACKGROUND_ROWS, settings.IMPORT_BACKGROUND_BYTES = 2, len(ROSTER.encode()) + 1
    sheet = read(house)
    assert isinstance(sheet, RosterImport)
    assert isinstance(sheet_remap(flow=ROSTER_IMPORT, sheet=sheet, overrides={}, by=house.cast["staff"]), RosterImport)
    sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=house.cast["staff"])
    assert Resident.objects.filter(name="王小明", household__number="0101").exists()
    assert not ImportJob.objects.filter(flow=ROSTER_IMPORT.name).exists()


def test_who_may_not_is_told_at_once(house: FullHouse) -> None:
    with pytest.raises(DomainError, match="不能为这个乡镇导入名册"):
        read(house, by=make_user("nobody"))
    assert not ImportJob.objects.filter(step="read").exists()


def test_what_is_sent_twice_is_done_once(house: FullHouse) -> None:
    staff, other = house.cast["staff"], make_user("second", "staff", house.township)
    job = read(house)
    assert read(house) == job != read(house, ROSTER.replace("0101", "0102"))
    sheet = done(job)
    press = sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=staff)
    assert sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=staff) == press
    for again in (
        lambda: sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=True, by=staff),
        lambda: sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=other),
        lambda: sheet_remap(flow=ROSTER_IMPORT, sheet=sheet, overrides={}, by=other),
        lambda: ROSTER_IMPORT.commit(sheet, by=staff),
        lambda: ROSTER_IMPORT.remap(sheet, overrides={}, by=staff),
        lambda: ROSTER_IMPORT.discard(sheet, by=staff),
    ):
        with pytest.raises(DomainError, match="正在后台办理"):
            again()
    before = Resident.objects.count()
    done(press)
    import_work(press.pk)
    assert Resident.objects.count() == before + 1 and Message.objects.filter(key=f"import:{press.pk}").count() == 1


def test_the_database_keeps_jobs_apart(house: FullHouse) -> None:
    sheet = done(read(house))
    reading, writing = read(house), sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=house.cast["staff"])
    for pk, broken in (
        (writing.pk, "sheet_id = NULL"),
        (writing.pk, "file = 'x'"),
        (reading.pk, "file = ''"),
        (reading.pk, "state = 'ready', result = 'x'"),
        (writing.pk, "state = 'failed', file = 'x'"),
        (reading.pk, f"digest = '{writing.digest}'"),
        (reading.pk, f"sheet_id = {sheet.pk}"),
        (writing.pk, "state = 'ready'"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_importjob SET {broken} WHERE id = {pk}")


def test_a_file_that_cannot_be_read_is_told_and_not_kept(house: FullHouse, client: Client) -> None:
    staff = house.cast["staff"]
    job = read(house, "没有表头")
    before = RosterImport.objects.count()
    assert "没有找到表头" in failed(job) and RosterImport.objects.count() == before
    message = Message.objects.get(key=f"import:{job.pk}")
    assert message.user == staff and "没有读取" in message.text
    client.force_login(staff)
    page = client.get(message.link).content.decode()
    assert "没有找到表头" in page and "重新上传" in page
    assert read(house, "没有表头") != job


def test_what_breaks_halfway_leaves_nothing_and_can_be_pressed_again(house: FullHouse) -> None:
    staff, sheet = house.cast["staff"], done(read(house))
    before = register()
    reason = failed(sheet_commit(flow=Breaking(), sheet=sheet, include_look=False, by=staff))
    assert "程序出错（RuntimeError）" in reason and register() == before
    done(sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=staff))
    assert register() != before


def test_who_may_no_longer_writes_nothing(house: FullHouse) -> None:
    staff = house.cast["staff"]
    sheet = done(read(house))
    job = sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=staff)
    before = register()
    staff.posts.update(ended_on=timezone.localdate())
    assert "不在您可以办理的范围内" in failed(job)
    ImportJob.objects.all().delete()
    user = make_user("second", "staff", house.township)
    job = sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert "不能办理" in failed(job)
    assert register()["villages.Resident"] == before["villages.Resident"]


def test_a_dead_workers_job_is_taken_up_again_and_given_up_in_the_end(house: FullHouse) -> None:
    job, now = read(house), timezone.now()
    ImportJob.objects.filter(pk=job.pk).update(state="running", attempts=1)
    import_work(job.pk)
    assert ImportJob.objects.get(pk=job.pk).state == "running", "it is another worker's"
    jobs_sweep(now + LOST / 2)
    assert ImportJob.objects.get(pk=job.pk).state == "running", "its worker may be alive"
    assert jobs_sweep(now + 2 * LOST) > 0
    done(ImportJob.objects.get(pk=job.pk))
    job = read(house)
    ImportJob.objects.filter(pk=job.pk).update(state="running", attempts=MOST_ATTEMPTS)
    jobs_sweep(now + 2 * LOST)
    job.refresh_from_db()
    assert (job.state, bytes(job.file) != b"") == ("failed", True) and "分成几份" in job.error
    assert Message.objects.filter(key=f"import:{job.pk}", text__contains="分成几份").exists()
    jobs_sweep(now + timedelta(days=8))
    assert not ImportJob.objects.filter(flow=ROSTER_IMPORT.name).exists()


def test_what_another_worker_does_meanwhile_counts(house: FullHouse) -> None:
    job, before = read(house), RosterImport.objects.count()
    ImportJob.objects.filter(pk=job.pk).update(flow=f"{__name__}.Slow")
    import_work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, RosterImport.objects.count()) == ("running", 2, before)


def test_it_says_how_far_it_is(house: FullHouse) -> None:
    heard: list[tuple[str, int, int]] = []
    names = [f"王{chr(0x6587 + number // 40)}{chr(0x5B89 + number % 40)}" for number in range(1001)]
    text = "村,组,户号,户主,姓名\n" + "".join(f"八一村,1组,{number},{name},{name}\n" for number, name in enumerate(names, start=1))
    staff = house.cast["staff"]
    with heard_by(lambda *said: heard.append(said)):
        sheet = ROSTER_IMPORT.read(file=text.encode(), filename="名册.csv", by=staff, township=house.township)
        ROSTER_IMPORT.commit(sheet, by=staff)
    compared = [("比对", rows, 1001) for rows in (0, 500, 1000)]
    read = [("读取", rows, 1002) for rows in (0, 500, 1000)]
    assert heard == [("打开", 0, 0), *read, *compared, compared[0], *(("写入", rows, 1001) for rows in (0, 500, 1000))]


def test_the_staff_see_how_far_it_is_and_come_to_the_rows(house: FullHouse, client: Client) -> None:
    client.force_login(house.cast["staff"])
    file = SimpleUploadedFile("名册.csv", ROSTER.encode())
    job = asked(client, reverse("admin:villages_rosterimport_add"), township=house.township.pk, file=file)
    assert "排队中" in page_of(client, job)
    cache.set(job.progress_key, ("读取", 500, 1002))
    assert "已读取 500 行，共 1002 行" in (page := page_of(client, job)) and 'value="49"' in page
    sheet = done(job)
    rows = client.get(job.link, follow=True)
    assert rows.redirect_chain == [(ROSTER_IMPORT.address(sheet.pk), 302)] and "导入 1 行" in rows.content.decode()
    assert client.get(job.link, headers={"HX-Request": "true"})["HX-Redirect"] == ROSTER_IMPORT.address(sheet.pk)
    where = ROSTER_IMPORT.address(sheet.pk).replace("change/", "commit/")
    assert '导入 <span class="without-look">1</span>' in client.get(where).content.decode()
    press = asked(client, where, sent="1")
    assert client.get(ROSTER_IMPORT.address(sheet.pk)).headers["Location"] == press.link
    client.force_login(make_user("second", "staff", house.township))
    assert client.get(press.link).status_code == 404
    assert "正在后台办理" in client.post(where, {"sent": "1"}, follow=True).content.decode()
    done(press)
    assert "新增 1 人" in client.get(ROSTER_IMPORT.address(sheet.pk)).content.decode()


def test_the_desk_sees_it_too(house: FullHouse, client: Client) -> None:
    cadre = house.cast["cadre"]
    client.force_login(cadre)
    village, file = house.village.pk, SimpleUploadedFile("台账.csv", CLAIMS.encode())
    sheet = done(asked(client, "/claims/import/", village=village, file=file))
    where = CLAIM_IMPORT.address(sheet.pk)
    assert "导入 1 行" in client.get(where).content.decode()
    press = asked(client, f"{where}commit/")
    assert client.get(where).headers["Location"] == press.link
    assert "没有导入" not in client.post(f"{where}discard/", follow=True).content.decode()
    sheet.refresh_from_db()
    assert sheet.waits
    done(press)
    assert "新申报 1 条" in client.get(where).content.decode()


def test_what_broke_is_done_once_more_and_told_anew(house: FullHouse) -> None:
    job = read(house)
    ImportJob.objects.filter(pk=job.pk).update(state="running", attempts=MOST_ATTEMPTS)
    jobs_sweep(timezone.now() + 2 * LOST)
    for _ in range(2):
        assert job_again(job=job).state == "queued", "the second press does nothing more"
    assert not Message.objects.filter(key=f"import:{job.pk}").exists()
    job.refresh_from_db()
    assert done(job).counts["good"] == 1
    assert "已读完" in Message.objects.get(key=f"import:{job.pk}").text and job_again(job=job).state == "ready"


def test_what_was_refused_or_is_under_way_is_not_done_once_more(house: FullHouse) -> None:
    refused = read(house, "没有表头")
    failed(refused)
    with pytest.raises(JobError, match="重新上传"):
        job_again(job=refused)
    sheet = done(read(house))
    broken = sheet_commit(flow=Breaking(), sheet=sheet, include_look=False, by=house.cast["staff"])
    failed(broken)
    ImportJob.objects.filter(pk=broken.pk).update(flow=ROSTER_IMPORT.name)
    going = sheet_commit(flow=ROSTER_IMPORT, sheet=sheet, include_look=False, by=house.cast["staff"])
    assert going.pk != broken.pk
    with pytest.raises(JobError, match="已经在后台办理"):
        job_again(job=broken)
    assert ImportJob.objects.get(pk=broken.pk).state == "failed"
