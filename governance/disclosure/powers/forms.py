"""The form of a small power on the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.disclosure.affairs.models import AffairKind
from governance.disclosure.powers.carrying import ways
from governance.disclosure.powers.models import Power
from governance.frame.forms import ChosenField, ServiceForm, look_of
from governance.generics import ModelForm
from governance.periods import today
from villages.models import Unit


class PowerForm(ServiceForm, ModelForm):
    """Words as they will hang; what is confirmed becomes a sample again where they change."""

    kinds = ChosenField(
        AffairKind.objects.none(), label="办完要公开的事项（可不选）", required=False,
        widget=forms.CheckboxSelectMultiple({"class": "btn-check"}),
    )  # fmt: skip

    class Meta:
        model = Power
        fields = [
            "township", "area", "name", "code", "basis", "body", "steps", "papers", "limits", "supervisor", "cost",
            "errand", "decision", "kinds", "is_active",
        ]  # fmt: skip
        widgets = {
            "steps": forms.Textarea({"rows": 6}),
            "papers": forms.Textarea({"rows": 2}),
            "limits": forms.Textarea({"rows": 2}),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        towns = Unit.objects.visible_to(user, Action.POWER_EDIT).on(today()).filter(level=Unit.Level.TOWNSHIP).order_by("path")
        kinds = AffairKind.objects.visible_to(user, Action.POWER_EDIT).filter(is_active=True)
        self.fields["township"].queryset = towns  # type: ignore[attr-defined]
        self.fields["kinds"].queryset = kinds.order_by("township__path", "position", "pk")  # type: ignore[attr-defined]
        if self.instance.pk:
            for name in ("township", "code"):
                del self.fields[name]
            self.fields["kinds"].queryset = kinds.filter(township=self.instance.township_id)  # type: ignore[attr-defined]
        elif len(only := list(towns[:2])) == 1:
            self.fields["township"].initial = only[0].pk
            self.fields["township"].widget = forms.HiddenInput()
        self._offer_ways([self.instance.township] if self.instance.pk else list(towns))
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput | forms.CheckboxSelectMultiple):
                field.widget.attrs.setdefault("class", look_of(field.widget))

    def _offer_ways(self, towns: Sequence[Unit]) -> None:
        """Kinds by their names; the service says where one is another township's."""
        for name, way in ways().items():
            offered = {code: carrier.name for town in towns for code, carrier in way.offered(town).items()}
            self.fields[name] = forms.ChoiceField(
                label=f"{way.label}（可不选）", required=False, choices=[("", "没有"), *offered.items()]
            )

    def arguments(self) -> dict[str, Any]:
        return {"power": self.instance, "kinds": self.cleaned_data["kinds"]}
