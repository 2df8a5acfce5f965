"""A closing house whose village has a panel, and claims on their way through it; shared by the tests of panel and posting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from moral_bank.models import Account, Claim, PanelMember, Sitting
from moral_bank.panel.services import Verdict, kin_reason, sitting_record
from moral_bank.rules.models import Head
from tests.builders import FOUNDED, make_deed, make_household, make_resident, make_rule_set
from tests.moral_bank.closings.house import ClosingHouse, noon
from villages.models import Unit

MARCH = date(2026, 3, 2)
SAT = date(2026, 3, 20)
NAMES = ("赵永福", "钱桂英", "孙明礼", "李秀英", "周大勇", "吴天成", "郑玉珍")


def make_member(village: Unit, name: str = "赵永福", **fields: Any) -> PanelMember:
    """A seat for somebody of a household of their own, or of `household`."""
    household = fields.pop("household", None) or make_household(village, name)
    resident = make_resident(household, name)
    by = fields.pop("by")
    return PanelMember.objects.create(
        village=village, resident=resident, appointed_by=by, **{"appointed_on": FOUNDED, **fields}
    )


class PanelHouse(ClosingHouse):
    """`households` accounts, a panel of `members` from other households, the cadre declares, the yard head verified."""

    def __init__(self, households: int = 3, members: int = 5, **rules: Any) -> None:
        super().__init__(households, **rules)
        self.members = [make_member(self.village, NAMES[n], by=self.cast["staff"]) for n in range(members)]

    def adopt(self, code: str, name: str, score: int, **fields: Any) -> None:
        """A second version of the rules with one deed more, in force from March on."""
        draft = make_rule_set(self.township, adopted=False, version=2, valid_from=date(2026, 3, 1))
        make_deed(draft, code, Head.CIVILITY, name, score, **fields)
        draft.state, draft.adopted_at = "adopted", noon(2026, 3, 1)
        draft.save()
        self.rule_set = draft

    def claim(self, code: str = "S1", account: Account | None = None, on: date = MARCH, **fields: Any) -> Claim:
        """A verified claim, unless `state` says otherwise, of the first account unless told."""
        deed = self.deed(code)
        decided = {"decided_by": self.cast["yard_head"], "decided_at": noon(2026, 3, 3)}
        return Claim.objects.create(
            account=account or self.accounts[0],
            deed=deed,
            occurred_on=on,
            declared_at=noon(2026, 3, 2),
            **{
                "declared_by": self.cast["cadre"],
                "state": Claim.State.VERIFIED,
                "score": deed.score,
                **decided,
                **fields,
            },
        )

    def verdict(
        self, claim: Claim, votes: Mapping[int, str] | None = None, *, approved: bool = True, **more: Any
    ) -> Verdict:
        """Everybody present in favour (or against), but for `votes`: position of the member → choice; kin are left out."""
        choice = "yes" if approved else "no"
        said = {member.pk: (choice, "") for member in self.members if not kin_reason(member, claim)}
        for position, other in (votes or {}).items():
            said[self.members[position].pk] = (other, "沾亲" if other == "recused" else "")
        reason = {} if approved else {"reason": "不属实"}
        return Verdict(claim, approved, said, **{**reason, **more})

    def sit(self, *verdicts: Verdict, at: datetime | None = None, **fields: Any) -> Sitting:
        values: dict[str, Any] = {"village": self.village, "held_on": SAT, "members": self.members, **fields}
        by = values.pop("by", None) or self.cast["secretary"]
        return sitting_record(verdicts=verdicts, by=by, at=at or noon(2026, 3, 20), **values)

    def approved(self, code: str = "S1", account: Account | None = None, on: date = MARCH, **fields: Any) -> Claim:
        """A claim that the panel has let pass; judged deeds with the figure `score`."""
        claim = self.claim(code, account, on, **fields)
        figure: dict[str, Any] = {"score": claim.score, "reason": "情况属实"} if claim.deed.is_judged else {}
        self.sit(self.verdict(claim, **figure))
        claim.refresh_from_db()
        return claim
