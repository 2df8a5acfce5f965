"""Enrolling, asking for, giving up and taking away a second factor (docs/decisions/0034-second-factor.md)."""

from __future__ import annotations

import secrets
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django_otp import devices_for_user, match_token, user_has_device
from django_otp.models import Device
from rest_framework.authtoken.models import Token

from governance.accounts.codes import code_hash, code_made
from governance.accounts.inbox import messages_send
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.accounts.second.models import CodeSheet, SecondApp, SheetCode
from governance.accounts.tallies import Tally, tally, tally_of
from governance.crypto import encrypt_bytes
from governance.errors import DomainError

CODES = 10
FEW = 3  # fewer unused codes than this, and the holder is told
KEY = 20  # bytes, as RFC 4226 recommends
TRIES, WINDOW = 10, 30 * 60  # wrong codes of one account, from wherever, in so many seconds


class SecondError(DomainError):
    """Refused: `missing`, `wrong`, `often`, `locked`, `state`."""

    field = "code"


def has_second(user: User) -> bool:
    return bool(user_has_device(user))


def code_take(*, user: User, code: str, request: HttpRequest) -> Device:
    """The device whose code this is; a wrong one counts as a wrong password does, and for the account from wherever it comes."""
    if not AxesProxyHandler.is_allowed(request, {"username": user.username}):
        answering: Any = request  # axes' middleware reads these, and answers
        answering.axes_locked_out, answering.axes_credentials = True, {"username": user.username}
        raise SecondError("账号已锁定，请过一会儿再试。", "locked")
    if tally_of(_count_name(user)) >= TRIES:
        raise SecondError(f"验证码错了 {TRIES} 次，请 {WINDOW // 60} 分钟后再试，或请系统管理员解锁。", "often")
    if not code.strip():
        raise SecondError("这个账号启用了第二验证，请填写验证码。", "missing")
    device = match_token(user, code)
    if device is None:
        user_login_failed.send(__name__, credentials={"username": user.username}, request=request, detail="第二验证")
        if tally(_count_name(user), WINDOW) == TRIES:
            _tell(user, f"有人用您的密码登录，验证码错了 {TRIES} 次。如果不是您，请马上修改密码。", f"wrong:{timezone.now():%Y%m%d%H%M}")
        raise SecondError("验证码不对，或者已经用过。", "wrong")
    if isinstance(device, CodeSheet):
        _count_left(device)
    return device


def wrong_codes_forget(user: User) -> None:
    """Unlocking an account takes back what was counted here, too."""
    Tally.objects.filter(name=_count_name(user)).delete()


def app_begin(*, user: User) -> SecondApp:
    """A new key that counts for nothing until its first code was given."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if SecondApp.objects.filter(user=user, confirmed=True).exists():
            raise SecondError("已经启用了验证器。要换手机，请先停用第二验证，再重新启用。", "state", "")
        SecondApp.objects.filter(user=user).delete()
        made: SecondApp = SecondApp.objects.create(user=user, sealed_key=encrypt_bytes(secrets.token_bytes(KEY)), confirmed=False)
    return made


def app_confirm(*, app: SecondApp, code: str) -> SecondApp:
    """The holder has the key in his app: it gave him a code."""
    with transaction.atomic():
        if not app.verify_token(code):
            raise SecondError("验证码不对。请看手机上的时间是不是准的，填最新的 6 位数。", "wrong")
        _end_tokens(app.user)
        SecondApp.objects.filter(pk=app.pk).update(confirmed=True)
        _note(app.user, "启用验证器")
        _tell(app.user, "您的账号启用了验证器，登录时要填验证码。如果不是您本人办的，请马上找系统管理员。", f"app:{app.pk}")
    return app


def sheet_print(*, user: User) -> list[str]:
    """Ten new codes, which stand nowhere in clear; those of an older sheet end."""
    codes = [code_made() for _ in range(CODES)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        _end_tokens(user)
        _let_go(CodeSheet, user)
        sheet = CodeSheet.objects.create(user=user)
        SheetCode.objects.bulk_create([SheetCode(sheet=sheet, hash=code_hash(code)) for code in codes])
        _note(user, f"打印备用验证码 {CODES} 个")
        _tell(user, "您的账号打印了新的备用验证码。如果不是您本人办的，请马上找系统管理员。", f"sheet:{sheet.pk}")
    return codes


def second_give_up(*, user: User) -> None:
    """By the holder, who gave a code for it (`code_take`)."""
    with transaction.atomic():
        _let_go(SecondApp, user)
        _let_go(CodeSheet, user)
        _note(user, "本人停用第二验证")
        _tell(user, "您的账号停用了第二验证。如果不是您本人办的，请马上找系统管理员。", f"gone:{timezone.now():%Y%m%d%H%M%S}")


def second_take_away(*, user: User) -> bool:
    """For who lost it, by whoever may reset the password (of 三员: under the request of two); whether there was one."""
    with transaction.atomic():
        devices = list(devices_for_user(user, confirmed=None))
        for device in devices:
            device.delete()
        if there_was := any(device.confirmed for device in devices):
            access_log(AccessLog.Kind.SECOND, detail=f"取消账号 {user.username} 的第二验证")
            _tell(user, "您的第二验证已经取消，请重新启用。如果不是您要求的，请马上找系统管理员。", f"lost:{timezone.now():%Y%m%d%H%M%S}")
    return there_was


def _end_tokens(user: User) -> None:
    """The API's tokens that were got by the password alone."""
    if not has_second(user):
        Token.objects.filter(user=user).delete()


def _let_go(model: type[SecondApp] | type[CodeSheet], user: User) -> None:
    model.objects.filter(user=user).update(let_go=True)
    model.objects.filter(user=user).delete()


def _count_left(sheet: CodeSheet) -> None:
    left = sheet.left
    _note(sheet.user, f"用了一个备用验证码，还剩 {left} 个")
    if left < FEW:
        _tell(sheet.user, f"您的备用验证码只剩 {left} 个，请重新打印一张。", f"left:{sheet.pk}:{left}")


def _count_name(user: User) -> str:
    return f"second:{user.pk}"


def _note(user: User, detail: str) -> None:
    access_log(AccessLog.Kind.SECOND, user=user, detail=detail)


def _tell(user: User, text: str, key: str) -> None:
    messages_send(users=[user], text=text, link=reverse("accounts:second"), key=f"second:{key}")
