"""Write down that somebody agreed, or agrees no more; what rests on it ends in the same transaction."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.saving import save_by
from governance.periods import today
from governance.rooms import named
from villages.consents.guards import ALONE
from villages.consents.models import CHILD
from villages.models import Consent, Post, Resident
from villages.retention.gone import Gone
from villages.retention.models import NAMELESS


class ConsentError(DomainError):
    """A consent or withdrawal that is refused: `scope`, `date`, `need`, `state`."""


def consent_give(
    *, resident: Resident, purpose: str, given_on: date, how: str, guardian: str = "", guardian_relation: str = "", by: User
) -> Consent:
    """What a person, or for a child its guardian, agreed to. Raises ConsentError."""
    with transaction.atomic():
        person = _editable(resident, by)
        if given_on > today():
            raise ConsentError("同意的日期不能晚于今天。", "date", "given_on")
        if is_child(person, given_on) and not guardian.strip():
            raise ConsentError(f"{ALONE}，请写监护人。", "need", "guardian")
        consent = Consent(
            resident=person,
            purpose=purpose,
            given_on=given_on,
            how=how,
            guardian=guardian.strip(),
            guardian_relation=guardian_relation.strip(),
            by=by,
        )
        save_by(consent, by, ConsentError)
    return consent


def consent_withdraw(*, consent: Consent, by: User) -> Consent:
    """From today on; public pages and offers stop at once. Raises ConsentError, also where something still rests on it."""
    with transaction.atomic():
        person = _editable(consent.resident, by)
        consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
        if consent.withdrawn_on is not None:
            raise ConsentError("已经撤回。", "state")
        consent.withdrawn_on, consent.withdrawn_by = max(today(), consent.given_on), by
        save_by(consent, by, ConsentError, ["withdrawn_on", "withdrawn_by"])
        for withdrawn in named("withdrawn"):
            withdrawn(person, consent.purpose, by)
    return consent


def is_child(person: Resident, on: date) -> bool:
    """Whether somebody is below the age of consent; who has no birth date counts as grown up."""
    born = person.birth_date
    return born is not None and (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) < CHILD


def name_withdrawn(person: Resident, purpose: str, by: User) -> None:
    """Whoever no longer agrees to be named is masked on public pages, and the post's telephone goes."""
    if purpose != Consent.Purpose.PUBLIC_NAME:
        return
    for post in Post.objects.select_for_update(of=("self",)).filter(resident=person).exclude(consented_on=None):
        post.consented_on, post.phone = None, None
        save_by(post, by, ConsentError, ["consented_on", "phone"])


def guardians_forget(gone: Gone) -> None:
    """The guardian's name goes with the child, and where it was the guardian of the same household who is forgotten."""
    consents = Consent.objects.exclude(guardian="")
    consents.filter(resident__in=gone.residents).update(guardian=NAMELESS)
    for theirs in gone.bearing("resident__household", "guardian"):
        consents.filter(theirs).update(guardian=NAMELESS)


def _editable(resident: Resident, by: User) -> Resident:
    rows = Resident.objects.visible_to(by, Action.HOUSEHOLD_EDIT).select_for_update(of=("self",))
    if (found := rows.filter(pk=resident.pk, forgotten_on=None).first()) is None:
        raise ConsentError("这个人不在您可以维护的范围内。", "scope")
    return found
