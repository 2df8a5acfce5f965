"""The desk pages of an import: the judged rows, take or give up, what is left out as a sheet (missions M22, M23, M39).

A feature's views fetch the import, call these, and render a template that extends `frame/judged_rows.html`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import redirect

from governance.accounts.decorators import UserRequest
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, ImportJob
from governance.frame.act import act, press
from governance.frame.forms import ServiceForm
from governance.frame.imports.background import sheet_commit, sheet_read, sheet_remap
from governance.frame.imports.flow import SheetFlow
from governance.frame.imports.forms import MappingForm
from governance.frame.imports.models import SheetImport
from governance.frame.imports.payload import SAME, Preview, PreviewRow
from governance.frame.paging import PER_PAGE
from governance.generics import Paginator
from governance.reading import text_asked
from governance.sheets.cells import CLEAN, LEVELS, LOOK, OK, REFUSE

LABELS = {OK: ("可导入", "good"), CLEAN: ("可导入", "good"), LOOK: ("请核对", "near"), REFUSE: ("不能导入", "late"), SAME: ("已有", "")}


def upload_taken(request: UserRequest, form: ServiceForm, flow: SheetFlow[Any, Any], **about: Any) -> HttpResponseRedirect | None:
    """Read what was sent, here or by a worker, and lead to its page; None where nothing was sent or it was refused."""
    done = act(request, form, sheet_read, flow=flow, back=request.path, by=request.user, **about)
    return redirect(landing(flow, done.result)) if done else None


def landing(flow: SheetFlow[Any, Any], found: SheetImport | ImportJob) -> str:
    """The page of an import, or of the job that works at it."""
    return found.link if isinstance(found, ImportJob) else flow.address(found.pk)


def own_job(request: UserRequest, flow: SheetFlow[Any, Any], sheet: SheetImport) -> HttpResponseRedirect | None:
    """To the job by which the user has something done with the import just now."""
    job = flow.jobs(sheet).filter(user=request.user).first()
    return redirect(job.link) if job else None


def judged_rows(
    request: UserRequest,
    sheet: SheetImport,
    flow: SheetFlow[Any, Any],
    labels: Mapping[str, tuple[str, str]] = LABELS,
    key: str = "verdict",
    map_href: str = "",
) -> dict[str, Any]:
    """What the page of an import shows. `labels`: verdict or SAME → word and tone; `key`: the name in the address by which
    rows of one verdict or outcome are chosen. With `map_href` columns can be mapped there; its view calls `step_taken` with the
    step `map`."""
    preview, job = sheet.judged(), flow.jobs(sheet).first()
    may_map = map_href and sheet.source and sheet.waits and job is None
    chosen = text_asked(request, key)
    page = Paginator(
        [item for item in preview.rows if chosen in ("", item.row.verdict, item.outcome)], PER_PAGE
    ).get_page(text_asked(request, "page"))
    return {
        "sheet": sheet,
        "outcome": sheet.counts.get("outcome"),
        "job": job,
        "waits": sheet.waits and job is None,
        "good": sheet.taken[0],
        "look": sheet.taken[1],
        "total": len(preview.rows),
        "rejects": len(preview.rejects),
        "problems": preview.problems,
        "account": account_words(sheet),
        "missing": sheet.counts.get("missing", []),
        "mapping": MappingForm(tables=preview.tables, known=flow.fields) if may_map else None,
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
        there = f"（其中已有 {counts['there']} 行）" if counts.get("there") else ""
        parts = [f"可导入 {good} 行{there}", f"需要核对 {counts.get(LOOK, 0)} 行", f"不能导入 {counts.get(REFUSE, 0)} 行"]
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
        return bool(press(request, sheet_commit, told(flow), flow=flow, sheet=sheet, include_look="look" in request.POST, by=by))
    if step == "discard":
        return bool(press(request, flow.discard, flow.discarded_words, sheet=sheet, by=by))
    if step == "map":
        form = MappingForm(request.POST, tables=sheet.judged().tables, known=flow.fields)
        if form.is_valid():
            return bool(press(request, sheet_remap, remapped, flow=flow, sheet=sheet, overrides=form.overrides(), by=by))
        messages.error(request, "列的对应里有不认识的内容。")
        return False
    raise Http404


def told(flow: SheetFlow[Any, Any]) -> Callable[[Any], str]:
    """What is said of a commit; nothing where a worker does it, whose page the user comes to."""
    return lambda found: "" if isinstance(found, ImportJob) else flow.told(found)


def remapped(found: SheetImport | ImportJob) -> str:
    return "" if isinstance(found, ImportJob) else "已按新的对应重新核对。"


def rejects_response(request: UserRequest, sheet: SheetImport, title: str, filename: str = "") -> FileResponse:
    """The rows that were left out as .xlsx, with the reason, to be corrected and uploaded again; logged by its title."""
    stream = BytesIO()
    count = sheet.rejects(stream)
    access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{title} {count} 行")
    stream.seek(0)
    filename = filename or f"退回-{sheet.filename.rsplit('.', 1)[0]}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=filename)
