"""What a township needs of panels: one in each village, large enough to vote."""

from __future__ import annotations

from governance.accounts.models import User
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from moral_bank.panel.rows import panel_sizes
from moral_bank.panel.services import LEAST_VOTING
from villages.filters import villages_seen
from villages.models import Unit


def panel_needs(user: User, township: Unit) -> list[Need]:
    villages = list(villages_seen(user).filter(parent=township))
    able = sum(size >= LEAST_VOTING for size in panel_sizes(user, villages).values())
    links = (To("按名单登记", "moral_bank:panel-load"), To("评议小组", "moral_bank:panel-list"))
    return [Need("panels", Step.PANELS, "有评议小组的村", able, max(len(villages), 1), links, "每村至少三名成员才能表决")]
