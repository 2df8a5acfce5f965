"""The API's documentation: what the house adds to what drf-spectacular reads from the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

ONCE = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="提交号，由调用方取（如 UUID）。同一号、同样内容再来一次，不重复办理，返回第一次的状态和内容；内容不同返回 422。",
)
REFUSALS = {
    "400": "请求看不懂，或者不合规则：detail 是原因，code 供程序判断；某一项填错时以该项的名称为键。",
    "401": "没有登录，或者令牌无效、已过期。",
    "403": "用网页会话调用时缺少 CSRF 令牌。",
    "404": "没有这一条，或者不在本人的职务和范围之内。",
    "406": "只返回 JSON。",
    "429": "请求太多，或者密码连续错了几次、账号已锁定。",
}
OF_BODIES = {"415": "只接受 JSON 或表单。", "422": "这个提交号已经用过，这次的内容与上次不同。"}
REFUSAL = {
    "type": "object",
    "properties": {"detail": {"type": "string", "description": "原因"}, "code": {"type": "string", "description": "供程序判断"}},
    "additionalProperties": {},
}


class OnceSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return [ONCE] if self.method == "POST" else []


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of a schema."""
    for path, methods in schema["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items())


def with_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Each operation says how it may be refused: drf-spectacular calls this last (POSTPROCESSING_HOOKS)."""
    result["components"]["schemas"]["Refusal"] = REFUSAL
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    for _path, method, operation in operations(result):
        for status, words in {**REFUSALS, **(OF_BODIES if method == "post" else {})}.items():
            operation["responses"].setdefault(status, {"content": content, "description": words})
    return result
