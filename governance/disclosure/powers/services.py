"""Small powers: kept by the township, confirmed word by word, looked at once a year (plan §三.1 小微权力清单)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.errors import DisclosureError
from governance.disclosure.masked import texts_check
from governance.disclosure.powers.carrying import ways
from governance.disclosure.powers.models import REVIEW_WITHIN, Power
from governance.frame.saving import save_by
from governance.periods import today


def power_save(*, power: Power, kinds: Iterable[AffairKind] | None = None, by: User) -> Power:
    """A new power, or changed words: those of a confirmed one are a new version, a sample again until somebody confirms it."""
    _may(power, by)
    texts_check(power.township, [getattr(power, name) for name in Power.WORDS])
    with transaction.atomic():
        old = Power.objects.select_for_update(of=("self",)).filter(pk=power.pk).first() if power.pk else None
        if old is not None and any(getattr(old, name) != getattr(power, name) for name in Power.WORDS):
            power.version = old.version + (not old.is_sample)
            power.confirmed_on = power.confirmed_by = power.review_on = None
        _check_ways(power, old)
        save_by(power, by, DisclosureError)
        if kinds is not None:
            chosen = list(kinds)
            if any(kind.township_id != power.township_id for kind in chosen):
                raise DisclosureError("要公开的事项须是本镇公开目录里的。", "scope", "kinds")
            power.kinds.set(chosen)
    return power


def power_confirm(*, power: Power, by: User, at: datetime | None = None) -> Power:
    """The township stands behind the words as they are, for a year; looked at again, it is confirmed again."""
    with transaction.atomic():
        power = Power.objects.select_for_update(of=("self",)).select_related("township").get(pk=power.pk)
        _may(power, by)
        power.confirmed_on, power.confirmed_by = today(at), by
        power.review_on = power.confirmed_on + REVIEW_WITHIN
        save_by(power, by, DisclosureError)
    return power


def _check_ways(power: Power, old: Power | None) -> None:
    """A kind that is named now is one of the township's; one that was named before may have gone out of use since."""
    for name, way in ways().items():
        code = getattr(power, name)
        if code and code != getattr(old, name, "") and code not in way.offered(power.township):
            raise DisclosureError(f"本镇没有代码是 {code} 的{way.label}。", "scope", name)


def _may(power: Power, by: User) -> None:
    if not by.may(Action.POWER_EDIT, power.township.path):
        raise DisclosureError("您不能维护这个乡镇的小微权力清单。", "scope")
