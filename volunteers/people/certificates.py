"""志愿服务记录证明: counted and frozen when it is issued (Order 67 of 2020)."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.documents.official import Block, Official, Paragraph, Table, chinese_date
from governance.frame.saving import save_by
from governance.periods import today
from governance.privacy import mask_id_number
from villages.numbers.services import numbers_take
from volunteers.models import Certificate, Hours, Volunteer
from volunteers.people.errors import VolunteerError
from volunteers.people.stars import hours_text

TITLE = "志愿服务记录证明"
SHOWN_DAYS = 7


class _Service(NamedTuple):
    """One kind of service on a certificate."""

    name: str
    times: int
    minutes: int


def certificate_issue(
    *, volunteer: Volunteer, since: date, until: date, by: User, at: datetime | None = None
) -> Certificate:
    """The hours that stand from `since` to `until`, by kind of service, under the village's next number of the year."""
    now = at or timezone.now()
    if until < since or until > today(now):
        raise VolunteerError("起止日期不对：止日不能早于起日，也不能晚于今天。", "date", field="until")
    with transaction.atomic():
        rows = Volunteer.objects.visible_to(by, Action.VOLUNTEER_EDIT).select_for_update(of=("self",))
        found = rows.select_related("village__parent__parent").filter(pk=volunteer.pk).first()
        if found is None:
            raise VolunteerError("这位志愿者的证明不归您出具。", "scope")
        _check_period(found, since, until)
        services = _services(found, since, until)
        minutes = sum(service.minutes for service in services)
        if minutes <= 0:
            raise VolunteerError("这段时间没有服务时长，不能出具证明。", "minutes", field="since")
        certificate = Certificate(
            volunteer=found,
            name=found.name,
            masked_number=mask_id_number(found.id_number) if found.id_number else "",
            number=numbers_take(found.village, f"ZM{today(now).year}-")[0],
            since=since,
            until=until,
            minutes=minutes,
            services=[service._asdict() for service in services],
            issuer=_issuer(found),
            issued_by=by,
            issued_at=now,
        )
        save_by(certificate, by, VolunteerError)
    return certificate


def certificate_words(certificate: Certificate) -> str:
    """What the paper says."""
    period = f"{chinese_date(certificate.since)}至{chinese_date(certificate.until)}"
    return f"{period}，参加志愿服务累计{hours_text(certificate.minutes)}，特此证明。"


def person_words(certificate: Certificate) -> str:
    """Name and masked ID number, as far as it was registered."""
    number = certificate.masked_number
    return f"{certificate.name}（身份证号：{number}）" if number else certificate.name


def certificate_paper(certificate: Certificate) -> Official:
    """The certificate as an editable paper."""
    rows = tuple((one["name"], str(one["times"]), hours_text(one["minutes"])) for one in certificate.services)
    blocks: tuple[Block, ...] = (
        Paragraph(f"{person_words(certificate)}，于{certificate_words(certificate)}"),
        Table(("服务内容", "次数", "时长"), rows, (6, 2, 3)),
    )
    return Official(
        title=TITLE,
        number=f"编号：{certificate.number}",
        blocks=blocks,
        signed_by=certificate.issuer,
        dated=today(certificate.issued_at),
    )


def _check_period(volunteer: Volunteer, since: date, until: date) -> None:
    """No paper over days without service, and no second one over days that have one, unless hours were written down since."""
    first = Hours.objects.filter(volunteer=volunteer, reverses=None, reversed_by=None).order_by("served_on").first()
    if first is not None and since < first.served_on:
        raise VolunteerError(f"起日不能早于第一次服务的日期（{first.served_on}）。", "date", field="since")
    issued = Certificate.objects.filter(volunteer=volunteer, since__lte=until, until__gte=since).order_by("-issued_at").first()
    if issued is None:
        return
    if not Hours.objects.filter(volunteer=volunteer, served_on__range=(since, until), at__gt=issued.issued_at).exists():
        words = f"{issued.since} 至 {issued.until} 的证明（{issued.number}）已经出具，之后没有新的服务时长，请用那一份。"
        raise VolunteerError(words, "again", field="since")


def _services(volunteer: Volunteer, since: date, until: date) -> list[_Service]:
    """Each kind of service with its figures; what was reversed counts nothing."""
    rows: Any = Hours.objects.filter(volunteer=volunteer, served_on__range=(since, until)).with_service()
    times, minutes = Counter[str](), Counter[str]()
    for name, figure in rows.order_by("served_on", "pk").values_list("service", "minutes"):
        minutes[name] += figure
        times[name] += 1 if figure > 0 else -1
    return [_Service(name, times[name], figure) for name, figure in minutes.items() if figure > 0]


def _issuer(volunteer: Volunteer) -> str:
    """平昌县西兴镇八一村委会."""
    township = volunteer.village.parent
    assert township is not None
    county = township.parent.name if township.parent else ""
    return f"{county}{township.name}{volunteer.village.name}"[:60]
