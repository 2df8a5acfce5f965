"""Forms of the panel: a seat, and a sitting in which nothing is decided before somebody has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from governance.errors import DomainError
from governance.frame.forms import PageForm, day_widget
from governance.frame.imports.forms import PasteForm
from governance.periods import Kind, Period, today
from governance.sheets.panels import members_text
from moral_bank.models import Claim, PanelMember, Vote
from moral_bank.panel.services import LEAST_VOTING, Verdict, is_carried, is_gone, kin_reason

CHOICES = [(choice.value, str(choice.label)) for choice in Vote.Choice]
SAME = ""
YES, NO, LATER = "yes", "no", "later"
WHOLE = ((YES, "全体同意"), (NO, "全体不同意"), (LATER, "这次不评"))


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        initial=today,
        widget=day_widget(),
        error_messages={"required": f"请选{label}。", "invalid": "日期应写作 2026-04-08。"},
    )


class SeatForm(PageForm):
    appointed_on = day_field("推选日期")


class SeatsForm(PasteForm, PageForm):
    """The panels of one village or of all, as a list."""

    text_of = staticmethod(members_text)
    table = forms.CharField(
        label="粘贴名单，一行一个村",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false", "placeholder": "八一村：王小明、李秀英、张国强（12）"}),
    )
    file = forms.FileField(label="或者上传文件（xlsx、xls 或 csv，列名为村、姓名，同名的加户号）", required=False)
    appointed_on = day_field("推选日期")


class LeaveForm(PageForm):
    ended_on = day_field("退出日期")


@dataclass(frozen=True)
class Seat:
    """A member on the page, and whether they are ticked as present."""

    member: PanelMember
    present: bool


@dataclass(frozen=True)
class MemberLine:
    """What one member's own line of a claim says: `choice` "" is as all the others; `kin` says why they are recused."""

    member: PanelMember
    choice: str
    reason: str
    kin: str


@dataclass(frozen=True)
class ClaimLine:
    """One claim on the page with what was picked and typed for it; `is_few`: too few may vote on it, kin left out."""

    claim: Claim
    whole: str
    score: str
    reason: str
    members: list[MemberLine]
    refused: bool
    is_few: bool

    @property
    def kin(self) -> list[MemberLine]:
        return [line for line in self.members if line.kin]

    @property
    def open(self) -> bool:
        """Whether its exceptions are to be seen at once."""
        return self.refused or any(line.choice or line.reason for line in self.members)


class SittingForm(PageForm):
    """`member` are the ids of those present; of each claim `whole-<id>`, `score-<id>`, `reason-<id>`, and for a member who
    differs `vote-<id>-<member>` and `why-<id>-<member>`. Unbound it says that all were present and
    leaves every claim for another time."""

    held_on = day_field("评议日期")
    note = forms.CharField(label="会议说明（可不填）", max_length=200, required=False)

    def __init__(self, *args: Any, members: Sequence[PanelMember], claims: Sequence[Claim], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members, self.claims = list(members), list(claims)
        self.refused: Claim | None = None

    def arguments(self) -> dict[str, Any]:
        """What `sitting_record` takes."""
        return {**self.cleaned_data, "members": self.present(), "verdicts": self.verdicts()}

    def refuse(self, error: DomainError) -> None:
        """Above the form; the claim that the refusal is about is remembered, to be shown open."""
        self.refused = getattr(error, "claim", None)
        super().refuse(error)

    def typed(self, name: str, default: str = "") -> str:
        return str(self.data.get(name, default)).strip() if self.is_bound else default

    def seats(self) -> list[Seat]:
        if not self.is_bound:
            preset = self.seated()
            return [Seat(one, one in preset) for one in self.members]
        ticked = set(self.data.getlist("member"))  # type: ignore[attr-defined]
        return [Seat(one, str(one.pk) in ticked) for one in self.members]

    def seated(self) -> list[PanelMember]:
        """The members of today who are still on the roster."""
        return [one for one in self.members if one.ended_on is None and not is_gone(one, today())]

    def present(self) -> list[PanelMember]:
        return [seat.member for seat in self.seats() if seat.present]

    def lines(self) -> list[ClaimLine]:
        return [self._line(claim) for claim in self.claims]

    def _line(self, claim: Claim) -> ClaimLine:
        members = [
            MemberLine(
                one,
                self.typed(f"vote-{claim.pk}-{one.pk}"),
                self.typed(f"why-{claim.pk}-{one.pk}"),
                kin_reason(one, claim),
            )
            for one in self.members
        ]
        is_few = sum(not kin_reason(one, claim) for one in self.seated()) < LEAST_VOTING
        return ClaimLine(
            claim=claim,
            whole=self.typed(f"whole-{claim.pk}", LATER),
            score=self.typed(f"score-{claim.pk}", str(claim.score)),
            reason=self.typed(f"reason-{claim.pk}", preset_reason(claim)),
            members=members,
            refused=self.refused is not None and self.refused.pk == claim.pk,
            is_few=is_few,
        )

    def verdicts(self) -> list[Verdict]:
        """What was decided on each claim that was not left for another time."""
        present = {member.pk for member in self.present()}
        return [self._verdict(line, present) for line in self.lines() if line.whole in (YES, NO)]

    def _verdict(self, line: ClaimLine, present: set[int]) -> Verdict:
        votes = {
            one.member.pk: (one.choice or line.whole, one.reason)
            for one in line.members
            if one.member.pk in present and not one.kin
        }
        approved = is_carried([choice for choice, _ in votes.values() if choice != Vote.Choice.RECUSED])
        score = figure(line.score) if line.claim.deed.is_judged and approved else None
        untouched = line.reason == preset_reason(line.claim)
        reason = "" if untouched and (not approved or score != line.claim.score) else line.reason
        return Verdict(line.claim, approved, votes, score, reason)


def preset_reason(claim: Claim) -> str:
    """What the panel says of a judged deed whose declared figure it takes; it is seen and may be typed over."""
    return f"情况属实，同意申报的 {claim.score} 分" if claim.deed.is_judged else ""


def figure(text: str) -> int | None:
    """A whole number as typed, None where it is none."""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 6 else None


def claim_ids(data: Any) -> list[int]:
    """The claims that a sent page was about."""
    found = [name.removeprefix("whole-") for name in data if name.startswith("whole-")]
    return [int(text) for text in found if text.isdecimal() and len(text) < 19]


def recent_since() -> date:
    """The day from which on former members are still listed: a sitting may be written down some weeks late."""
    return Period.of(Kind.MONTH, today()).previous().start
