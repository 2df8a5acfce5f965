"""What a township needs of disclosure: its catalogue, the list of small powers."""

from __future__ import annotations

from governance.accounts.models import User
from governance.disclosure.affairs.setting_up import affairs_set_up
from governance.disclosure.models import AffairKind, Power
from governance.disclosure.powers.setting_up import powers_set_up
from governance.frame.lists import To
from governance.frame.needs import Need, Step
from villages.models import Unit
from villages.setting_up.present import present


def disclosure_needs(user: User, township: Unit) -> list[Need]:
    kinds, powers = present(user, township, AffairKind.objects.visible_to(user), Power.objects.visible_to(user))
    return [
        Need(
            "affairs", Step.DEFAULTS, "事务公开目录", int(kinds),
            links=(To("公开目录", "admin:disclosure_affairkind_changelist"),), load=affairs_set_up,
        ),
        Need(
            "powers", Step.DEFAULTS, "小微权力清单（示例）", int(powers),
            links=(To("小微权力清单", "admin:disclosure_power_changelist"),), load=powers_set_up,
        ),
    ]  # fmt: skip
