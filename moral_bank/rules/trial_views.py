"""试算: past quarters under a draft, beside what was locked: stars by village, who gains or loses one (M22)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from governance.accounts.decorators import UserRequest, duty_required
from governance.accounts.duties import Action
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.frame.act import press
from governance.frame.lists import filter_refused
from governance.periods import Kind, Period, today
from governance.reading import text_asked
from governance.sheets.writer import Column, LedgerSheet, Value, write_sheets
from moral_bank.rules.forms import TrialForm
from moral_bank.rules.lookups import draft_or_404
from moral_bank.rules.models import RuleSet
from moral_bank.rules.trial import STARS, Move, TrialResult, trial_months, trial_run
from villages.models import Unit

SHOWN = 50
WORDS = {5: "五星", 4: "四星", 3: "三星", 2: "二星", 0: "未评星"}
SPREAD_COLUMNS = [
    Column("季度", 16),
    Column("村（社区）", 20),
    *(Column(f"{WORDS[stars]}{when}", 10) for stars in STARS for when in ("原", "试算")),
    Column("升星户", 8),
    Column("降星户", 8),
]
MOVE_COLUMNS = [
    Column("季度", 16),
    Column("村（社区）", 20),
    Column("户主", 10),
    Column("原星级", 10),
    Column("试算星级", 10),
    Column("原得分", 10),
    Column("试算得分", 10),
]


@dataclass(frozen=True)
class SpreadLine:
    """How many households of a village have which stars in a quarter, as locked and under the draft."""

    quarter: str
    village: str
    cells: Sequence[tuple[str, int, int]]
    gains: int
    losses: int


@never_cache
@duty_required(Action.RULE_EDIT)
def rule_trial(request: UserRequest, pk: int) -> HttpResponse:
    draft = draft_or_404(request, pk)
    months = trial_months(draft, request.user)
    context = {"rule_set": draft, "months": months, "stars": [WORDS[stars] for stars in STARS]}
    if not months:
        return render(request, "moral_bank/rules/trial.html", context)
    form = _form(request, draft, months)
    context |= {"form": form}
    if not form.is_valid():
        return render(request, "moral_bank/rules/trial.html", context)
    done = press(request, _run, request=request, draft=draft, months=months, form=form)
    if done is None:
        return render(request, "moral_bank/rules/trial.html", context | {"form": None}, status=422)
    result, names = done.result
    moves = [move for move in result.moves if form.keeps_move(move)]
    page = Paginator(moves, SHOWN).get_page(text_asked(request, "page"))
    context |= {
        "lines": _lines(result, form, names),
        "total": _total(result, form),
        "page": page,
        "moves": [(move, _move_cells(move, names)) for move in page.object_list],
        "asked": bool(form.value("quarter") or form.value("village") or form.value("move")),
        "may_export": request.user.may(Action.EXPORT),
    }
    return render(request, "moral_bank/rules/trial.html", context)


@duty_required(Action.RULE_EDIT)
def trial_export(request: UserRequest, pk: int) -> HttpResponseBase:
    """Both lists as filtered, as one workbook; refused in words where a filter is invalid."""
    draft = draft_or_404(request, pk)
    months = trial_months(draft, request.user)
    form = _form(request, draft, months)
    if not form.is_valid():
        return filter_refused(request, reverse("moral_bank:rule-trial", args=[pk], query=request.GET))
    done = press(request, _run, request=request, draft=draft, months=months, form=form)
    if done is None:
        return redirect("moral_bank:rule-trial", pk=pk)
    result, names = done.result
    spread: list[list[Value]] = [
        [line.quarter, line.village, *(figure for _, *pair in line.cells for figure in pair), line.gains, line.losses]
        for line in _lines(result, form, names)
    ]
    moves: list[list[Value]] = [
        [move.quarter.label, names.get(move.village, ""), move.head_name, *_move_cells(move, names)[1:]]
        for move in result.moves
        if form.keeps_move(move)
    ]
    stream, title = BytesIO(), "积分细则试算"
    sheets = [LedgerSheet("星级分布", f"{draft}试算：星级分布", SPREAD_COLUMNS, spread)]
    sheets.append(LedgerSheet("升降星户", f"{draft}试算：升星和降星的户", MOVE_COLUMNS, moves))
    write_sheets(stream, sheets)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{title} {len(moves)} 户次")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{title}-{today():%Y%m%d}.xlsx")


def _form(request: UserRequest, draft: RuleSet, months: Sequence[Period]) -> TrialForm:
    offered = list(dict.fromkeys(Period.of(Kind.QUARTER, month.start) for month in months))
    return TrialForm(request.GET, quarters=offered, villages=list(_villages(request, draft)))


def _run(request: UserRequest, draft: RuleSet, months: Sequence[Period], form: TrialForm) -> tuple[TrialResult, dict[int, str]]:
    """The result and the villages' names; a chosen quarter is tried alone."""
    chosen = form.value("quarter")
    tried = [month for month in months if chosen in ("", str(Period.of(Kind.QUARTER, month.start)))]
    names = {unit.pk: str(unit) for unit in _villages(request, draft)}
    return trial_run(draft=draft, months=tried, by=request.user), names


def _villages(request: UserRequest, draft: RuleSet) -> QuerySet[Unit]:
    return Unit.objects.visible_to(request.user).villages().filter(parent=draft.township_id).order_by("path")


def _lines(result: TrialResult, form: TrialForm, names: dict[int, str]) -> list[SpreadLine]:
    return [
        _line(quarter.label, names.get(village, ""), [counts])
        for (quarter, village), counts in result.spread.items()
        if form.keeps(quarter, village)
    ]


def _total(result: TrialResult, form: TrialForm) -> SpreadLine:
    return _line("", "合计", [counts for key, counts in result.spread.items() if form.keeps(*key)])


def _line(quarter: str, village: str, spreads: Iterable[Counter[tuple[int, int]]]) -> SpreadLine:
    counts: Counter[tuple[int, int]] = sum(spreads, Counter())
    before, after = Counter[int](), Counter[int]()
    for (was, becomes), households in counts.items():
        before[was] += households
        after[becomes] += households
    cells = [(WORDS[stars], before[stars], after[stars]) for stars in STARS]
    gains = sum(households for (was, becomes), households in counts.items() if becomes > was)
    losses = sum(households for (was, becomes), households in counts.items() if becomes < was)
    return SpreadLine(quarter, village, cells, gains, losses)


def _move_cells(move: Move, names: dict[int, str]) -> tuple[str, str, str, float, float]:
    """Village, stars before and after in words, scores before and after."""
    return (
        names.get(move.village, ""),
        WORDS[move.stars_before],
        WORDS[move.stars_after],
        move.before / 100,
        move.after / 100,
    )
