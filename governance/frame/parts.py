"""What one room adds to another room's page without that page knowing it (`Room.household`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Part:
    """Three partials of one template: `facts` for the list of facts on top, `actions` for the row of buttons, `body` below."""

    template: str
    context: Mapping[str, Any]
    request: HttpRequest

    @property
    def facts(self) -> SafeString:
        return self._drawn("facts")

    @property
    def actions(self) -> SafeString:
        return self._drawn("actions")

    @property
    def body(self) -> SafeString:
        return self._drawn("body")

    def _drawn(self, name: str) -> SafeString:
        return render_to_string(f"{self.template}#{name}", dict(self.context), self.request)
