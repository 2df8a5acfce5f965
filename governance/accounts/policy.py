"""What a page may load and run (Content-Security-Policy): the house's own files alone; the admin's package needs more, named here."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts

# Alpine, which draws the admin's menus, reads its expressions as code; unfold writes the colours of its theme into each page.
OF_THE_ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class PolicyMiddleware(CSPMiddleware):
    """CONTENT_SECURITY_POLICY everywhere, OF_THE_ADMIN on the admin's own addresses."""

    def get_policy_parts(self, request: Any, response: Any, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        match = getattr(request, "resolver_match", None)
        if match is not None and "admin" in match.app_names:
            parts.replace = {**OF_THE_ADMIN, **(parts.replace or {})}
        return parts
