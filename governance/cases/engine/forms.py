"""What each step of the flow asks."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.cases.engine.flow import Need, Step, Transition
from governance.cases.engine.holding import Holder, candidates, posts_for
from governance.cases.engine.services import Words
from governance.cases.models import Case, Office
from governance.frame.forms import PageForm
from governance.periods import today

_NOTES = {Need.NOTE: "情况", Need.REASON: "原因"}


class StepForm(PageForm):
    """What one transition asks: a note or reason, a result, whom it goes to, who took the papers."""

    note = forms.CharField(max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    result = forms.CharField(label="办理结果", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    recipient = forms.CharField(label="交给了谁", max_length=60, required=False)
    target = forms.ChoiceField(label="转给谁", required=False, widget=forms.RadioSelect)

    field_order = ["target", "result", "recipient", "note"]

    def __init__(self, *args: Any, case: Case, transition: Transition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step, needs = transition.step, set(transition.needs)
        self.targets: dict[str, Holder] = {}
        if Need.TARGET in needs:
            self.targets = _targets(case)
            self.fields["target"].choices = [(key, _label(holder)) for key, holder in self.targets.items()]  # type: ignore[attr-defined]
        optional = {"recipient"} if transition.step == Step.FINISH and case.kind == Case.Kind.ERRAND else set()
        if optional:
            self.fields["recipient"].label = "已当面交给（还没交件的不填）"
        wanted = {need.value for need in needs} | optional
        self.fields["note"].label = next((label for need, label in _NOTES.items() if need in needs), "说明（可不填）")
        for name in ("result", "recipient", "target"):
            if name not in wanted:
                del self.fields[name]

    def arguments(self) -> dict[str, Any]:
        note = self.cleaned_data["note"]
        if self.step == Step.ASK_EXTENSION:
            return {"reason": note}
        if self.step in (Step.GRANT_EXTENSION, Step.DENY_EXTENSION):
            return {"reason": note, "granted": self.step == Step.GRANT_EXTENSION}
        answers = {name: self.cleaned_data.get(name, "") for name in ("result", "recipient")}
        target = self.targets.get(self.cleaned_data.get("target", ""))
        return {"step": self.step, "words": Words(note=note, target=target, **answers)}


def _targets(case: Case) -> dict[str, Holder]:
    """Posts nearest first, then the township's offices, then persons."""
    day = today()
    found = {f"post-{post.pk}": Holder(duty=post.kind, unit=post.unit) for post in posts_for(case, day)}
    offices = Office.objects.filter(township=case.township, members__user__is_active=True).distinct()
    found |= {f"office-{office.pk}": Holder(office=office) for office in offices}
    people = [user for user in candidates(case, day) if user.pk != case.assignee_id]
    return found | {f"user-{user.pk}": Holder(user=user) for user in people}


def _label(holder: Holder) -> str:
    if holder.user is not None:
        return holder.user.name
    if holder.office is not None:
        return f"{holder.office.name}（镇办公室）"
    return f"{holder.unit}{dict(Case._meta.get_field('holder_duty').flatchoices)[holder.duty]}（岗位）"
