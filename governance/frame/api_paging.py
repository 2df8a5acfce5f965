"""How the API pages: the REST framework loads it by name while it is being imported itself."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from governance.frame.paging import CappedPaginator

MOST_DIGITS = 9


class Pages(PageNumberPagination):
    """`count` is exact near the page that is asked for, further on an estimate: whoever follows `next` reaches the last row."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    django_paginator_class = CappedPaginator

    def get_page_number(self, request: Request, paginator: Any) -> Any:
        number = super().get_page_number(request, paginator)
        if str(number).isdecimal() and len(str(number)) <= MOST_DIGITS:
            paginator.counted += int(number) * paginator.per_page
        return number
