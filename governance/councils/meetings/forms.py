"""Forms of meetings: calling, who came, minutes by item, the one page for the yard, and what an item leads to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.councils.bodies.forms import day_field
from governance.councils.bodies.membership import Entitled
from governance.councils.meetings.services import ITEMS_MOST, Came, Line
from governance.councils.models import Item, Meeting
from governance.frame.forms import PageForm, day_choices
from governance.periods import today
from moral_bank.rules.models import Deed
from villages.models import Household, Post

NEW_LINES = 3
TITLE, SAID, OUTCOME = 120, 4000, 500
STRANGER = {"invalid_choice": "有的人（户）不是成员，请重新打开页面再点。"}


class CallForm(PageForm):
    topic = forms.CharField(label="议题", max_length=TITLE, error_messages={"required": "请写议题。"})
    on = day_field("会议日期", initial=today)
    start = forms.TimeField(
        label="时间（可不填）",
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "时间应写作 09:30。"},
    )
    place = forms.CharField(label="地点（可不填）", max_length=60, required=False)
    agenda = forms.CharField(
        label="议什么，一行一项（可不填）", max_length=2000, required=False, widget=forms.Textarea({"rows": 4})
    )
    noticed_on = day_field("通知（张贴）日期，还没通知的不填", required=False)
    by_homes = forms.BooleanField(label="由户的代表参加，按户计算到会", required=False)

    def __init__(self, *args: Any, counted: bool, **kwargs: Any) -> None:
        """`counted`: a villagers' or residents' meeting, which may be one of households."""
        super().__init__(*args, **kwargs)
        if not counted:
            del self.fields["by_homes"]

    def clean_agenda(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["agenda"].splitlines() if line.strip()]
        if len(lines) > ITEMS_MOST:
            raise forms.ValidationError(f"最多 {ITEMS_MOST} 项。")
        if any(len(line) > TITLE for line in lines):
            raise forms.ValidationError(f"每一项不超过 {TITLE} 字。")
        return lines


@dataclass(frozen=True)
class Name:
    """One to tap: what was tapped stays tapped where the form comes back."""

    one: Entitled
    present: bool
    excused: bool


class CameFields(PageForm):
    """Names to tap, or a count; `people` are those entitled."""

    present = forms.MultipleChoiceField(label="谁到会", required=False, error_messages=STRANGER)
    excused = forms.MultipleChoiceField(label="谁请假", required=False, error_messages=STRANGER)
    count = forms.IntegerField(
        label="实到人数", min_value=1, max_value=100_000, required=False, widget=forms.NumberInput({"inputmode": "numeric"})
    )
    guests = forms.CharField(label="列席人员（可不填）", max_length=200, required=False)

    def __init__(self, *args: Any, people: Sequence[Entitled], base: str, came: Came | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people, self.base, self.came = list(people), base, came or Came()
        choices = [(one.token, one.name) for one in self.people]
        for name in ("present", "excused"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if base in Meeting.COUNTED:
            self.fields["count"].required = True
            self.fields["count"].label = "实到户数" if base == Meeting.Base.HOMES else "实到人数"
        else:
            del self.fields["count"]
        if base == Meeting.Base.OPEN:
            del self.fields["excused"]

    def groups(self) -> list[tuple[str, list[Name]]]:
        """Names under where they live; members under no heading."""
        present, excused = self._ticked("present", self.came.present), self._ticked("excused", self.came.excused)
        found: dict[str, list[Name]] = {}
        for one in self.people:
            found.setdefault(one.place, []).append(Name(one, one.token in present, one.token in excused))
        return list(found.items())

    def _ticked(self, name: str, before: Iterable[str]) -> set[str]:
        return set(self.data.getlist(name)) if self.is_bound else set(before)  # type: ignore[attr-defined]

    def came_of(self) -> Came:
        cleaned = self.cleaned_data
        return Came(cleaned["present"], cleaned.get("excused", ()), cleaned.get("count"), cleaned["guests"])


class AttendForm(CameFields):
    def arguments(self) -> dict[str, Any]:
        return {"came": self.came_of()}


class MinutesForm(PageForm):
    """`title-<n>`, `said-<n>`, `outcome-<n>` for each item that stands and some more; `minutes` for the whole, which may begin with the
    body's `frame` of headings: left as it is, it says nothing and is not kept."""

    minutes = forms.CharField(label="会议记录全文（可不填）", max_length=8000, required=False, widget=forms.Textarea({"rows": 8}))

    def __init__(self, *args: Any, items: Sequence[Item], frame: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frame = frame.split()
        self.standing = {item.number: item for item in items}
        last = max(self.standing, default=0)
        self.numbers = [*self.standing, *range(last + 1, min(last + NEW_LINES, ITEMS_MOST) + 1)]
        for number in self.numbers:
            self._add_line(number, self.standing.get(number))

    def _add_line(self, number: int, item: Item | None) -> None:
        texts = {
            f"title-{number}": forms.CharField(label="事项", max_length=TITLE, required=False),
            f"said-{number}": forms.CharField(label="大家怎么说", max_length=SAID, required=False, widget=forms.Textarea({"rows": 3})),
            f"outcome-{number}": forms.CharField(label="议定意见", max_length=OUTCOME, required=False, widget=forms.Textarea({"rows": 2})),
        }
        for name, field in texts.items():
            field.widget.attrs["class"] = "form-control"
            field.initial = getattr(item, name.partition("-")[0], "") if item else ""
            self.fields[name] = field

    def blocks(self) -> list[tuple[int, bool, list[forms.BoundField]]]:
        """(number, whether it is to be seen at once, its fields)."""
        first = self.numbers[0]
        return [
            (number, number in self.standing or number == first or self._is_typed(number),
             [self[f"{name}-{number}"] for name in ("title", "said", "outcome")])
            for number in self.numbers
        ]  # fmt: skip

    def _is_typed(self, number: int) -> bool:
        return self.is_bound and any(self.data.get(f"{name}-{number}") for name in ("title", "said", "outcome"))

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        lines = [
            Line(
                cleaned[f"title-{number}"],
                cleaned[f"said-{number}"],
                cleaned[f"outcome-{number}"],
                number if number in self.standing else None,
            )
            for number in self.numbers
        ]
        minutes = cleaned["minutes"]
        return {"lines": lines, "minutes": "" if minutes.split() == self.frame else minutes}


class TaskFields(PageForm):
    """Whom a task is for: an officer, or somebody in words."""

    post = forms.ModelChoiceField(Post.objects.none(), label="谁来办", required=False, empty_label="写名字，或不定人")
    who = forms.CharField(label="不在上面的写这里", max_length=60, required=False)

    def __init__(self, *args: Any, posts: QuerySet[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].queryset = posts  # type: ignore[attr-defined]


class TaskForm(TaskFields):
    what = forms.CharField(label="办什么", max_length=200, error_messages={"required": "请写办什么。"})
    due_on = day_field("什么时候以前办完", initial=lambda: today() + timedelta(days=14))
    field_order = ["what", "post", "who", "due_on"]


class CloseForm(PageForm):
    result = forms.CharField(
        label="落实情况", max_length=300, widget=forms.Textarea({"rows": 3}), error_messages={"required": "请写明落实情况。"}
    )
    done_on = day_field("办结日期", initial=today)
    dropped = forms.BooleanField(label="不再办理（在上面写明原因）", required=False)


class QuickForm(CameFields, TaskFields):
    """院户会 and 说事会 with one thumb: who came, what was said, what follows."""

    on = forms.DateField(label="哪天开的", widget=forms.Select, error_messages={"invalid": "请选日期。", "required": "请选日期。"})
    said = forms.CharField(
        label="说了什么事", max_length=SAID, widget=forms.Textarea({"rows": 4}), error_messages={"required": "请写说了什么事。"}
    )
    outcome = forms.CharField(label="商定怎么办（可不填）", max_length=OUTCOME, required=False, widget=forms.Textarea({"rows": 2}))
    due_on = day_field("什么时候以前办完", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today().isoformat()
        self.fields["on"].widget.choices = day_choices()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = cleaned.get("post") or cleaned.get("who")
        if named and not cleaned.get("outcome"):
            self.add_error("outcome", "定了人办的，请写商定怎么办。")
        if named and not cleaned.get("due_on"):
            self.add_error("due_on", "定了人办的，请选什么时候以前办完。")
        if not cleaned.get("present") and "present" not in self.errors:
            self.add_error("present", "请点到会的户。")
        return cleaned

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        said = cleaned["said"]
        title = said.splitlines()[0][:40] if said else ""
        line = Line(title, said, cleaned["outcome"])
        follow = {name: cleaned[name] for name in ("post", "who", "due_on")}
        return {"on": cleaned["on"], "came": self.came_of(), "line": line, **follow}


class MakeForm(PageForm):
    """What another room asks beyond the item's own words."""

    choice = forms.ChoiceField(error_messages={"required": "请选一项。", "invalid_choice": "请选一项。"})
    household = forms.ModelChoiceField(Household.objects.none(), label="哪一户（没有的不选）", required=False, empty_label="不选")
    text = forms.CharField(
        label="什么事", max_length=1000, widget=forms.Textarea({"rows": 4}), error_messages={"required": "请写明什么事。"}
    )

    def __init__(
        self, *args: Any, pick: str, choices: Sequence[tuple[str, str]], homes: QuerySet[Household], of_one: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["choice"].label = pick
        self.fields["choice"].choices = [("", "请选择"), *choices]  # type: ignore[attr-defined]
        self.fields["household"].queryset = homes  # type: ignore[attr-defined]
        if of_one:
            self.fields["household"].required = True
            self.fields["household"].label = "哪一户"
            self.fields["household"].error_messages["required"] = "请选哪一户。"


class NoticeForm(PageForm):
    title = forms.CharField(label="标题", max_length=100, error_messages={"required": "请写标题。"})
    text = forms.CharField(
        label="公示内容", max_length=OUTCOME, widget=forms.Textarea({"rows": 4}), error_messages={"required": "请写公示内容。"}
    )
    opens_on = day_field("公示开始", initial=today)
    closes_on = day_field("公示截止", initial=lambda: today() + timedelta(days=4))
    channel = forms.CharField(label="意见和异议找谁", max_length=120, required=False)


class RewardForm(PageForm):
    deed = forms.ModelChoiceField(
        Deed.objects.none(), label="记哪一项积分", empty_label="请选择", error_messages={"required": "请选积分事项。"}
    )

    def __init__(self, *args: Any, deeds: QuerySet[Deed], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deed"].queryset = deeds  # type: ignore[attr-defined]
        self.fields["deed"].label_from_instance = lambda deed: f"{deed.name}（{deed.score:+d} 分）"  # type: ignore[attr-defined]


class NoticedForm(PageForm):
    noticed_on = day_field("通知（张贴）日期", initial=today)


class CancelForm(PageForm):
    reason = forms.CharField(label="取消原因", max_length=100, error_messages={"required": "请写明取消原因。"})


