"""Forms of covenants: the whole text in one field, a clause a line, so that it can be pasted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from governance.accounts.duties import Action
from governance.accounts.models import User
from governance.councils.covenants.marking import LONGEST, MOST_CLAUSES, TOWN, name_and_clauses
from governance.councils.covenants.models import Clause, Covenant, CovenantVersion
from governance.councils.decisions.forms import BETWEEN, PICK, day_field, words_field
from governance.documents.reading import LIMITS, read_paragraphs
from governance.frame.forms import PageForm, look_of
from governance.periods import today
from governance.rooms import merged, rooms
from governance.sheets.limits import SheetError
from moral_bank.rules.models import Deed
from villages.filters import place_choices, places_of
from villages.models import Unit

TEXT = "一行一条，前面的“第几条”可以不写，保存时自动编号。会公开张贴，不写个人姓名、电话和门牌号。"


def topic_choices() -> list[tuple[str, str]]:
    """The pages of the handbook beside which a 制度 may be shown."""
    return [("", "不限"), *((name, title) for name, (title, _) in merged("handbook", rooms()).items())]


class DraftForm(PageForm):
    """The text of a draft and why it differs."""

    text = forms.CharField(
        label="条款", max_length=MOST_CLAUSES * LONGEST, widget=forms.Textarea({"rows": 14}), help_text=TEXT,
        error_messages={"required": "请写条款，一行一条。"},
    )  # fmt: skip
    note = words_field("改了什么、为什么", 300, "请写明改了什么、为什么。")


class FileDraftForm(DraftForm):
    """A draft whose text may come from a file: it is shown first, beside what was typed already, and kept once it is sent again."""

    file = forms.FileField(
        label="或者从 Word 文件读（.docx，一段一条）", required=False, help_text="读出来先放进“条款”里给您核对，再点一次才保存。",
        widget=forms.FileInput({"accept": ".docx"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = False
        self.heading = ""
        self.lines: list[str] = []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if file := cleaned.pop("file", None):
            try:
                self._take(read_paragraphs(file.read(LIMITS.file_bytes + 1)))
            except SheetError as error:
                self.add_error("file", error.message)
        elif not cleaned.get("text") and "text" not in self.errors:
            self.add_error("text", "请写条款，一行一条。")
        return cleaned

    def _take(self, paragraphs: list[str]) -> None:
        """What looks like a name is one only where a name is still asked for, else the first clause."""
        wanted = "title" in self.fields and not self.data.get("title", "").strip()
        self.heading, self.lines = name_and_clauses(paragraphs) if wanted else ("", paragraphs)

    def read(self) -> str:
        """How many paragraphs a file that was sent has and what they are taken for; "" where none was."""
        if self.is_bound:
            self.full_clean()
        if not self.lines:
            return ""
        name = f"第一段“{self.heading}”是名称，" if self.heading else ""
        clauses, changed = len(self.lines), "原来填的条款已换成文件里的。" if self.data.get("text", "").strip() else ""
        return f"文件里有字的一共 {clauses + bool(name)} 段：{name}条款 {clauses} 条。{changed}还没有保存，请核对后点“保存草稿”。"

    def with_lines(self) -> dict[str, Any]:
        """What was typed, with the file's text in the place of the text's and its name where none was written."""
        typed = {name: self.data.get(name) for name in self.fields}
        return {**typed, "text": "\n".join(self.lines), "title": typed.get("title") or self.heading}


class CovenantForm(FileDraftForm):
    """A new covenant or 制度."""

    unit = forms.ModelChoiceField(Unit.objects.none(), label="哪里的", error_messages={"required": "请选单位。"})
    kind = forms.ChoiceField(
        label="类别", choices=Covenant.Kind, widget=forms.RadioSelect(PICK), error_messages={"required": "请选类别。"}
    )
    title = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写名称。"})
    topic = forms.ChoiceField(label="管哪项工作（制度才选）", choices=topic_choices, required=False)
    field_order = ("unit", "kind", "title", "topic", "text", "file", "note")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        places = places_of(user, Action.DECISION_RUN).filter(level__in=(Unit.Level.VILLAGE, Unit.Level.SETTLEMENT))
        towns = Unit.objects.visible_to(user, Action.DECISION_KIND).on(today()).filter(level=Unit.Level.TOWNSHIP)
        field.queryset = places | towns
        field.choices = [*place_choices(places), *((town.pk, f"{town}（全镇）") for town in towns.order_by("path"))]
        self.fields["note"].label = "为什么订立"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("topic") and found.get("kind") != Covenant.Kind.RULE:
            self.add_error("topic", "只有制度才选管哪项工作。")
        return found


class ItemCovenantForm(DraftForm):
    """A new covenant out of what a meeting agreed: its place and kind are the meeting's, and are not asked."""

    title = forms.CharField(label="名称", max_length=60, error_messages={"required": "请写名称。"})
    field_order = ("title", "text", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = "为什么订立"


class SetForm(PageForm):
    valid_from = day_field("从哪天起施行")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("valid_from", today())


class RecordForm(PageForm):
    valid_from = day_field("从哪天起施行")
    history_note = forms.CharField(
        label="哪天、由什么会议通过，有没有备案", max_length=200, widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "请写明是哪天、由什么会议通过的。"},
    )  # fmt: skip


class _ClauseForm(PageForm):
    """A field for each of some clauses, labelled by its words."""

    def __init__(self, *args: Any, clauses: Sequence[Clause], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = {f"clause-{clause.number}": clause.number for clause in clauses}
        for name, clause in zip(self.headings, clauses, strict=True):
            self.fields[name] = field = self.field_of(clause)
            field.help_text, field.widget.attrs["class"] = clause.text, look_of(field.widget)

    def field_of(self, clause: Clause) -> forms.Field:
        raise NotImplementedError

    def said(self) -> dict[int, Any]:
        return {number: self.cleaned_data[name] for name, number in self.headings.items()}


class AnswerForm(_ClauseForm):
    """镇审查: why each marked clause may stand; those that must not are left empty and the village changes them."""

    def field_of(self, clause: Clause) -> forms.Field:
        field = words_field(f"第{clause.number}条（涉及{clause.mark_words}）", 200, rows=2)
        field.initial = clause.answer
        return field

    def arguments(self) -> dict[str, Any]:
        return {"answers": self.said()}


class MarkForm(_ClauseForm):
    """镇审查: which clauses must be changed."""

    def field_of(self, clause: Clause) -> forms.Field:
        field = forms.BooleanField(label=f"第{clause.number}条要改", required=False)
        field.initial = TOWN in clause.marks.split()
        return field

    def arguments(self) -> dict[str, Any]:
        return {"numbers": [number for number, ticked in self.said().items() if ticked]}


class CiteForm(_ClauseForm):
    """Which deeds of the rule set in force rest on a clause."""

    def __init__(self, *args: Any, deeds: Sequence[Deed], **kwargs: Any) -> None:
        self.codes = {deed.code for deed in deeds}
        super().__init__(*args, **kwargs)

    def field_of(self, clause: Clause) -> forms.Field:
        field = forms.CharField(label=f"第{clause.number}条", max_length=200, required=False)
        field.initial = clause.deeds
        return field

    def clean(self) -> dict[str, Any]:
        for name in self.headings:
            unknown = [code for code in codes_of(self.cleaned_data.get(name, "")) if code not in self.codes]
            if unknown:
                self.add_error(name, f"积分细则里没有编号 {'、'.join(unknown)}。")
        return self.cleaned_data

    def arguments(self) -> dict[str, Any]:
        return {"deeds": {number: "、".join(codes_of(words)) for number, words in self.said().items()}}


def codes_of(words: str) -> list[str]:
    """The codes of deeds that a field names."""
    return list(dict.fromkeys(code for code in BETWEEN.split(words) if code))


def text_of(version: CovenantVersion | None) -> str:
    """A version's clauses as the draft's field holds them."""
    return "\n".join(version.clauses.order_by("number").values_list("text", flat=True)) if version else ""
