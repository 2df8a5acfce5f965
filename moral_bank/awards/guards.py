"""What nominations, honours and reminders never do, in the databases' words: a household confirmed without its notice, a
vote changed afterwards, an honour without its reason, a reminder for a household with stars."""

from governance.guards import changed, insert_only, refuse

NOMINATION, HONOUR, REMINDER = "moral_bank_nomination", "moral_bank_honour", "moral_bank_reminder"

BEGINS = "提名从待村评议开始，且须在户所在的村"
VETO = "本半年有一票否决记录的户不能评最美家庭"
STEPS = "提名不能这样变更状态"
CLOSED = "已审定或未通过的提名不能再改动"
REWRITTEN = "提名的户、半年和登记人不能改动，评议后事迹和票数不能改动"
NOTICED = "公示须是本村的最美家庭公示，原公示撤回前不能更换"
CONFIRMED = "公示期满、公示未撤回、没有待答复或成立的异议，才能审定"
KEPT = "提名不能删除"
HONOUR_FITS = "荣誉须出自已锁定的年度评优或已审定的提名，并与户、村、期间一致"
HONOUR_FROZEN = "荣誉只能撤销一次，其余不能改动"
HONOUR_KEPT = "荣誉不能删除，请撤销"
REMINDER_FITS = "整改提醒只针对已锁定季度里不评星的户"
REMINDERS = "整改提醒记录不能改动"

# What the two engines say differently.
_WORDS = {
    "postgresql": {
        "half_end": "(NEW.half + interval '6 months')",
        "decided_day": "CAST(NEW.decided_at AT TIME ZONE 'Asia/Shanghai' AS date)",
        "year": "to_char(c.start, 'YYYY')",
        "half": "to_char(n.half, 'YYYY') || CASE WHEN extract(month FROM n.half) = 1 THEN '-H1' ELSE '-H2' END",
    },
    "sqlite": {
        "half_end": "date(NEW.half, '+6 months')",
        "decided_day": "date(NEW.decided_at, '+8 hours')",
        "year": "strftime('%Y', c.start)",
        "half": "strftime('%Y', n.half) || CASE WHEN strftime('%m', n.half) = '01' THEN '-H1' ELSE '-H2' END",
    },
}


# Posted and not reversed, or approved and waiting for its month's lock, as the month's rating counts it.
_HAS_VETO = (
    "(EXISTS (SELECT 1 FROM moral_bank_entry e WHERE e.account_id = NEW.account_id AND e.veto "
    "AND e.occurred_on >= NEW.half AND e.occurred_on < {half_end} "
    "AND NOT EXISTS (SELECT 1 FROM moral_bank_entry w WHERE w.reverses_id = e.id)) "
    "OR EXISTS (SELECT 1 FROM moral_bank_claim c JOIN moral_bank_deed d ON d.id = c.deed_id AND d.is_veto "
    "WHERE c.account_id = NEW.account_id AND c.state = 'approved' "
    "AND c.counts_on >= NEW.half AND c.counts_on < {half_end}))"
)
_NOT_BEGINNING = (
    "NEW.state <> 'nominated' OR NEW.judged_on IS NOT NULL OR NEW.notice_id IS NOT NULL OR NEW.decided_at IS NOT NULL "
    "OR NOT EXISTS (SELECT 1 FROM moral_bank_account a JOIN villages_household h ON h.id = a.household_id "
    "WHERE a.id = NEW.account_id AND h.village_id = NEW.village_id)"
)
_ILLEGAL = (
    "NEW.state <> OLD.state AND NOT ((OLD.state = 'nominated' AND NEW.state IN ('recommended', 'refused')) "
    "OR (OLD.state = 'recommended' AND NEW.state IN ('noticed', 'refused')) "
    "OR (OLD.state = 'noticed' AND NEW.state IN ('confirmed', 'refused')))"
)
_REWRITTEN = (
    changed("account_id", "village_id", "half", "nominated_by_id", "nominated_at")
    + " OR (OLD.state <> 'nominated' AND ("
    + changed(
        "source", "nominator", "story", "present", "votes_yes", "votes_no", "recused", "judged_on", "judged_by_id"
    )
    + "))"
)
_WRONG_NOTICE = (
    f"({changed('notice_id', 'notice_row')}) AND (NEW.state <> 'noticed' "
    "OR NOT EXISTS (SELECT 1 FROM disclosure_notice d WHERE d.id = NEW.notice_id AND d.kind = 'award' "
    "AND d.unit_id = NEW.village_id AND d.withdrawn_at IS NULL) "
    "OR EXISTS (SELECT 1 FROM disclosure_notice d WHERE d.id = OLD.notice_id AND d.withdrawn_at IS NULL))"
)
_TOO_EARLY = (
    "NEW.state = 'confirmed' AND (NOT EXISTS (SELECT 1 FROM disclosure_notice d WHERE d.id = NEW.notice_id "
    "AND d.withdrawn_at IS NULL AND d.closes_on < {decided_day}) "
    "OR EXISTS (SELECT 1 FROM disclosure_objection o WHERE o.notice_id = NEW.notice_id "
    "AND o.state IN ('open', 'upheld') AND (o.row_number IS NULL OR o.row_number = NEW.notice_row)))"
)
_HONOUR_UNFIT = (
    "NEW.revoked_on IS NOT NULL OR NOT (EXISTS (SELECT 1 FROM moral_bank_rating r "
    "JOIN moral_bank_closing c ON c.id = r.closing_id WHERE r.id = NEW.rating_id AND r.honoured "
    "AND c.kind = 'year' AND c.state = 'locked' AND r.account_id = NEW.account_id AND c.village_id = NEW.village_id "
    "AND NEW.period = {year}) "
    "OR EXISTS (SELECT 1 FROM moral_bank_nomination n WHERE n.id = NEW.nomination_id AND n.state = 'confirmed' "
    "AND n.account_id = NEW.account_id AND n.village_id = NEW.village_id AND NEW.period = {half}))"
)
_HONOUR_REWRITTEN = "OLD.revoked_on IS NOT NULL OR " + changed(
    "account_id", "village_id", "kind", "period", "number", "granted_on", "rating_id", "nomination_id"
)
_REMINDER_UNFIT = (
    "NOT EXISTS (SELECT 1 FROM moral_bank_rating r JOIN moral_bank_closing c ON c.id = r.closing_id "
    "WHERE r.id = NEW.rating_id AND r.stars = 0 AND c.kind = 'quarter' AND c.state = 'locked')"
)

_REMINDER_ELSEWHERE = (
    "NEW.township_id IS DISTINCT FROM (SELECT a.township_id FROM moral_bank_rating r "
    "JOIN moral_bank_account a ON a.id = r.account_id WHERE r.id = NEW.rating_id)"
)


GUARDS = [
    refuse("moral_bank_nomination_begins", "INSERT", NOMINATION, _NOT_BEGINNING, BEGINS),
    refuse("moral_bank_nomination_veto", "INSERT", NOMINATION, _HAS_VETO, VETO, _WORDS),
    refuse(
        "moral_bank_nomination_veto_later",
        "UPDATE",
        NOMINATION,
        f"NEW.state = 'confirmed' AND {_HAS_VETO}",
        VETO,
        _WORDS,
    ),
    refuse("moral_bank_nomination_steps", "UPDATE", NOMINATION, _ILLEGAL, STEPS),
    refuse("moral_bank_nomination_closed", "UPDATE", NOMINATION, "OLD.state IN ('confirmed', 'refused')", CLOSED),
    refuse("moral_bank_nomination_rewritten", "UPDATE", NOMINATION, _REWRITTEN, REWRITTEN),
    refuse("moral_bank_nomination_noticed", "UPDATE", NOMINATION, _WRONG_NOTICE, NOTICED),
    refuse("moral_bank_nomination_confirmed", "UPDATE", NOMINATION, _TOO_EARLY, CONFIRMED, _WORDS),
    refuse("moral_bank_nomination_kept", "DELETE", NOMINATION, "1 = 1", KEPT),
    refuse("moral_bank_honour_fits", "INSERT", HONOUR, _HONOUR_UNFIT, HONOUR_FITS, _WORDS),
    refuse("moral_bank_honour_frozen", "UPDATE", HONOUR, _HONOUR_REWRITTEN, HONOUR_FROZEN),
    refuse("moral_bank_honour_kept", "DELETE", HONOUR, "1 = 1", HONOUR_KEPT),
    refuse("moral_bank_reminder_fits", "INSERT", REMINDER, _REMINDER_UNFIT, REMINDER_FITS),
    refuse("moral_bank_reminder_of_township", "INSERT", REMINDER, _REMINDER_ELSEWHERE, "整改提醒的乡镇须是账户的乡镇"),
    *insert_only(REMINDER, REMINDERS),
]
