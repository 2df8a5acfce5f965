"""The API's documentation: what the house adds to what drf-spectacular reads from the code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

ONCE = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="提交号，由调用方取（如 UUID）。同一号、同样内容再来一次，不重复办理，返回第一次的状态和内容；内容不同返回 422。",
)


class OnceSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return [ONCE] if self.method == "POST" else []
