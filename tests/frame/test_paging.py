"""Pages of lists: the rows of one page, in order, with what they read along; what is not counted to its end is sought once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from governance.frame.paging import CappedPaginator, PagePaginator
from tests.builders import make_township, new_unit
from villages.models import Unit
from villages.units.loading import units_insert

pytestmark = pytest.mark.django_db
FEW = 7


@pytest.fixture
def rows() -> Any:
    township = make_township()
    units_insert([new_unit("settlement", "院", f"x{n}", township) for n in range(FEW)], None)
    return Unit.objects.filter(level="settlement").select_related("parent").order_by("-path")


@pytest.mark.parametrize("paginator", [CappedPaginator, PagePaginator])
def test_a_page_is_the_rows_in_order(rows: Any, paginator: type[CappedPaginator]) -> None:
    pages = paginator(rows, 3)
    with CaptureQueriesContext(connection) as seen:
        found = [list(pages.page(number)) for number in (1, 2, 3)]
        assert [row.parent.level for row in found[0]] == ["township"] * 3
    assert found == [list(rows[:3]), list(rows[3:6]), list(rows[6:])] and pages.count == FEW
    assert not any("JOIN" in query["sql"] for query in seen if "LIMIT" in query["sql"]), "keys are sought alone"


def test_counted_rows_are_paged_too(rows: Any) -> None:
    counted = rows.annotate(below=Count("children"))
    assert list(CappedPaginator(counted, 3).page(2)) == list(counted[3:6])


def test_distinct_rows_are_paged_too(rows: Any) -> None:
    assert list(CappedPaginator(rows.distinct(), 3).page(2)) == list(rows[3:6])


def test_a_list_that_is_not_counted_to_its_end_is_read_once(rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = PagePaginator(rows, 3)
    with CaptureQueriesContext(connection) as seen:
        assert len(pages.page(1).object_list) == 3 and pages.count == FEW
    assert len(seen) == 2, "its keys, and the rows of the page"
    monkeypatch.setattr(PagePaginator, "counted", 5)
    capped = PagePaginator(rows, 3)
    assert capped.is_capped and capped.num_pages == 2
    assert list(capped.page(2)) == list(rows[3:6])
