"""Official ledgers as .xlsx: how a scoped list becomes a file (mission M01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.db.models import Model, OrderBy, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from governance.accounts.duties import Action
from governance.accounts.exporting import export_ask, job_of
from governance.accounts.log import access_log
from governance.accounts.models import AccessLog, User
from governance.documents.official import Official, render
from governance.errors import DomainError
from governance.frame.columns import Col
from governance.periods import Period, today
from governance.progress import told
from governance.sheets.writer import Column, Value, write_table

ROW_LIMIT = 200_000
CHUNK = 2000
NUMBER = Column("序号", 6)
KEY = Column("系统编号", 10)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def row_key(model: type[Model], pk: Any) -> str:
    """What 系统编号 says of a row: also which kind of thing it is, so that no other ledger's row is taken for it."""
    return f"{model._meta.model_name}-{pk}"


class ExportError(DomainError):
    """A ledger that is not written: `size`."""


@dataclass(frozen=True)
class Ledger:
    """An official ledger: `rows` turns a scoped, filtered queryset into rows in the order of `columns`.

    `key`: the heading that names each row, also in a sheet that comes back; 系统编号 stands last and is not printed.
    `state`: the heading that says whether the row still counts (在册, 迁出); "" where rows never end. `mark`: a line above the
    heading that says whose copy it is.
    """

    title: str
    columns: Sequence[Column]
    rows: Callable[[QuerySet[Any]], Iterator[Sequence[Value]]]
    notes: Sequence[str] = ()
    key: str = KEY.heading
    state: str = ""
    mark: str = ""

    @property
    def printed(self) -> int:
        """How many of the columns stand on paper."""
        return sum(column.heading != KEY.heading for column in self.columns)

    @classmethod
    def of(
        cls, title: str, columns: Sequence[Col], *, related: Sequence[str] = (), prefetch: Sequence[Any] = (),
        figures: Mapping[str, Any] | None = None, order: Sequence[str | OrderBy] = ("pk",), defer: Sequence[str] = (),
        numbered: bool = False, notes: Sequence[str] = (), key: str = KEY.heading, state: str = "",
    ) -> Ledger:  # fmt: skip
        """A ledger of declared columns, by default oldest row first; what they read is fetched with the rows, chunk by chunk.
        `figures` are counted by the database for each row, under their names. `defer`: large fields that no column reads.
        `numbered`: 序号 stands before them. Where no column is the `key`, the row's own key is."""
        keyed = key == KEY.heading

        def rows(queryset: QuerySet[Any]) -> Iterator[Sequence[Value]]:
            found = queryset.select_related(*related) if related else queryset
            ordered = found.defer(*defer).prefetch_related(*prefetch).annotate(**(figures or {})).order_by(*order)
            for number, row in enumerate(ordered.iterator(chunk_size=CHUNK), start=1):
                yield [*[number] * numbered, *(column.written(row) for column in columns), *[row_key(queryset.model, row.pk)] * keyed]

        return cls(title, [*[NUMBER] * numbered, *(column.column for column in columns), *[KEY] * keyed], rows, notes, key, state)


def ledger_response(
    ledger: Ledger, queryset: QuerySet[Any], *, request: HttpRequest, action: Action = Action.EXPORT
) -> FileResponse | HttpResponseRedirect:
    """The rows of `queryset` as a download, from EXPORT_BACKGROUND_ROWS on the page of a job that writes them and comes here
    again; without the right (`action`) 404, beyond ROW_LIMIT rows ExportError."""
    user = request.user
    if not user.is_authenticated or not user.may(action):
        raise Http404
    count = queryset.order_by().values("pk")[: ROW_LIMIT + 1].count()
    if count > ROW_LIMIT:
        raise ExportError(f"超过 {ROW_LIMIT} 行，请先筛选再导出。", "size")
    job = job_of(request)
    if job is None and count >= settings.EXPORT_BACKGROUND_ROWS:
        asked = export_ask(user=user, title=ledger.title, address=request.get_full_path(), total=count)
        return redirect("accounts:export-detail", asked.pk)
    rows = ledger.rows(queryset)
    stream = TemporaryFile()  # noqa: SIM115 - closed by the response
    write_table(
        stream,
        title=ledger.title,
        columns=ledger.columns,
        rows=told(rows, "写入", count),
        sheet_name=ledger.title,
        notes=ledger.notes,
        mark=ledger.mark,
    )
    if job is None:
        access_log(AccessLog.Kind.EXPORT, request=request, detail=f"{ledger.title} {count} 行")
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=f"{ledger.title}-{today():%Y%m%d}.xlsx")


@dataclass(frozen=True)
class Book:
    """A ledger with the rows that `user` may export in a period; `village` is the look-up of a row's village."""

    ledger: Ledger
    rows: Callable[[User, Period], QuerySet[Any]]
    village: str = "village"


def dated(model: Any, field: str) -> Callable[[User, Period], QuerySet[Any]]:
    """Rows by a day that they carry."""

    def rows(user: User, period: Period) -> QuerySet[Any]:
        found: QuerySet[Any] = model.objects.visible_to(user, Action.EXPORT)
        return found.filter(**{f"{field}__gte": period.start, f"{field}__lt": period.end})

    return rows


def timed(model: Any, field: str) -> Callable[[User, Period], QuerySet[Any]]:
    """Rows by an instant that they carry."""

    def rows(user: User, period: Period) -> QuerySet[Any]:
        begins, ends = period.bounds()
        found: QuerySet[Any] = model.objects.visible_to(user, Action.EXPORT)
        return found.filter(**{f"{field}__gte": begins, f"{field}__lt": ends})

    return rows


def paper_response(request: HttpRequest, paper: Official, name: str, detail: str) -> FileResponse:
    """An official paper as an editable file of that `name`; `detail` goes into the access log."""
    access_log(AccessLog.Kind.EXPORT, request=request, detail=detail)
    return FileResponse(BytesIO(render(paper)), as_attachment=True, filename=f"{name}.docx", content_type=DOCX)
