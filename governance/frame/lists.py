"""The list kit: a list is a `Listing` of columns and filters; `list_page` draws it, `list_export` writes it (docs: CONTRIBUTING)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import OrderBy, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.functional import cached_property

from governance.accounts.decorators import UserRequest
from governance.accounts.duties import Action
from governance.accounts.models import SavedFilter, User
from governance.errors import DomainError
from governance.frame.columns import Col, read, shown
from governance.frame.exports import Ledger, ledger_response
from governance.frame.filters import PageFilter
from governance.frame.forms import ServiceForm
from governance.frame.paging import PER_PAGE, page_of
from governance.reading import text_asked


@dataclass(frozen=True)
class To:
    """A link of a list for those who may (`needs`, any of them): `name` of an address, with its `query` where it has one, a query
    that begins with "?", or "" for words alone."""

    label: str
    name: str
    args: tuple[Any, ...] = ()
    _: KW_ONLY
    query: Mapping[str, Any] | None = None
    needs: tuple[Action, ...] = ()
    first: bool = True

    @property
    def href(self) -> str:
        return self.name if self.name.startswith("?") or not self.name else reverse(self.name, args=self.args, query=self.query)

    def open_to(self, user: User) -> bool:
        return not self.needs or bool(user.actions().intersection(self.needs))


@dataclass(frozen=True)
class Tab:
    """A part of the rows under a name: `narrow` takes (rows, user); `empty` and `steps` as in Listing, where it has its own."""

    key: str
    label: str
    narrow: Callable[[Any, User], Any]
    order: Sequence[str]
    empty: str = ""
    steps: tuple[To, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list, said once. The first column is the link to the row's page `href` (a name that takes the key, or row → address).

    What differs by object (parent, actions) is set by `dataclasses.replace`. `parent`: the page above. `hint`: a line below the
    title. `actions`: buttons beside it. `exports`: buttons above the table; they keep the filters. `ledgers`: a link to the
    desk's ledgers. `unit`: measure word of the count. `tabs`: the first is shown where the view names no other. `empty`: words
    for no rows at all, with the first of `steps` that the user may take; `none_found`: for no rows that fit. `everything`: the
    step there. `shown`: (filters, rows of one page) → what the columns read of each, where that is more than the row.
    `capped`: not counted to its end; declare no sort there that no index carries. `live`: found while
    typing.
    """

    title: str
    columns: Sequence[Col]
    filters: type[PageFilter] = PageFilter
    _: KW_ONLY
    order: Sequence[str | OrderBy] = ("-pk",)
    href: str | Callable[[Any], str] = ""
    parent: To | None = None
    hint: str = ""
    actions: tuple[To, ...] = ()
    exports: tuple[To, ...] = ()
    unit: str = "条"
    tabs: tuple[Tab, ...] = ()
    empty: str = "这里还没有记录。"
    steps: tuple[To, ...] = ()
    none_found: str = "没有符合的记录。"
    everything: To = To("看看全部", "?")
    shown: Callable[[Any, Sequence[Any]], Sequence[Any]] | None = None
    ledgers: bool = False
    capped: bool = False
    live: bool = False
    per_page: int = PER_PAGE

    def ledger(self, title: str = "", **options: Any) -> Ledger:
        """The same columns as a sheet."""
        return Ledger.of(title or self.title, [col for col in self.columns if col.sheet], **options)


class Head(NamedTuple):
    """A column's head: `sort` is what a press asks for ("" where it cannot be sorted), `sorted` how it is sorted now."""

    col: Col
    sort: str
    sorted: str

    @property
    def arrow(self) -> str:
        return {"ascending": " ↑", "descending": " ↓"}.get(self.sorted, "")


class Cell:
    """One column of one row, as the page draws it; the link to the row's page is strong. A dash says that a value is missing, but
    not where tags stand for it nor where the column has no label (its links are for some rows only)."""

    def __init__(self, col: Col, row: Any, href: str) -> None:
        self.col, self.row, self.href, self.strong = col, row, href, col.strong
        self.label = "" if col.whole else col.label
        value = col.read(row)
        hint = read(row, col.hint)
        self.hint = shown(hint) if hint else ""
        self.tags = [tag for tag in col.tags(row) if tag] if col.tags else []
        nothing = value in (None, "") and (bool(self.tags) or not col.label)
        self.text = "" if not col.value or nothing else shown(value)
        words = (col.classes, read(row, col.tone), "text-nowrap" if isinstance(value, date) else "")
        self.classes = " ".join(word for word in words if word)


class SetFilter(NamedTuple):
    """A filter that is set, in words, and the query without it."""

    label: str
    words: str
    without: str


class Look:
    """A listing as one person asks for it by an address."""

    def __init__(self, request: UserRequest, listing: Listing, rows: QuerySet[Any], tab: Tab | None) -> None:
        self.request, self.listing, self.tab = request, listing, tab
        self.columns = [col for col in listing.columns if self._shows(col)]
        query = request.GET.copy()
        query["tab"] = tab.key if tab else ""  # filters may be there for some tabs only: the one that is shown, named or not
        self.filters = listing.filters(query, tab.narrow(rows, request.user) if tab else rows, request=request)

    def _shows(self, col: Col) -> bool:
        on_tab = not col.tabs or (self.tab is not None and self.tab.key in col.tabs)
        return on_tab and (col.needs is None or self.request.user.may(col.needs))

    @cached_property
    def order(self) -> str:
        """The declared column that the address sorts by, "" where it names none."""
        requested = text_asked(self.request, "sort")
        return requested if requested.removeprefix("-") in {col.sort for col in self.columns if col.sort} else ""

    @cached_property
    def rows(self) -> QuerySet[Any]:
        order = (self.order, "-pk") if self.order else self.tab.order if self.tab else self.listing.order
        return self.filters.found().order_by(*order)

    @cached_property
    def page(self) -> Any:
        return page_of(self.request, self.rows, per_page=self.listing.per_page, capped=self.listing.capped)

    def heads(self) -> Iterator[Head]:
        for col in self.columns:
            ways = {col.sort: "ascending", f"-{col.sort}": "descending"} if col.sort else {}
            yield Head(col, f"-{col.sort}" if self.order == col.sort and col.sort else col.sort, ways.get(self.order, ""))

    def lines(self) -> Iterator[list[Cell]]:
        shown = self.listing.shown
        for row in shown(self.filters, self.page.object_list) if shown else self.page:
            cells = [Cell(col, row, read(row, col.href)) for col in self.columns]
            if link := self._link(row):
                cells[0].href, cells[0].strong = link, True
            yield cells

    def _link(self, row: Any) -> str:
        href = self.listing.href
        return href(row) if callable(href) else reverse(href, args=[row.pk]) if href else ""

    @property
    def picks(self) -> bool:
        return any(col.go for col in self.columns)

    def actions(self) -> list[To]:
        return self._open(self.listing.actions)

    def exports(self) -> list[To]:
        return self._open(self.listing.exports)

    @property
    def empty(self) -> str:
        """Why no row stands here."""
        if not self.filters.is_valid():
            return "筛选条件有误，请改正后再查。"
        if self.chips:
            return self.listing.none_found
        return (self.tab and self.tab.empty) or self.listing.empty

    @property
    def step(self) -> To | None:
        """The one step that helps where no row stands."""
        if self.chips or not self.filters.is_valid():
            return self.listing.everything
        steps = self._open((self.tab and self.tab.steps) or self.listing.steps)
        return steps[0] if steps else None

    @cached_property
    def chips(self) -> list[SetFilter]:
        return [SetFilter(chip.label, chip.words, self._query_without(chip.name)) for chip in self.filters.chips()]

    @cached_property
    def query(self) -> str:
        """What the address asks, without the page's number: what is saved as a filter."""
        return self._query_without("page")

    @cached_property
    def saved(self) -> list[SavedFilter]:
        match = self.request.resolver_match
        return list(SavedFilter.objects.visible_to(self.request.user).filter(page=match.view_name if match else ""))

    @property
    def export_query(self) -> str:
        """What an export of these rows asks: the tab, too, where the address names none."""
        query = self.request.GET.copy()
        query.pop("page", None)
        if self.tab:
            query["tab"] = self.tab.key
        return query.urlencode()

    @property
    def chosen(self) -> SavedFilter | None:
        """The saved filter that the address is now."""
        return next((saved for saved in self.saved if saved.query == self.query), None)

    def _query_without(self, name: str) -> str:
        query = self.request.GET.copy()
        for left_out in ("page", name):
            query.pop(left_out, None)
        return query.urlencode()

    def _open(self, links: tuple[To, ...]) -> list[To]:
        """Those that the user may follow; of several that lead to one page the first."""
        found = {link.href: link for link in reversed(links) if link.open_to(self.request.user)}
        return list(reversed(found.values()))


def list_page(
    request: UserRequest, listing: Listing, rows: QuerySet[Any], template: str = "_list.html", *, start: str = "",
    form: ServiceForm | None = None, **context: Any,
) -> HttpResponse:  # fmt: skip
    """The page of `rows` as the address filters, sorts and pages them. `start`: the tab where the address names none, by
    default the first. `marks` are tags behind the count. `form`: one that the template draws with the rows; 422 where it was
    refused."""
    tabs = {tab.key: tab for tab in listing.tabs}
    first = tabs.get(start, next(iter(listing.tabs), None))
    look = Look(request, listing, rows, tabs.get(text_asked(request, "tab"), first))
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, template, {"look": look, "listing": listing, "page": look.page, "form": form, **context}, status=status)


def list_export(request: UserRequest, listing: Listing, rows: QuerySet[Any], ledger: Ledger, back: str) -> HttpResponseBase:
    """The filtered rows as a sheet; refused in words on the list (`back`: its address or name) where a filter is invalid or the
    rows are too many. Without a tab in the address all rows."""
    tabs = {tab.key: tab for tab in listing.tabs}
    look = Look(request, listing, rows, tabs.get(text_asked(request, "tab")))
    back = f"{resolve_url(back)}?{look.query}"
    return sheet_or_back(request, ledger, look.rows, back) if look.filters.is_valid() else filter_refused(request, back)


def filter_refused(request: UserRequest, back: str, doing: str = "导出") -> HttpResponse:
    """Nothing is made of an invalid filter: it is said on the list (`back`: its address), where the filter stands."""
    messages.error(request, f"筛选条件有误，没有{doing}，请改正后再{doing}。")
    return redirect(back)


def sheet_or_back(request: UserRequest, ledger: Ledger, rows: QuerySet[Any], back: str) -> HttpResponseBase:
    """The rows as a sheet; too many are refused in words on the page `back`."""
    try:
        return ledger_response(ledger, rows, request=request)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
