"""For each guard of the ledger the statements that it refuses; `{name}` is a row of `guard_world.World`.

Constraints are tried with all triggers off, a trigger with the other triggers of its table off, so that only the guard in question
decides. `before` is done past all guards.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Case:
    statement: str
    before: str = ""


def copy(table: str, row: str, where: str = "id", **changes: str) -> str:
    """INSERT of a row like the one that `{row}` names, with other values (SQL) in some columns."""
    return f"COPY {table} {where}={{{row}}} {'|'.join(f'{name}:={value}' for name, value in changes.items())}"


def sql(statement: str, ids: dict[str, object]) -> str:
    """The statement with the rows' ids put in and `COPY` written out."""
    filled = statement.format(**ids)
    if not filled.startswith("COPY "):
        return filled.replace("@", "moral_bank_")
    _, table, where, *rest = filled.split(" ", 3)
    return like(table, where, dict(part.split(":=", 1) for part in rest[0].split("|")))


def like(table: str, where: str, changes: dict[str, str]) -> str:
    """The INSERT that `copy` stands for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "AND attname <> 'id' ORDER BY attnum",
            [f"moral_bank_{table}"],
        )
        columns = [name for (name,) in cursor.fetchall()]
    assert set(changes) <= {column.strip('"') for column in columns}, changes
    values = [changes.get(column.strip('"'), column) for column in columns]
    chosen = f"INSERT INTO @{table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM @{table}"
    return f"{chosen} WHERE {where}".replace("@", "moral_bank_")


CHECKS = {
    "account_not_overdrawn": "UPDATE @account SET balance = -1 WHERE id = {account}",
    "appeal_against_one_thing": "UPDATE @appeal SET claim_id = NULL WHERE id = {appeal}",
    "appeal_closed_with_answer": "UPDATE @appeal SET answer = '' WHERE id = {answered}",
    "chain_link_from_one": "UPDATE @chainlink SET position = 0 WHERE id = {link}",
    "claim_brought_verified": "UPDATE @claim SET source = 'service' WHERE id = {declared}",
    "claim_quantity_positive": "UPDATE @claim SET quantity = 0 WHERE id = {declared}",
    "claim_state_fits": "UPDATE @claim SET state = 'approved' WHERE id = {declared}",
    "claim_verified_by_another": "UPDATE @claim SET decided_by_id = declared_by_id WHERE id = {verified}",
    "claim_written_down_with_consent": "UPDATE @claim SET source = 'household' WHERE id = {declared}",
    "closing_computed_by_rules": "UPDATE @closing SET rule_set_id = NULL WHERE id = {computed}",
    "closing_locked_at": "UPDATE @closing SET locked_at = NULL WHERE id = {locked}",
    "closing_noticed_before_lock": "UPDATE @closing SET notice_id = NULL WHERE id = {noticed}",
    "deed_loss_takes_no_points": "UPDATE @deed SET score = -1 WHERE id = {s1}",
    "deed_quantity_of_fixed": "UPDATE @deed SET by_quantity = true WHERE id = {j1}",
    "deed_range_ascends": "UPDATE @deed SET score_high = score WHERE id = {j1}",
    "deed_score_not_zero": "UPDATE @deed SET score = 0, points = 0 WHERE id = {s1}",
    "entry_deed_has_head": "UPDATE @entry SET deed_id = NULL WHERE id = {entry}",
    "entry_month_is_of_day": "UPDATE @entry SET month = '2026-02-01' WHERE id = {entry}",
    "entry_moves_something": "UPDATE @entry SET score = 0, points = 0 WHERE id = {entry}",
    "entry_spending_scores_nothing": "UPDATE @entry SET score = 1 WHERE id = {spending}",
    "expiry_after_earning": "UPDATE @expiry SET earned_until = expires_on WHERE id = {expiry}",
    "expiry_cancelled_with_reason": "UPDATE @expiry SET cancelled_at = decided_at WHERE id = {expiry}",
    "expiry_done_or_cancelled": "UPDATE @expiry SET cancelled_at = done_at, reason = 'x' WHERE id = {done_expiry}",
    "fund_move_sign": "UPDATE @fundmove SET cents = -1 WHERE id = {fund}",
    "honour_has_its_reason": "UPDATE @honour SET kind = 'year' WHERE id = {family}",
    "honour_revoked_with_reason": "UPDATE @honour SET revoked_on = '2026-04-01' WHERE id = {family}",
    "item_not_oversold": "UPDATE @item SET stock = -1 WHERE id = {soap}",
    "item_price_positive": "UPDATE @item SET points = 0 WHERE id = {soap}",
    "judgement_refusal_has_reason": "UPDATE @judgement SET approved = false WHERE id = {judgement}",
    "judgement_two_rounds_at_most": "UPDATE @judgement SET round = 3 WHERE id = {judgement}",
    "lot_not_oversold": "UPDATE @lot SET stock = -1 WHERE id = {early}",
    "move_difference_explained": "UPDATE @move SET reason = '' WHERE id = {counted}",
    "move_of_a_redemption": "UPDATE @move SET redemption_id = NULL WHERE id = {out}",
    "move_of_a_stock_take": "UPDATE @move SET stock_take_id = NULL WHERE id = {counted}",
    "move_sign": "UPDATE @move SET quantity = 1 WHERE id = {out}",
    "nomination_confirmed_by_another": "UPDATE @nomination SET decided_by_id = nominated_by_id WHERE id = {confirmed}",
    "nomination_half_begins": "UPDATE @nomination SET half = '2026-02-01' WHERE id = {nominated}",
    "nomination_judged": "UPDATE @nomination SET judged_on = NULL WHERE id = {recommended}",
    "nomination_noticed_before_confirmed": "UPDATE @nomination SET notice_id = NULL WHERE id = {shown}",
    "nomination_votes_of_present": "UPDATE @nomination SET present = 3, votes_yes = 2, votes_no = 5 WHERE id = {nominated}",
    "panel_member_term": "UPDATE @panelmember SET ended_on = '2000-01-01' WHERE id = {member}",
    "passbook_revoked_with_reason": "UPDATE @passbook SET reason = '' WHERE id = {revoked}",
    "proxy_term": "UPDATE @proxy SET ended_on = '2000-01-01' WHERE id = {proxy}",
    "rating_score_in_range": "UPDATE @rating SET score = 101 WHERE id = {rating}",
    "rating_stars_known": "UPDATE @rating SET stars = 1 WHERE id = {rating}",
    "rating_veto_takes_stars": "UPDATE @rating SET vetoed = true WHERE id = {honoured}",
    "redemption_end_has_reason": "UPDATE @redemption SET reason = '' WHERE id = {back}",
    "redemption_handed_by_another": "UPDATE @redemption SET handed_by_id = held_by_id WHERE id = {done}",
    "redemption_handed_fits": "UPDATE @redemption SET collector = '' WHERE id = {done}",
    "rule_head_base_within_maximum": "UPDATE @rulehead SET base = maximum + 1 WHERE id = {head}",
    "rule_set_floor_reachable": "UPDATE @ruleset SET year_floor = 101 WHERE id = {draft}",
    "rule_set_percent_and_days": "UPDATE @ruleset SET notice_days = 0 WHERE id = {draft}",
    "rule_set_stars_descend": "UPDATE @ruleset SET five_star = four_star WHERE id = {draft}",
    "shop_settings_positive": "UPDATE @shop SET hold_days = 61 WHERE id = {shop}",
    "stock_count_explained": "UPDATE @stockcount SET reason = '' WHERE id = {count}",
    "vote_recusal_has_reason": "UPDATE @vote SET choice = 'recused' WHERE id = {vote}",
}

NEW = {"code": "'000000'"}
CONFIRM = "state = 'confirmed', decided_by_id = {staff}, decided_at = '2026-04-05'"
NEW_ACCOUNT = (
    "INSERT INTO @account (household_id, township_id, balance, opened_on) VALUES ({stranger}, {township}, 0, '2026-03-01')"
)

TRIGGERS: dict[str, list[Case]] = {
    "account_keeps_township": [Case("UPDATE @account SET township_id = {village} WHERE id = {account}")],
    "account_of_township": [Case(NEW_ACCOUNT.replace("{township}", "{village}"))],
    "claim_keeps_township": [Case("UPDATE @claim SET township_id = {village} WHERE id = {declared}")],
    "claim_of_township": [Case(copy("claim", "declared", township_id="{village}"))],
    "entry_of_township": [Case(copy("entry", "entry", source_key="'elsewhere'", township_id="{village}"))],
    "moral_bank_account_balance": [Case("UPDATE @account SET balance = balance + 1 WHERE id = {account}")],
    "moral_bank_account_opening": [Case(NEW_ACCOUNT.replace(" 0,", " 5,"))],
    "appeal_by_others": [
        Case("UPDATE @appeal SET state = 'upheld', answer = 'x', answered_by_id = {clerk}, answered_at = now() WHERE id = {appeal}")
    ],
    "appeal_final": [
        Case("UPDATE @appeal SET answer = 'x' WHERE id = {answered}"),
        Case("UPDATE @appeal SET text = 'x' WHERE id = {appeal}"),
    ],
    "appeal_of_township": [Case(copy("appeal", "appeal", claim_id="{refused}", township_id="{village}"))],
    "appeal_kept": [Case("DELETE FROM @appeal WHERE id = {appeal}")],
    "appeal_starts": [Case(copy("appeal", "appeal", claim_id="{verified}"))],
    "claim_brought": [Case(copy("claim", "verified", decided_by_id="NULL"))],
    "claim_decided": [
        Case("UPDATE @claim SET state = 'verified', decided_at = now() WHERE id = {declared}"),
        Case("UPDATE @claim SET source = 'service', row_key = gen_random_uuid() WHERE id = {verified}"),
    ],
    "claim_frozen": [Case("UPDATE @claim SET score = 4 WHERE id = {approved}")],
    "claim_judged": [Case("UPDATE @claim SET state = 'approved', counts_on = '2026-03-01' WHERE id = {verified}")],
    "claim_kept": [Case("DELETE FROM @claim WHERE id = {declared}")],
    "claim_month_open": [Case("UPDATE @claim SET state = 'approved' WHERE id = {late_claim}")],
    "claim_posted": [Case("UPDATE @claim SET state = 'posted', entry_id = {spending} WHERE id = {approved}")],
    "claim_starts": [Case(copy("claim", "approved", note="'new'"))],
    "claim_steps": [Case("UPDATE @claim SET state = 'declared' WHERE id = {verified}")],
    "closing_leaves_no_claim": [Case("UPDATE @closing SET state = 'locked', locked_at = now() WHERE id = {noticed}")],
    "moral_bank_closing_guard": [
        Case("UPDATE @closing SET entry_count = 9 WHERE id = {locked}"),
        Case(
            "DELETE FROM @closing WHERE id = {locked}",
            "UPDATE @claim SET closing_id = NULL WHERE closing_id = {locked}",
        ),
    ],
    "moral_bank_deed_guard": [
        Case("UPDATE @deed SET points = 4 WHERE id = {s1}"),
        Case(copy("deed", "s1", code="'S9'")),
        Case("DELETE FROM @deed WHERE code = 'V1' AND rule_set_id = {rules}"),
    ],
    "moral_bank_entry_cap": [
        Case(copy("entry", "entry", source_key="'new'"), "UPDATE @deed SET cap_month = 1 WHERE id = {s1}")
    ],
    "moral_bank_entry_post": [
        Case(copy("entry", "entry", source_key="'new'", occurred_on="'2026-01-05'", month="'2026-01-01'")),
        Case(copy("entry", "entry", source_key="'new'", score="-score", points="-points + 1", reverses_id="id")),
        Case(copy("entry", "spending", source_key="'new'", points="-1000")),
    ],
    "moral_bank_entry_redeemed": [
        Case(copy("entry", "spending", source_key="'new'", points="-points", reverses_id="id"))
    ],
    "moral_bank_entry_within_cover": [
        Case(
            copy("entry", "entry", source_key="'new'"),
            "UPDATE @fundmove SET cents = sign(cents); UPDATE @lot SET unit_cents = 0",
        )
    ],
    "expiry_announced": [Case(copy("expiry", "expiry", expires_on="'2026-04-10'", notice_id="{other_notice}"))],
    "expiry_frozen": [Case("UPDATE @expiry SET basis = 'x' WHERE id = {expiry}")],
    "expiry_kept": [Case("DELETE FROM @expiry WHERE id = {expiry}")],
    "expiry_settled": [Case(copy("expiry", "expiry", expires_on="'2026-05-30'", earned_until="'2026-04-20'", notice_id="{other_notice}"))],
    "expiry_not_early": [Case("UPDATE @expiry SET done_at = '2026-05-01' WHERE id = {expiry}")],
    "moral_bank_fund_guard": [Case(copy("fundmove", "fund", source_key="'new'", kind="'out'", cents="-99999999"))],
    "moral_bank_honour_fits": [
        Case(copy("honour", "family", nomination_id="{showing}", number="'A9'", period="'2024-H2'"))
    ],
    "moral_bank_honour_frozen": [Case("UPDATE @honour SET number = 'B1' WHERE id = {family}")],
    "moral_bank_honour_kept": [Case("DELETE FROM @honour WHERE id = {family}")],
    "moral_bank_item_empty": [Case(copy("item", "soap", name="'x'"))],
    "moral_bank_item_of_shop": [
        Case(
            "UPDATE @item SET shop_id = (SELECT max(id) FROM @shop) WHERE id = {soap}",
            "INSERT INTO @shop (village_id, name, place, hours, cents_per_point, hold_days, is_open) "
            "VALUES ({other}, 'x', '', '', 1, 1, true)",
        )
    ],
    "moral_bank_item_stock": [Case("UPDATE @item SET stock = stock + 1 WHERE id = {soap}")],
    "judgement_in_time": [Case(copy("judgement", "old", round="2"))],
    "moral_bank_lot_empty": [Case(copy("lot", "early", number="'new'"))],
    "moral_bank_lot_frozen": [Case("UPDATE @lot SET unit_cents = 1 WHERE id = {early}")],
    "moral_bank_lot_stock": [Case("UPDATE @lot SET stock = stock + 1 WHERE id = {early}")],
    "moral_bank_move_of_count": [Case(copy("move", "counted", source_key="'new'", lot_id="{late}"))],
    "moral_bank_move_of_lot": [Case(copy("move", "received", source_key="'new'", item_id="{oil}"))],
    "moral_bank_move_of_redemption": [Case(copy("move", "out", source_key="'new'"))],
    "moral_bank_move_of_township": [Case(copy("move", "received", source_key="'new'", township_id="{village}"))],
    "moral_bank_move_stock": [
        Case(copy("move", "received", source_key="'new'", kind="'scrapped'", quantity="-1000", reason="'x'"))
    ],
    "moral_bank_nomination_begins": [Case(copy("nomination", "recommended", half="'2022-01-01'"))],
    "moral_bank_nomination_veto": [
        Case(
            copy("nomination", "nominated", account_id="{poor}"),
            "UPDATE @entry SET veto = true WHERE account_id = {poor}",
        ),
        Case(
            copy("nomination", "nominated", account_id="{poor}"),
            "UPDATE @deed SET is_veto = true WHERE id = {s1}; UPDATE @claim SET account_id = {poor} WHERE id = {approved}",
        ),
    ],
    "moral_bank_nomination_veto_later": [
        Case(
            f"UPDATE @nomination SET {CONFIRM} WHERE id = {{shown}}",
            "UPDATE @entry SET veto = true, occurred_on = '2025-03-03', month = '2025-03-01' WHERE id = {entry}",
        ),
        Case(
            f"UPDATE @nomination SET {CONFIRM} WHERE id = {{shown}}",
            "UPDATE @deed SET is_veto = true WHERE id = {s1}; "
            "UPDATE @claim SET occurred_on = '2025-03-03', counts_on = '2025-03-03' WHERE id = {approved}",
        ),
    ],
    "moral_bank_nomination_steps": [Case("UPDATE @nomination SET state = 'nominated' WHERE id = {recommended}")],
    "moral_bank_nomination_closed": [Case("UPDATE @nomination SET story = 'x' WHERE id = {confirmed}")],
    "moral_bank_nomination_rewritten": [Case("UPDATE @nomination SET half = '2022-01-01' WHERE id = {nominated}")],
    "moral_bank_nomination_noticed": [
        Case(
            "UPDATE @nomination SET state = 'noticed', notice_row = 1, notice_id = {other_notice} WHERE id = {recommended}"
        )
    ],
    "moral_bank_nomination_confirmed": [Case(f"UPDATE @nomination SET {CONFIRM} WHERE id = {{showing}}")],
    "moral_bank_nomination_kept": [Case("DELETE FROM @nomination WHERE id = {nominated}")],
    "panel_member_same": [Case("UPDATE @panelmember SET appointed_on = '2021-01-01' WHERE id = {member}")],
    "passbook_frozen": [
        Case("UPDATE @passbook SET nonce = 'm' WHERE id = {passbook}"),
        Case("UPDATE @passbook SET township_id = {village} WHERE id = {passbook}"),
        Case("UPDATE @passbook SET reason = 'x' WHERE id = {revoked}"),
    ],
    "passbook_of_township": [Case(copy("passbook", "revoked", token_hash="'c'", township_id="{village}"))],
    "passbook_kept": [Case("DELETE FROM @passbook WHERE id = {passbook}")],
    "proxy_frozen": [
        Case("UPDATE @proxy SET name = 'x' WHERE id = {proxy}"),
        Case("UPDATE @proxy SET ended_on = NULL WHERE id = {ended_proxy}"),
    ],
    "proxy_kept": [Case("DELETE FROM @proxy WHERE id = {proxy}")],
    "moral_bank_rating_delete": [Case("DELETE FROM @rating WHERE id = {plain}")],
    "moral_bank_rating_insert": [Case(copy("rating", "plain", closing_id="{locked}"))],
    "moral_bank_rating_update": [Case("UPDATE @rating SET score = 1 WHERE id = {plain}")],
    "moral_bank_redemption_at_home": [
        Case(
            copy("redemption", "held", account_id="(SELECT max(id) FROM @account)", entry_id="{entry}", **NEW), NEW_ACCOUNT
        )
    ],
    "moral_bank_redemption_begins": [Case(copy("redemption", "done", entry_id="{entry}", **NEW))],
    "moral_bank_redemption_frozen": [
        Case("UPDATE @redemption SET code = '000000' WHERE id = {held}"),
        Case("UPDATE @redemption SET township_id = {village} WHERE id = {held}"),
    ],
    "moral_bank_redemption_kept": [
        Case("DELETE FROM @redemption WHERE id = {back}", "DELETE FROM @move WHERE redemption_id = {back}")
    ],
    "moral_bank_redemption_of_township": [Case(copy("redemption", "held", township_id="{village}", entry_id="{entry}", **NEW))],
    "moral_bank_redemption_paid": [Case(copy("redemption", "held", entry_id="{entry}", **NEW))],
    "moral_bank_redemption_priced": [Case(copy("redemption", "held", entry_id="{entry}", points="points + 1", **NEW))],
    "moral_bank_redemption_settled": [
        Case(
            "UPDATE @redemption SET state = 'done', handed_by_id = {second}, handed_at = now(), collector = 'x' WHERE id = {held}",
            "DELETE FROM @move WHERE redemption_id = {held}",
        )
    ],
    "moral_bank_redemption_steps": [
        Case("UPDATE @redemption SET state = 'held', handed_by_id = NULL, handed_at = NULL, collector = '' WHERE id = {done}")
    ],
    "moral_bank_reminder_fits": [Case(copy("reminder", "reminder", rating_id="{plain}"))],
    "moral_bank_reminder_of_township": [Case(copy("reminder", "reminder", rating_id="{plain}", township_id="{village}"))],
    "moral_bank_rulehead_guard": [Case("UPDATE @rulehead SET base = 0 WHERE id = {head}")],
    "moral_bank_rule_set_guard": [
        Case("UPDATE @ruleset SET name = 'x' WHERE id = {rules}"),
    ],
    "moral_bank_shop_of_village": [Case("UPDATE @shop SET village_id = {other} WHERE id = {shop}")],
    "sitting_of_own_panel": [
        Case("INSERT INTO @sitting_members (sitting_id, panelmember_id) VALUES ({fresh}, {outside})")
    ],
    "moral_bank_stocktake_witness": [Case(copy("stocktake", "take", witness_account_id="by_id"))],
    "moral_bank_stockcount_of_lot": [Case(copy("stockcount", "count", lot_id="{late}", expected="1", counted="1"))],
    "vote_in_time": [Case(copy("vote", "vote", judgement_id="{old}"))],
    "vote_of_kin": [Case(copy("vote", "vote", member_id="{kin}"))],
    "vote_once_per_person": [Case(copy("vote", "vote", member_id="{again}"))],
    "vote_of_present": [Case(copy("vote", "vote", member_id="{absent}"))],
}
