"""What the register says of a person, and the file that somebody gets of what the portal holds on them."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.frame.columns import Col
from governance.frame.personal import Held, told_of
from villages.households.services import HouseholdError
from villages.models import Consent, Household, Post, Resident

FILE = "villages/households/told.html"
PERSON = [
    Held(
        "名册",
        Resident,
        "pk",
        [
            Col("姓名", "name"),
            Col("性别", "get_sex_display"),
            Col("出生日期", "birth_date"),
            Col("身份证号", "id_number"),
            Col("联系电话", "phone"),
            Col("与户主关系", "relation"),
            Col("状态", "get_status_display"),
            Col("状态日期", "status_on"),
            Col("备注", "note"),
        ],
    ),
    Held(
        "所在的户",
        Household,
        "residents",
        [
            Col("户号", "number"),
            Col("户主", "head_name"),
            Col("户类型", "get_kind_display"),
            Col("住址", "address"),
            Col("村（社区）", "village"),
            Col("组（聚居点）", "unit"),
        ],
        ("village", "unit"),
    ),
    Held(
        "任职",
        Post,
        "resident",
        [
            Col("职务", "get_kind_display"),
            Col("单位", "unit"),
            Col("聘任日期", "appointed_on"),
            Col("任期至", "term_end"),
            Col("卸任日期", "ended_on"),
            Col("公开电话", "phone"),
            Col("书面同意公开日期", "consented_on"),
        ],
        ("unit",),
    ),
    Held(
        "同意",
        Consent,
        "resident",
        [
            Col("同意什么", "get_purpose_display"),
            Col("同意日期", "given_on"),
            Col("方式", "get_how_display"),
            Col("监护人", "guardian"),
            Col("撤回日期", "withdrawn_on"),
        ],
    ),
]


def resident_tell(*, resident: Resident, applicant: str, by: User, request: HttpRequest | None = None) -> bytes:
    """The file, as a page that stands alone and can be printed; who got it, and who asked for it, is logged. Raises HouseholdError."""
    if not Resident.objects.visible_to(by, Action.RESIDENT_TELL).filter(pk=resident.pk).exists():
        raise HouseholdError("您不能出具这个人的资料。", "scope")
    if not (applicant := " ".join(applicant.split())):
        raise HouseholdError("请写明谁来申请的。", "need", "applicant")
    access_log(AccessLog.Kind.EXPORT, request=request, user=by, detail=f"个人资料：居民 {resident.pk}（申请：{applicant}）"[:200])
    context = {"person": resident, "parts": told_of(resident, by), "applicant": applicant, "by": by, "at": timezone.now()}
    return render_to_string(FILE, context).encode()
