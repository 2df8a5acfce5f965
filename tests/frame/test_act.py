"""From a form or a button to one service, and where its refusal stands."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory

from governance.errors import DomainError
from governance.frame.act import act, form_page, press, sent
from governance.frame.forms import PageForm


class FullError(DomainError):
    field = "amount"


class GiveForm(PageForm):
    amount = forms.IntegerField()
    why = forms.CharField(required=False)

    def arguments(self) -> dict[str, Any]:
        return {"amount": self.cleaned_data["amount"]}


def post(**data: Any) -> HttpRequest:
    request: Any = RequestFactory().post("/", data)
    request.session = {}
    request._messages = FallbackStorage(request)
    return request  # type: ignore[no-any-return]


def messages(request: HttpRequest) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in get_messages(request)]


def give(*, amount: int, by: str) -> int:
    if amount > 9:
        raise FullError("太多")
    if amount < 0:
        raise DomainError("今天不办理", "closed")
    return amount - 1


def test_it_calls_the_service_with_what_was_typed_and_says_what_came_of_it() -> None:
    request = post(amount="1", why="节日")
    done = act(request, GiveForm(**sent(request)), give, lambda left: f"还剩 {left} 个。", by="甲")
    assert done is not None and done.result == 0 and bool(done), "done, whatever the result is"
    assert messages(request) == [("success", "还剩 0 个。")]


@pytest.mark.parametrize(
    ("amount", "errors"),
    [("10", {"amount": ["太多"]}), ("-1", {"__all__": ["今天不办理"]}), ("", {"amount": ["该字段是必填项。"]})],
)
def test_it_puts_a_refusal_where_it_belongs(amount: str, errors: dict[str, list[str]]) -> None:
    request = post(amount=amount)
    form = GiveForm(**sent(request))
    assert act(request, form, give, "好", by="甲") is None
    assert dict(form.errors) == errors and messages(request) == []
    assert form.reasons == "；".join(sum(errors.values(), []))
    assert form_page(request, form, "_inputs.html").status_code == 422


def test_it_puts_what_belongs_to_no_field_of_the_form_above_it() -> None:
    def refuse(**values: Any) -> None:
        raise DomainError("没有这个人", field="person")

    request = post(amount="1")
    form = GiveForm(**sent(request))
    act(request, form, refuse)
    assert form.non_field_errors() == ["没有这个人"]


def test_it_does_nothing_before_the_form_is_sent() -> None:
    request = RequestFactory().get("/")
    form = GiveForm(**sent(request))
    assert act(request, form, give, "好", by="甲") is None and not form.errors
    assert form_page(request, form, "_inputs.html").status_code == 200


def test_it_lets_through_what_is_no_refusal() -> None:
    request = post(amount="1")
    with pytest.raises(TypeError):
        act(request, GiveForm(**sent(request)), give, "好")


def test_a_button_says_either_in_a_message() -> None:
    request = post()
    assert press(request, give, "好", amount=3, by="甲") is not None and press(request, give, "好", amount=-1, by="甲") is None
    assert press(request, give, amount=3, by="甲") is not None
    assert messages(request) == [("success", "好"), ("error", "今天不办理")]
