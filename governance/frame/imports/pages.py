"""The desk pages of an import: the judged rows, take or give up, what is left out as a sheet (missions M22, M23, M39).

A feature's views fetch the import, call these, and render a template that extends `frame/judged_rows.html`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404

from governance.accounts.decorators import UserRequest
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog
from governance.frame.act import press
from governance.frame.imports.flow import SheetFlow
from governance.frame.imports.forms import MappingForm
from governance.frame.imports.models import SheetImport
from governance.frame.imports.payload import SAME, Preview, PreviewRow
from governance.frame.paging import PER_PAGE
from governance.generics import Paginator
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE

LABELS = {OK: ("可导入", "good"), CLEAN: ("可导入", "good"), LOOK: ("请核对", "near"), REFUSE: ("不能导入", "late"), SAME: ("已有", "")}


def judged_rows(
    request: UserRequest,
    sheet: SheetImport,
    labels: Mapping[str, tuple[str, str]] = LABELS,
    key: str = "verdict",
    flow: SheetFlow[Any, Any] | None = None,
    map_href: str = "",
) -> dict[str, Any]:
    """What the page of an import shows. `labels`: verdict or SAME → word and tone; `key`: the name in the address by which
    rows of one verdict or outcome are chosen. With `flow` columns can be mapped there; the form goes to `map_href`, whose
    view calls `step_taken` with the step `map`."""
    preview = sheet.judged()
    chosen = request.GET.get(key, "")
    page = Paginator(
        [item for item in preview.rows if chosen in ("", item.row.verdict, item.outcome)], PER_PAGE
    ).get_page(request.GET.get("page"))
    return {
        "sheet": sheet,
        "outcome": sheet.counts.get("outcome"),
        "good": sheet.counts.get(OK, 0) + sheet.counts.get(CLEAN, 0),
        "look": sheet.counts.get(LOOK, 0),
        "total": len(preview.rows),
        "rejects": len(preview.rejects),
        "problems": preview.problems,
        "account": account_words(sheet),
        "missing": sheet.counts.get("missing", []),
        "mapping": MappingForm(tables=preview.tables, known=flow.fields) if flow and sheet.waits and sheet.source else None,
        "map_href": map_href,
        "tabs": tabs_of(preview, labels) if preview.rows else [],
        "unknown": sorted({heading for table in preview.tables for heading in table.mapping.unknown} - {"", "序号"}),
        "tab_key": key,
        "chosen": chosen,
        "page": page,
        "lines": [_line(item, labels, len(preview.tables) > 1) for item in page],
    }


def tabs_of(preview: Preview, labels: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """All rows and those of each verdict, with their number; a verdict that no row has is left out."""
    verdicts = Counter(item.row.verdict for item in preview.rows)
    same = sum(item.outcome == SAME for item in preview.rows)
    tabs = [(level, f"{labels[level][0]} {verdicts[level]}") for level in LEVELS if verdicts[level]]
    return [("", f"全部 {len(preview.rows)}"), *tabs, *([(SAME, f"{labels[SAME][0]} {same}")] if same else [])]


def account_words(sheet: SheetImport) -> list[str]:
    """What became of everything in the file: before the commit by verdict, after it by what was left out."""
    counts, account = sheet.counts, sheet.counts.get("account")
    if not account:
        return []
    skipped = sum(account["skipped"].values())
    if outcome := counts.get("outcome"):
        parts = [f"已导入或已有 {account['read'] - skipped - outcome['left_out']} 行", f"未导入 {outcome['left_out']} 行"]
    else:
        good = counts.get(OK, 0) + counts.get(CLEAN, 0)
        parts = [f"可导入 {good} 行", f"需要核对 {counts.get(LOOK, 0)} 行", f"不能导入 {counts.get(REFUSE, 0)} 行"]
    why = "、".join(f"{reason} {count} 行" for reason, count in account["skipped"].items())
    words = [f"读到 {account['read']} 行：{'，'.join(parts)}，跳过 {skipped} 行{f'（{why}）' if why else ''}。"]
    if unused := "、".join(f"{heading} {count} 格" for heading, count in account["unused"].items()):
        words.append(f"没有用到的内容：{unused}。")
    return words


def _line(item: PreviewRow, labels: Mapping[str, tuple[str, str]], several: bool) -> dict[str, Any]:
    row = item.row
    label, tone = labels[SAME if item.outcome == SAME else row.verdict]
    where = f"{row.sheet} " if row.sheet and several else ""
    return {
        "row": row,
        "place": f"{where}第 {row.row_number} 行",
        "label": label,
        "tone": tone,
        "values": row.values,
        "reason": row.reason,
    }


def step_taken(request: UserRequest, flow: SheetFlow[Any, Any], sheet: SheetImport, step: str) -> bool:
    """Take the good rows (`commit`; those to look at with them if `look` was sent) or give the import up (`discard`), and
    say what became of it; or map its columns anew (`map`); 404 for another step. Whether it was done."""
    by = request.user
    if step == "commit":
        return bool(press(request, flow.commit, flow.told, sheet=sheet, include_look="look" in request.POST, by=by))
    if step == "discard":
        return bool(press(request, flow.discard, flow.discarded_words, sheet=sheet, by=by))
    if step == "map":
        form = MappingForm(request.POST, tables=sheet.judged().tables, known=flow.fields)
        if form.is_valid():
            words = "已按新的对应重新核对。"
            return bool(press(request, flow.remap, words, sheet=sheet, overrides=form.overrides(), by=by))
        messages.error(request, "列的对应里有不认识的内容。")
        return False
    raise Http404


def rejects_response(request: UserRequest, sheet: SheetImport, title: str, filename: str = "") -> FileResponse:
    """The rows that were left out as .xlsx, with the reason, to be corrected and uploaded again; logged by its title."""
    stream = BytesIO()
    count = sheet.rejects(stream)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{title} {count} 行")
    stream.seek(0)
    filename = filename or f"退回-{sheet.filename.rsplit('.', 1)[0]}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=filename)
