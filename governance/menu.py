"""The admin's side menu, grouped by people's work instead of by app; each room says its own entries."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from governance.rooms import grouped

# Groups that a room adds beyond these stand at the end.
TITLES = ("村庄与人口", "职务", "事项", "道德银行", "督查", "公示与异议", "账号与日志")


def admin_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The way back to the desk, then groups and links that this user may open; empty groups are left out."""
    allowed = request.user.actions() if request.user.is_authenticated else frozenset()
    back = {"title": "首页", "icon": "arrow_back", "link": reverse("desk:home"), "active": False}
    groups: list[dict[str, Any]] = [{"title": "工作台", "items": [back]}]
    for title, links in grouped("menu", TITLES).items():
        items = [
            {"title": label, "icon": icon, "link": reverse(name if ":" in name else f"admin:{name}_changelist")}
            for label, icon, name, action in links
            if action in allowed
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups
