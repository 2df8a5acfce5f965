"""Who is named to residents: 两委 and 监委 by their office, 一长四员 by their written consent, whoever gathers what people say never."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import CheckConstraint, Q

from governance.accounts.duties import CONSENT_DUTIES, VILLAGE_DUTIES
from governance.privacy import mask_name

NAMED_IN_PUBLIC = Q(kind__in=VILLAGE_DUTIES) | Q(kind__in=CONSENT_DUTIES, consented_on__isnull=False)

CONSENT_OF_VILLAGERS = CheckConstraint(
    condition=Q(consented_on=None) | Q(kind__in=[str(duty) for duty in CONSENT_DUTIES]),
    name="post_consent_of_villagers",
    violation_error_message="只有院户长、政策宣传员、矛盾纠纷调解员和环境卫生监督员登记书面同意。",
)


class NamedInPublic:
    """What a post says of its holder to residents."""

    kind: str
    consented_on: date | None

    if TYPE_CHECKING:

        @property
        def holder_name(self) -> str: ...

    @property
    def public_name(self) -> str:
        """Whole by office or by written consent, else masked."""
        agreed = self.kind in CONSENT_DUTIES and self.consented_on is not None
        return self.holder_name if self.kind in VILLAGE_DUTIES or agreed else mask_name(self.holder_name)
