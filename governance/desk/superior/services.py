"""Keep a superior's form, say what is put where, fill it, throw it away (mission M39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from governance.accounts.duties import Action
from governance.accounts.exporting import rights_of
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.desk.superior.figures import Asked
from governance.desk.superior.filling import Filler
from governance.desk.superior.layout import (
    CELLS,
    NOTHING,
    RECORDS,
    UNITS,
    Part,
    SuperiorError,
    cells_of,
    part_of,
    read_parts,
    template_sheets,
)
from governance.desk.superior.models import Filling, SuperiorForm, opened, sealed
from governance.desk.superior.sources import PLACE_NAME, options, proposed, record_fields
from governance.desk.superior.writing import Sheets
from governance.frame.saving import save_by
from governance.periods import Period, today
from governance.sheets.villagenames import VillageNames
from villages.models import Unit
from villages.scope import reach_of


def townships_of(user: User) -> QuerySet[Unit]:
    """The townships for which `user` may keep and fill forms."""
    reach = reach_of(user, Action.EXPORT)
    return Unit.objects.filter(pk__in=reach.townships_around if reach else ()).order_by("path")


def parts_of(form: SuperiorForm) -> list[Part]:
    return [Part(**part) for part in form.parts]


def form_keep(*, township: Unit, name: str, office: str, file: bytes, filename: str, by: User) -> SuperiorForm:
    """Keep a template under its name, with what its headings seem to ask for. Raises SuperiorError, SheetError."""
    if not townships_of(by).filter(pk=township.pk).exists():
        raise SuperiorError("您不能为这个乡镇登记上级报表。", "scope")
    if SuperiorForm.objects.filter(township=township, name=name.strip()).exists():
        raise SuperiorError("已有这个名称的报表。是同一张表的，请打开它换模板。", "name", "name")
    form = SuperiorForm(township=township, name=name.strip(), office=office.strip())
    return _read(form, file, filename, by)


def form_replace(*, form: SuperiorForm, file: bytes, filename: str, by: User) -> SuperiorForm:
    """Another file for the same form: what was chosen for a heading holds where the heading is still there."""
    return _read(_own(form, by), file, filename, by)


def form_lay_out(*, form: SuperiorForm, sheets: Mapping[str, tuple[str, str, int, int]], by: User) -> SuperiorForm:
    """Say what the sheets are. `sheets`: name → (kind, ledger, first and last row of the heading)."""
    form = _own(form, by)
    names = _names(form.township)
    read = {sheet.name: sheet for sheet in template_sheets(opened(form.template), form.filename)}
    parts = []
    for part in parts_of(form):
        kind, ledger, first, last = sheets.get(part.sheet, (part.kind, part.ledger, part.first, part.last))
        if kind in (UNITS, RECORDS):
            if not 0 < first <= last:
                raise SuperiorError(f"“{part.sheet}”的表头行不对：从第几行到第几行，前面的不能大于后面的。", "rows")
            part = part_of(read[part.sheet], names, record_fields(), (first, last))
            part.ledger = ledger if kind == RECORDS else ""
        elif kind == CELLS:
            part = cells_of(read[part.sheet])
        part.kind = kind
        parts.append(part)
    return _proposed(form, parts, by)


def form_map(*, form: SuperiorForm, choices: Mapping[str, Mapping[str, str]], by: User) -> SuperiorForm:
    """Say what is put below each heading. `choices`: sheet → column or cell → key, "" for nothing."""
    form = _own(form, by)
    parts = parts_of(form)
    for part in parts:
        offered = {key for _, group in options(part, form.township) for key, _ in group}
        if set(choices.get(part.sheet, {}).values()) - offered - {""}:
            raise SuperiorError("有一栏选的内容已经没有了，请重新选。", "choice")
    return _kept(form, parts, {sheet: dict(chosen) for sheet, chosen in choices.items()}, by)


def form_fill(*, form: SuperiorForm, period: Period, by: User, request: HttpRequest | None = None) -> Filling:
    """Fill the form from the records that `by` may export. Raises SuperiorError."""
    if period.start > today():
        raise SuperiorError("这个期间还没有到。", "period", "period")
    if not any(chosen for choices in form.choices.values() for chosen in choices.values()):
        raise SuperiorError("还没有对应好一栏，请先对应栏目。", "empty")
    seen = Unit.objects.visible_to(by, Action.EXPORT).villages().on(today()).filter(parent=form.township)
    asked = Asked(by, period, form.township, list(seen.order_by("path")))
    if not asked.villages:
        raise SuperiorError("您没有可以填报的村（社区）。", "scope")
    sheets = Filler(opened(form.template), asked, _names(form.township)).fill(parts_of(form), form.choices)
    filling = Filling(
        form=form, kind=period.kind.value, start=period.start, by=by, rights=rights_of(by), result=sealed(sheets.saved()),
        filled=sheets.filled, missed=sheets.missed, kept=sheets.kept,
    )  # fmt: skip
    with transaction.atomic():
        filling.save()
        access_log(
            AccessLog.Kind.EXPORT, request=request, user=by, detail=f"填上级报表“{form.name}”{period.label} {sheets.filled} 格"
        )
    return filling


def form_delete(*, form: SuperiorForm, by: User) -> None:
    """With all that was filled."""
    _own(form, by).delete()


def _own(form: SuperiorForm, by: User) -> SuperiorForm:
    """Whose form it is: who uploaded it, and whoever may export the whole township."""
    reach = reach_of(by, Action.EXPORT)
    if reach is None or not (form.kept_by_id == by.pk or form.township_id in reach.townships):
        raise SuperiorError("这张表只有上传的人和镇工作人员可以改。", "scope")
    return form


def _names(township: Unit) -> VillageNames:
    return VillageNames(Unit.objects.villages().on(today()).filter(parent=township).values_list("code", "name"))


def _read(form: SuperiorForm, file: bytes, filename: str, by: User) -> SuperiorForm:
    parts = read_parts(file, filename, _names(form.township), record_fields())
    Sheets.prove(file)
    before = {part.sheet: part for part in parts_of(form)}
    parts = [before[part.sheet] if part.sheet in before and before[part.sheet].headings == part.headings else part for part in parts]
    form.template, form.filename, form.kept_by = sealed(file), filename[:200], by
    return _proposed(form, parts, by)


def _proposed(form: SuperiorForm, parts: list[Part], by: User) -> SuperiorForm:
    """As this form said it before, else as other forms of the township, else by the words."""
    earlier: dict[str, str] = {}
    others = SuperiorForm.objects.filter(township=form.township).exclude(pk=form.pk).order_by("kept_at")
    for other in [*others, form]:
        earlier |= _said(other)
    return _kept(form, parts, {part.sheet: proposed(part, form.township, earlier) for part in parts if part.kind}, by)


def _said(form: SuperiorForm) -> dict[str, str]:
    """Heading → key."""
    chosen = ((part.headings, form.choices.get(part.sheet, {})) for part in parts_of(form))
    return {headings[place]: key for headings, choices in chosen for place, key in choices.items() if key and place in headings}


def _kept(form: SuperiorForm, parts: list[Part], choices: dict[str, Any], by: User) -> SuperiorForm:
    used = [part for part in parts if part.kind != NOTHING]
    for part in used:
        chosen = choices.setdefault(part.sheet, {})
        if part.kind == UNITS and part.place:
            chosen[part.place] = PLACE_NAME
    form.parts, form.choices = [asdict(part) for part in parts], choices
    form.columns = sum(len(part.headings) for part in used)
    form.held = sum(1 for part in used for place in part.headings if choices[part.sheet].get(place))
    save_by(form, by, SuperiorError)
    return form
