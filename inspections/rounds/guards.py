"""What must never happen in a round, in the databases' words: kin on a team, scores after the lock (plan §四(三))."""

from collections.abc import Callable

from governance.guards import Guard, refuse

KIN = "督查人员本人或亲属在这个村任职，或已登记回避，不能督查这个村"
LOCKED = "这次督查已锁定，不能再改动"

# {user} or somebody of their household holds a post now within the village {village}, other than that of a volunteer, or a recusal
# is written down.
CONFLICT = """(
    EXISTS (SELECT 1 FROM villages_post o
              JOIN villages_unit u ON u.id = o.unit_id
              JOIN villages_unit v ON v.id = {village}
             WHERE u.path LIKE v.path || '%' AND o.kind <> 'volunteer'
               AND (o.ended_on IS NULL OR o.ended_on > CURRENT_DATE)
               AND (o.term_end IS NULL OR o.term_end >= CURRENT_DATE)
               AND (o.user_id = {user} OR o.resident_id IN (
                   SELECT kin.id FROM villages_resident kin
                     JOIN villages_resident own ON own.household_id = kin.household_id
                     JOIN villages_post held ON held.resident_id = own.id
                    WHERE held.user_id = {user})))
    OR EXISTS (SELECT 1 FROM inspections_recusal r WHERE r.user_id = {user} AND r.village_id = {village})
)"""

_MEMBER = (
    "EXISTS (SELECT 1 FROM inspections_scorecard c WHERE c.team_id = NEW.team_id AND "
    + CONFLICT.format(user="NEW.user_id", village="c.village_id")
    + ")"
)
_CARD = (
    "NEW.team_id IS NOT NULL AND EXISTS (SELECT 1 FROM inspections_teammember m WHERE m.team_id = NEW.team_id AND "
    + CONFLICT.format(user="m.user_id", village="NEW.village_id")
    + ")"
)
_JUDGE = (
    "NEW.side = 'site' AND EXISTS (SELECT 1 FROM inspections_scorecard c WHERE c.id = NEW.card_id AND "
    + CONFLICT.format(user="NEW.by_id", village="c.village_id")
    + ")"
)
# A recusal written down while the person is on the village's team of a round that is not locked.
_LATE_RECUSAL = (
    "EXISTS (SELECT 1 FROM inspections_teammember m JOIN inspections_scorecard c ON c.team_id = m.team_id "
    "JOIN inspections_round r ON r.id = c.round_id "
    "WHERE m.user_id = NEW.user_id AND c.village_id = NEW.village_id AND r.state <> 'locked')"
)
EARLY = "还有没评的内容，不能有得分"
# No figure of the card speaks for itself in this line.
_NO_FIGURE = (
    "NOT EXISTS (SELECT 1 FROM inspections_measure m "
    'WHERE m.card_id = {card} AND m.indicator = i.indicator AND m.enough AND m."of" > 0)'
)
# A line of the card that must be judged, and has neither the team's answer nor a figure that speaks for itself.
_LINE_LEFT = f"""NEW.score IS NOT NULL AND EXISTS (
    SELECT 1 FROM inspections_checklistitem i
      JOIN inspections_checklistsection s ON s.id = i.section_id
      JOIN inspections_round r ON r.checklist_id = s.checklist_id
     WHERE r.id = NEW.round_id AND i.kind NOT IN ('note', 'bonus')
       AND NOT EXISTS (SELECT 1 FROM inspections_answer a WHERE a.card_id = NEW.id AND a.item_id = i.id AND a.side = 'site')
       AND {_NO_FIGURE.format(card="NEW.id")})"""
BASIS = "实测样本不足的，评分须写明依据，或评为不适用"
# A measured line judged without a figure that speaks for itself, and without a word why.
_NO_BASIS = f"""NEW.side = 'site' AND NEW.applies AND NEW.reason = '' AND EXISTS (
    SELECT 1 FROM inspections_checklistitem i
     WHERE i.id = NEW.item_id AND i.indicator <> ''
       AND {_NO_FIGURE.format(card="NEW.card_id")})"""
LISTED = "实测数和它的名单须一致"
_NOT_LISTED = (
    "NEW.good_keys IS NULL OR NEW.missed_keys IS NULL OR {length}(NEW.good_keys) <> NEW.good "
    'OR {length}(NEW.missed_keys) <> NEW."of" - NEW.good'
)
_LENGTH = {"postgresql": {"length": "jsonb_array_length"}, "sqlite": {"length": "json_array_length"}}
ON_TEAM = "这名成员正在督查这个村，请先调整督查组再登记回避"


def _round_locked(round_id: str) -> str:
    return f"EXISTS (SELECT 1 FROM inspections_round r WHERE r.id = {round_id} AND r.state = 'locked')"


def _card_locked(card_id: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM inspections_scorecard c JOIN inspections_round r ON r.id = c.round_id "
        f"WHERE c.id = {card_id} AND r.state = 'locked')"
    )


def _team_locked(team_id: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM inspections_team t JOIN inspections_round r ON r.id = t.round_id "
        f"WHERE t.id = {team_id} AND r.state = 'locked')"
    )


def _after_lock(table: str, condition: Callable[[str], str]) -> list[Guard]:
    return [
        refuse(f"inspections_{table}_locked_{event.lower()}", event, f"inspections_{table}", condition(row), LOCKED)
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ]


GUARDS = [
    refuse("inspections_member_not_kin", "INSERT", "inspections_teammember", _MEMBER, KIN),
    refuse("inspections_member_not_kin_later", "UPDATE", "inspections_teammember", _MEMBER, KIN),
    refuse("inspections_card_not_kin", "INSERT", "inspections_scorecard", _CARD, KIN),
    refuse("inspections_card_not_kin_later", "UPDATE OF team_id", "inspections_scorecard", _CARD, KIN),
    refuse("inspections_card_score_early", "INSERT", "inspections_scorecard", _LINE_LEFT, EARLY),
    refuse("inspections_card_score_early_later", "UPDATE OF score", "inspections_scorecard", _LINE_LEFT, EARLY),
    refuse("inspections_judge_not_kin", "INSERT", "inspections_answer", _JUDGE, KIN),
    refuse("inspections_judge_not_kin_later", "UPDATE", "inspections_answer", _JUDGE, KIN),
    refuse("inspections_answer_basis", "INSERT", "inspections_answer", _NO_BASIS, BASIS),
    refuse("inspections_answer_basis_later", "UPDATE", "inspections_answer", _NO_BASIS, BASIS),
    refuse("inspections_measure_listed", "INSERT", "inspections_measure", _NOT_LISTED, LISTED, _LENGTH),
    refuse("inspections_measure_listed_later", "UPDATE", "inspections_measure", _NOT_LISTED, LISTED, _LENGTH),
    refuse("inspections_recusal_in_time", "INSERT", "inspections_recusal", _LATE_RECUSAL, ON_TEAM),
    refuse("inspections_round_locked_update", "UPDATE", "inspections_round", "OLD.state = 'locked'", LOCKED),
    refuse("inspections_round_locked_delete", "DELETE", "inspections_round", "OLD.state = 'locked'", LOCKED),
    *_after_lock("scorecard", lambda row: _round_locked(f"{row}.round_id")),
    *_after_lock("team", lambda row: _round_locked(f"{row}.round_id")),
    *_after_lock("teammember", lambda row: _team_locked(f"{row}.team_id")),
    *[
        guard
        for table in ("sample", "measure", "answer", "reply")
        for guard in _after_lock(table, lambda row: _card_locked(f"{row}.card_id"))
    ],
]
