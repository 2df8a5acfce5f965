"""From a form or a button to one service: what the service refuses stands at its field, above the form or on the next page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.errors import DomainError
from governance.frame.forms import ServiceForm
from governance.frame.input_errors import refusal_of

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    """A service did what was asked and gave `result`; always true, whatever the result is."""

    result: T


Words = str | Callable[[T], str]
"""What the user is told afterwards, or how to say it of the result; "" where the page itself shows it."""


def sent(request: HttpRequest) -> dict[str, Any]:
    """What a form is bound to: nothing until it is sent."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}


def act(request: HttpRequest, form: ServiceForm, service: Callable[..., T], words: Words[T] = "", /, **fixed: Any) -> Done[T] | None:
    """Where `form` was sent and is valid: `service(**fixed, **form.arguments())`. None where nothing was done."""
    if not form.is_valid():
        return None
    try:
        done = _done(service, **fixed, **form.arguments())
    except DomainError as error:
        form.refuse(error)
        return None
    return _announce(request, done, words)


def press(request: HttpRequest, service: Callable[..., T], words: Words[T] = "", /, **fixed: Any) -> Done[T] | None:
    """A button without a form: `service(**fixed)`; what it refuses is a message on the next page."""
    try:
        done = _done(service, **fixed)
    except DomainError as error:
        messages.error(request, error.message)
        return None
    return _announce(request, done, words)


def form_page(request: HttpRequest, form: Any, template: str = "_form.html", /, **context: Any) -> HttpResponse:
    """The form's page; 422 where it was refused. `_form.html` asks for `title`, `button`, `up` (the page above, a `To`) and,
    where a link beside the button leads back there, its words `cancel`. `name` is the browser's title where that says more.
    `hint` stands below the title, `refusal` in the form's place."""
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound and form.errors else 200)


def _done(service: Callable[..., T], /, **arguments: Any) -> Done[T]:
    """What the model or the database refused, though the form took it, is a refusal as well; nothing of it is kept."""
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():  # the one-use key's: it goes on after a refusal
            return Done(service(**arguments))
    except (ValidationError, IntegrityError) as error:
        raise refusal_of(error) from error


def _announce(request: HttpRequest, done: Done[T], words: Words[T]) -> Done[T]:
    message = words(done.result) if callable(words) else words
    if message:
        messages.success(request, message)
    return done
