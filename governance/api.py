"""What every API endpoint shares: paging and errors in Chinese."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler

from governance.errors import DomainError


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500


def errors_in_chinese(error: Exception, context: dict[str, Any]) -> Response | None:
    """A broken rule of the house answers 400 with its Chinese message and code."""
    if isinstance(error, DomainError):
        error = ValidationError({"detail": error.message, "code": error.code})
    return exception_handler(error, context)
