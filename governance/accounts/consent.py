"""Two of 三员 for whatever touches a 三员 account: one asks, another agrees (docs/decisions/0029-three-guards.md)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.authtoken.models import Token

from governance.accounts.codes import code_hash, code_made
from governance.accounts.consent_models import WITH_CODE, GuardRequest, RequestKind, RequestState
from governance.accounts.duties import Action, Guard
from governance.accounts.inbox import messages_send
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.second.services import has_second, second_take_away
from governance.accounts.stale.services import unlocked
from governance.accounts.users import account_unlock, user_change_password
from governance.errors import DomainError

LASTS = timedelta(hours=72)
ONE_OPEN = "这个账号已有一个申请在等待同意，请先等答复或撤回。"


class ConsentError(DomainError):
    """Refused: `scope`, `own`, `state`, `last`, `fields`, `code`."""


def change_ask(
    *, kind: str, by: User, reason: str, target: User | None = None, username: str = "", name: str = "", phone: str = "", guard: str = ""
) -> tuple[GuardRequest, str]:
    """The request, and the first half of the code where there is one: it is kept nowhere in clear."""
    _guard(by)
    now, half = timezone.now(), code_made() if kind in WITH_CODE else ""
    asked = GuardRequest(
        kind=kind, target=target, username=username, name=name, phone=phone, guard=guard, reason=reason.strip(),
        asked_by=by, asked_at=now, expires_at=now + LASTS, first_hash=code_hash(half),
    )  # fmt: skip
    _check(asked)
    try:
        with transaction.atomic():
            requests_expire(at=now)
            asked.save()
            _record("申请", asked, by)
            others = User.objects.exclude(pk=by.pk).filter(is_active=True).exclude(guard="")
            _tell(list(others), f"{by.name}申请{asked}，请核实后答复。", asked)
    except IntegrityError as error:
        raise ConsentError(ONE_OPEN, "state") from error
    return asked, half


def change_agree(*, asked: GuardRequest, by: User) -> str:
    """It is done at once; the second half of the code where there is one, which who asked does not see."""
    with transaction.atomic():
        list(User.objects.select_for_update().exclude(guard="").order_by("pk"))  # two at once do not both take the last away
        asked = _locked(asked, by)
        half = code_made() if asked.with_code else ""
        if asked.kind == RequestKind.APPOINT:
            asked.target = _appointed(asked)
        _check(asked)
        asked.second_hash = code_hash(half)
        _answer(asked, RequestState.AGREED, by)
        _carry_out(asked)
        if not half:
            asked.done_at = timezone.now()
            asked.save(update_fields=["done_at"])
        _record("同意", asked, by)
    return half


def change_refuse(*, asked: GuardRequest, by: User) -> None:
    with transaction.atomic():
        asked = _locked(asked, by)
        _answer(asked, RequestState.REFUSED, by)
        _record("不同意", asked, by)


def change_withdraw(*, asked: GuardRequest, by: User) -> None:
    """By who asked, before it is answered."""
    with transaction.atomic():
        asked = GuardRequest.objects.select_for_update().get(pk=asked.pk)
        if asked.asked_by_id != by.pk or not asked.is_open():
            raise ConsentError("只能撤回自己的、还没有答复的申请。", "state")
        _answer(asked, RequestState.WITHDRAWN)
        _record("撤回", asked, by)


def code_fits(*, username: str, first: str, second: str) -> GuardRequest | None:
    """The agreed request whose two halves these are, while it is in force."""
    agreed = GuardRequest.objects.filter(state=RequestState.AGREED, done_at=None, kind__in=WITH_CODE, target__is_active=True)
    for asked in agreed.filter(target__username=username, answered_at__gt=timezone.now() - LASTS).select_related("target"):
        if constant_time_compare(asked.first_hash, code_hash(first)) and constant_time_compare(asked.second_hash, code_hash(second)):
            return asked
    return None


def code_use(*, username: str, first: str, second: str, password: str) -> User:
    """The holder makes a password of his own; the code is used up."""
    with transaction.atomic():
        found = code_fits(username=username, first=first, second=second)
        asked = GuardRequest.objects.select_for_update(of=("self",)).filter(pk=found.pk, done_at=None).first() if found else None
        if asked is None or asked.target is None:
            raise ConsentError("登录名或口令不对，或者口令已用过、已过期。", "code")
        user = user_change_password(user=asked.target, password=password)
        GuardRequest.objects.filter(target=user, kind__in=WITH_CODE, done_at=None, state=RequestState.AGREED).update(done_at=timezone.now())
    return user


def requests_expire(*, at: datetime | None = None) -> int:
    """What nobody answered in time is open no more."""
    now = at or timezone.now()
    return GuardRequest.objects.unanswered().filter(expires_at__lte=now).update(state=RequestState.EXPIRED, answered_at=now)


def _guard(by: User) -> None:
    if not by.may(Action.GUARD_CONSENT):
        raise ConsentError("只有三员可以办理三员账号的变更。", "scope")


def _locked(asked: GuardRequest, by: User) -> GuardRequest:
    _guard(by)
    asked = GuardRequest.objects.select_for_update().get(pk=asked.pk)
    if asked.asked_by_id == by.pk:
        raise ConsentError("自己的申请须由另一位三员答复。", "own")
    if not asked.is_open():
        raise ConsentError("这个申请已经答复、撤回或过期。", "state")
    return asked


def _check(asked: GuardRequest) -> None:
    """Whether it can be done, when asked and once more when agreed."""
    target, last = asked.target, False
    if not asked.reason:
        raise ConsentError("请写明原因。", "fields", "reason")
    if target is not None and asked.kind != RequestKind.APPOINT:
        if not target.guard:
            raise ConsentError("这不是三员账号。", "fields", "target")
        last = not unlocked(User.objects.filter(guard=target.guard, is_active=True)).exclude(pk=target.pk).exists()
    if asked.kind == RequestKind.DISABLE and last:
        raise ConsentError("每一种三员至少要有一个启用的账号，请先增设一个。", "last", "target")
    if asked.kind == RequestKind.DISABLE and target and not target.is_active:
        raise ConsentError("这个账号已经停用。", "state", "target")
    if asked.kind == RequestKind.ENABLE and target and target.is_active:
        raise ConsentError("这个账号没有停用。", "state", "target")
    if asked.kind == RequestKind.SECOND and target and not has_second(target):
        raise ConsentError("这个账号没有启用第二验证。", "state", "target")
    if asked.kind == RequestKind.UPDATE and not asked.name:
        raise ConsentError("请填写姓名。", "fields", "name")
    if asked.kind == RequestKind.APPOINT and target is None:
        _clean(_drafted(asked))


def _drafted(asked: GuardRequest) -> User:
    user = User(username=asked.username, name=asked.name, phone=asked.phone, guard=asked.guard)
    user.set_unusable_password()
    return user


def _clean(user: User) -> None:
    if user.guard not in Guard.values:
        raise ConsentError("请选三员的种类。", "fields", "guard")
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as broken:
        field, reasons = next(iter(broken.message_dict.items()))
        raise ConsentError("；".join(reasons), "fields", field) from broken


def _appointed(asked: GuardRequest) -> User:
    """The account, to which nobody can log in before its holder has used the code."""
    user = _drafted(asked)
    _clean(user)
    user.save()
    return user


def _answer(asked: GuardRequest, state: RequestState, by: User | None = None) -> None:
    asked.state, asked.answered_by, asked.answered_at = state, by, timezone.now()
    asked.save(update_fields=["state", "target", "answered_by", "answered_at", "second_hash"])
    if by is not None:
        _tell([asked.asked_by], f"{by.name}{asked.get_state_display()}：{asked}。", asked)


def _carry_out(asked: GuardRequest) -> None:
    """What was agreed to; a reset ends sessions, tokens and the lock at once, whenever the holder comes for his password."""
    user = asked.target
    if user is None:
        return
    if asked.kind == RequestKind.UPDATE:
        user.name, user.phone = asked.name, asked.phone
        user.full_clean(exclude=["password"])
        user.save(update_fields=["name", "phone"])
    elif asked.kind in (RequestKind.DISABLE, RequestKind.ENABLE):
        user.is_active = asked.kind == RequestKind.ENABLE
        user.save(update_fields=["is_active"])
    elif asked.kind in (RequestKind.RESET, RequestKind.SECOND):
        user.set_unusable_password()
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        if asked.kind == RequestKind.SECOND:
            second_take_away(user=user)
    Token.objects.filter(user=user).delete()
    account_unlock(user)


def _record(step: str, asked: GuardRequest, by: User) -> None:
    access_log(AccessLog.Kind.GRANT, user=by, detail=f"{step}三员账号变更 {asked}")


def _tell(users: list[User], text: str, asked: GuardRequest) -> None:
    key = f"guard:{asked.pk}:{asked.state}"
    messages_send(users=users, text=text, link=reverse("accounts:guard-request", args=[asked.pk]), key=key)
