"""The score form of one card, on site or 自评: every line with what stood there and what was typed (plan §四(三); mission M34, M35).

Fields: item_<item> the figure, na_<item> 不适用, note_<item> 现场情况, reason_<item> why it differs from the measured figure,
seen_<sample> what was seen there. A line that is not among the fields is left as it is, so that phones send what changed only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db import transaction

from governance.accounts.models import User
from governance.errors import DomainError
from governance.frame.forms import PageForm, unchosen
from inspections.errors import InspectionError
from inspections.models import Answer, ChecklistItem, ChecklistSection, Reply, Sample, Scorecard
from inspections.scorecards.answers import (
    MOST,
    NO_BASIS,
    Judged,
    answers_save,
    check_value,
    sample_note,
    self_answers_save,
)
from inspections.scorecards.checks import figure
from inspections.scorecards.rows import Figure, figures_of
from inspections.scorecards.scoring import CENT, Kind
from inspections.scorecards.words import rule_text

SURE = "确认"
SAMPLES = "samples"
PARTS = ("item", "na", "note", "reason")


@dataclass
class ScoreLine:
    """One line as the form shows it; `proposal` is what the measured figure says, None where it says nothing."""

    item: ChecklistItem
    answer: Answer | None
    figure: Figure | None
    proposal: Decimal | None
    value: str
    na: bool
    note: str
    reason: str
    error: str = ""

    @property
    def rule(self) -> str:
        return rule_text(self.item)

    @property
    def done(self) -> bool:
        """Whether it is judged, speaks for itself, or need not be."""
        return self.answer is not None or self.proposal is not None or self.item.kind in (Kind.NOTE, Kind.BONUS)

    @property
    def proposed(self) -> str:
        return "" if self.proposal is None else figure(self.proposal)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Two answers to choose from, where a line has no more; the second is the fault, as many as were measured."""
        words = {Kind.WHOLE: ("达标", "不达标"), Kind.VETO: ("没有发生", "发生")}.get(Kind(self.item.kind))
        if words is None:
            return []
        fault = self.value if self.value not in ("", "0") else self.proposed if self.proposed not in ("", "0") else "1"
        return [("0", words[0]), (fault, words[1])]

    @property
    def differs(self) -> bool:
        return self.proposal is not None and (self.na or self.value != self.proposed)

    @property
    def thin(self) -> bool:
        """Whether a figure should speak here and has too few records."""
        return bool(self.item.indicator) and self.proposal is None

    @property
    def lacks(self) -> str:
        """What a judgement must say beside its value, "" where it need not."""
        if self.differs:
            return "与实测不同，请写明理由。"
        return NO_BASIS if self.thin and not self.na else ""


class ScoreSheet:
    """The lines of a card for one side; bound to `data`, what was typed stands in place of what was kept."""

    def __init__(self, card: Scorecard, side: str, data: Mapping[str, str] | None = None) -> None:
        self.card, self.side, self.data = card, side, data
        self.on_site = side == Answer.Side.SITE
        self.judged: dict[int, Judged] = {}
        self.seen: dict[int, str] = {}
        items = ChecklistItem.objects.filter(section__checklist=card.round.checklist_id).select_related("section")
        answers = {row.item_id: row for row in card.answers.filter(side=side)}
        figures = figures_of(card)
        self.lines = [
            self._line(item, answers.get(item.pk), figures.get(item.indicator))
            for item in items.order_by("section__position", "position")
        ]
        self.samples: list[Sample] = list(
            card.samples.select_related("household__unit", "unit", "case__category", "case__unit") if self.on_site else []
        )
        for sample in self.samples:
            sample.seen = self._typed(f"seen_{sample.pk}", sample.seen, SAMPLES)
        if data is not None:
            self._read()

    @property
    def sections(self) -> list[tuple[ChecklistSection, list[ScoreLine]]]:
        found: dict[int, tuple[ChecklistSection, list[ScoreLine]]] = {}
        for line in self.lines:
            found.setdefault(line.item.section_id, (line.item.section, []))[1].append(line)
        return list(found.values())

    @property
    def problems(self) -> list[str]:
        return [f"“{line.item.name}”：{line.error}" for line in self.lines if line.error]

    def save(self, by: User) -> int:
        """Through the services; how many lines say something new. Raises InspectionError as they do, and for what is wrong here."""
        if self.problems:
            raise InspectionError("；".join(self.problems), "need")
        if not self.on_site:
            return len(self_answers_save(card=self.card, judged=self.judged, by=by))
        with transaction.atomic():
            changed = len(answers_save(card=self.card, judged=self.judged, by=by))
            for sample in self.samples:
                if sample.pk in self.seen:
                    sample_note(sample=sample, seen=self.seen[sample.pk], by=by)
        return changed + len(self.seen)

    def _line(self, item: ChecklistItem, answer: Answer | None, shown: Figure | None) -> ScoreLine:
        proposal = shown.proposal(Kind(item.kind)) if shown is not None and self.on_site else None
        if answer is not None:
            return ScoreLine(item, answer, shown, proposal, figure(answer.value), not answer.applies, answer.note, answer.reason)
        return ScoreLine(item, None, shown, proposal, "" if proposal is None else figure(proposal), False, "", "")

    def _read(self) -> None:
        """Take what was typed: judgements of the lines that say something, an error where one cannot be."""
        for line in self.lines:
            section = str(line.item.section_id)
            if not any(self._sent(f"{part}_{line.item.pk}", section) for part in PARTS):
                continue
            cleaned = {part: self._typed(f"{part}_{line.item.pk}", "", section) for part in PARTS}
            line.value, line.na = cleaned["item"].strip(), bool(cleaned["na"])
            line.note, line.reason = cleaned["note"].strip(), cleaned["reason"].strip()
            try:
                judged = self._judged(line)
            except InspectionError as error:
                line.error = error.message
                continue
            if judged is not None:
                self.judged[line.item.pk] = judged
        kept = dict(self.card.samples.values_list("pk", "seen")) if self.samples else {}
        self.seen = {sample.pk: sample.seen for sample in self.samples if sample.seen != kept[sample.pk]}

    def _judged(self, line: ScoreLine) -> Judged | None:
        """The judgement of a line; None where it is left to the figure or not judged yet."""
        if not line.value and not line.na:
            return self._blank(line)
        value = Decimal(0) if line.na else _number(line.value)
        line.value = figure(value)
        if not line.na:
            check_value(line.item, value)
        if line.item.kind == Kind.VETO and not line.na and value > 0 and SURE not in line.note:
            raise InspectionError(f"一票否决会使全村等次为“差”。请在现场情况里写明事由，并写上“{SURE}”二字。", "need")
        if self.on_site and line.lacks and not line.reason:
            raise InspectionError(line.lacks, "need")
        if line.answer is None and line.proposal is not None and not line.differs and not line.note:
            return None
        return Judged(value, not line.na, line.note, line.reason if line.lacks or not self.on_site else "")

    def _blank(self, line: ScoreLine) -> Judged | None:
        if line.answer is not None:
            raise InspectionError("评过的不能清空；没有问题的填 0。", "need")
        if line.proposal is not None:
            line.value = line.proposed
            return Judged(line.proposal, note=line.note) if line.note else None
        if line.note:
            if line.item.kind == Kind.NOTE:
                return Judged(Decimal(0), note=line.note)
            raise InspectionError("写了现场情况，还没有评。", "need")
        return None

    def _sent(self, name: str, section: str) -> bool:
        """Whether a field was sent; without scripts every field comes, and the button says whose section is saved."""
        return self.data is not None and name in self.data and self.data.get("section", section) == section

    def _typed(self, name: str, kept: str, section: str) -> str:
        return str(self.data[name]) if self.data is not None and self._sent(name, section) else kept


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InspectionError("请填数字。", "need") from None
    if not value.is_finite() or abs(value) > MOST or value != value.quantize(CENT):
        raise InspectionError("请填数字，最多两位小数。", "need")
    return value


class ReplyForm(PageForm):
    """申辩 on one line."""

    text = forms.CharField(
        label="申辩理由",
        max_length=500,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": "请写明申辩理由。"},
    )


class DecideReplyForm(PageForm):
    """采纳 with the corrected figure, or 不采纳; always with words."""

    upheld = forms.ChoiceField(
        label="处理", choices=unchosen([("1", "采纳"), ("0", "不采纳")]), error_messages={"required": "请选择是否采纳。"}
    )
    value = forms.DecimalField(label="更正为（不采纳的不填）", required=False, min_value=0, max_value=MOST, decimal_places=2)
    answer = forms.CharField(
        label="答复理由",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明答复理由。"},
    )

    def __init__(self, *args: Any, reply: Reply, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item = reply.item
        if item.kind in (Kind.WHOLE, Kind.VETO):
            words = ("达标", "不达标") if item.kind == Kind.WHOLE else ("没有发生", "发生")
            self.fields["value"] = forms.TypedChoiceField(
                label="更正为（不采纳的不选）", required=False, coerce=Decimal, empty_value=None,
                choices=[("", "—"), ("0", words[0]), ("1", words[1])], widget=forms.Select({"class": "form-select"}),
            )  # fmt: skip
        elif item.kind == Kind.BAND:
            self.fields["value"].label = "更正为百分之几（不采纳的不填）"
        else:
            self.fields["value"].label = f"更正为几{item.case_unit}（不采纳的不填）"
        self.order_fields(["upheld", "value", "answer"])

    def arguments(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        upheld = cleaned["upheld"] == "1"
        return {"upheld": upheld, "answer": cleaned["answer"], "value": cleaned["value"] if upheld else None}


class FindingForm(PageForm):
    """A problem seen on one line; whatever is refused stands at its one field."""

    text = forms.CharField(
        label="存在问题",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "请写明发现的问题。"},
    )

    def refuse(self, error: DomainError) -> None:
        self.add_error("text", error.message)


class EvidenceForm(PageForm):
    """One photo of what was seen on a line; whatever is refused stands at its one field."""

    photo = forms.FileField(
        label="选一张照片", widget=forms.FileInput({"accept": "image/*"}), error_messages={"required": "请选一张照片。"}
    )

    def refuse(self, error: DomainError) -> None:
        self.add_error("photo", error.message)

    def arguments(self) -> dict[str, Any]:
        return {"file": self.cleaned_data["photo"]}
