"""What must never happen to an order, in the databases' words: its history or hours rewritten, hours counted twice or without service, more
people than were needed, somebody asked twice for the same time, a slip used twice, judged by who served (mission M29, M30)."""

from governance.guards import changed, insert_only, refuse
from villages.guards import TOWNSHIP_OF_VILLAGE

_ORDER, _OFFER, _RUN, _HOURS = "volunteers_serviceorder", "volunteers_offer", "volunteers_run", "volunteers_hours"
_VOLUNTEER = "volunteers_volunteer"

STEPS = "服务订单的办理记录只能增加，不能修改或删除"
HOURS = "服务时长只能增加或冲正，不能修改或删除"
FIXED = "订单的编号、乡镇、村、点单时间、人数和是否应急不能改动"
ELSEWHERE = "订单的村（社区）不在它的乡镇"
PUBLIC = "公开页面的点单须先回电核实，不接应急服务"
ENDED = "已完成、取消或中止的订单不能重开"
SERVED = "有人完成的订单才能评单，还有人在跑的订单不能结束"
JUDGED = "评单后不能改动，评单条只能用一次"
JUDGE = "参加服务的人和同户的人不能代评"
POINTS = "计分已定，不能改动"
KEPT = "服务订单、派单和跑单不能删除"
AGAIN = "同一时间不接的志愿者不再问"
CLOSED = "这个订单现在不能派单或接单"
ANSWERED = "已答复的派单不能改动"
PEOPLE = "接单的人已经够了"
UNASKED = "没有接单的派单，不能跑单"
RUN = "已结束的跑单不能改动"
ONCE = "这位志愿者这一单的时长已经记过"
OWN = "不能给自己家服务记单"
UNSERVED = "没有完成这一单的志愿者不能记时长"
REVERSAL = "冲正须与原记录完全相反"

_REOPENED = """NEW.state <> OLD.state AND (OLD.state IN ('judged', 'unrated', 'cancelled', 'aborted')
    OR (OLD.state = 'done' AND NEW.state NOT IN ('judged', 'unrated')))"""
_RUNS_LEFT = f"""NEW.state <> OLD.state AND NEW.state IN ('done', 'cancelled', 'aborted') AND (
    EXISTS (SELECT 1 FROM {_RUN} r WHERE r.order_id = NEW.id AND r.ended_at IS NULL)
    OR (NEW.state = 'done') <> EXISTS (SELECT 1 FROM {_RUN} r WHERE r.order_id = NEW.id AND r.outcome = 'done'))"""
_JUDGED_ANEW = (
    "OLD.state = 'judged' AND (" + changed("rating", "rating_words", "judged_how", "judged_at", "judged_by_id") + ")"
    " OR OLD.slip_used_at IS NOT NULL AND (" + changed("slip_used_at", "slip_hash") + ")"
)
_JUDGED_BY_RUNNER = f"""NEW.judged_by_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM {_RUN} r JOIN {_VOLUNTEER} v ON v.id = r.volunteer_id LEFT JOIN villages_resident theirs ON theirs.id = v.resident_id
     WHERE r.order_id = NEW.id AND (r.user_id = NEW.judged_by_id OR v.user_id = NEW.judged_by_id OR theirs.household_id IN (
        SELECT mine.household_id FROM villages_resident mine
         WHERE mine.id IN (SELECT p.resident_id FROM villages_post p WHERE p.user_id = NEW.judged_by_id)
            OR mine.id IN (SELECT w.resident_id FROM {_VOLUNTEER} w WHERE w.user_id = NEW.judged_by_id))))"""
_OPEN = f"(SELECT o.state FROM {_ORDER} o WHERE o.id = NEW.order_id)"
_ASKED_AGAIN = f"""EXISTS (SELECT 1 FROM {_OFFER} f WHERE f.order_id = NEW.order_id AND f.volunteer_id = NEW.volunteer_id
    AND f.state = 'declined' AND f.wanted_at IS NOT DISTINCT FROM NEW.wanted_at)"""
_TOO_MANY = f"""(SELECT COUNT(*) FROM {_RUN} r WHERE r.order_id = NEW.order_id AND (r.ended_at IS NULL OR r.outcome = 'done'))
    >= (SELECT o.people FROM {_ORDER} o WHERE o.id = NEW.order_id)"""
_UNASKED = f"""NOT EXISTS (SELECT 1 FROM {_OFFER} f
    WHERE f.order_id = NEW.order_id AND f.volunteer_id = NEW.volunteer_id AND f.state = 'accepted')"""
_OWN_HOUSEHOLD = f"""EXISTS (
    SELECT 1 FROM {_ORDER} o JOIN {_VOLUNTEER} v ON v.id = NEW.volunteer_id JOIN villages_resident r ON r.id = v.resident_id
     WHERE o.id = NEW.order_id AND o.household_id = r.household_id)"""
_COUNTED = f"""NEW.reverses_id IS NULL AND NEW.order_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM {_HOURS} h JOIN {_VOLUNTEER} v ON v.id = h.volunteer_id JOIN {_VOLUNTEER} w ON w.id = NEW.volunteer_id
     WHERE h.order_id = NEW.order_id AND (v.id = w.id OR v.resident_id = w.resident_id OR (v.id_hash <> '' AND v.id_hash = w.id_hash))
       AND h.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM {_HOURS} b WHERE b.reverses_id = h.id))"""
_UNSERVED = f"""NEW.reverses_id IS NULL AND NEW.order_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM {_RUN} r WHERE r.order_id = NEW.order_id AND r.volunteer_id = NEW.volunteer_id AND r.outcome = 'done')"""
_NO_OPPOSITE = f"""NEW.reverses_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM {_HOURS} h WHERE h.id = NEW.reverses_id AND h.reverses_id IS NULL AND h.minutes = -NEW.minutes
       AND h.volunteer_id = NEW.volunteer_id AND h.village_id = NEW.village_id AND h.served_on = NEW.served_on
       AND h.order_id IS NOT DISTINCT FROM NEW.order_id)"""

GUARDS = [
    *insert_only("volunteers_servicestep", STEPS),
    *insert_only(_HOURS, HOURS),
    refuse(
        "service_order_fixed",
        "UPDATE",
        _ORDER,
        changed("number", "township_id", "village_id", "asked_at", "logged_at", "logged_by_id", "source", "people", "is_emergency"),
        FIXED,
    ),
    refuse("service_order_of_township", "INSERT", _ORDER, TOWNSHIP_OF_VILLAGE, ELSEWHERE),
    refuse(
        "service_order_public",
        "INSERT",
        _ORDER,
        "(NEW.source = 'public' OR NEW.logged_by_id IS NULL) AND (NEW.is_emergency OR NEW.state <> 'callback')",
        PUBLIC,
    ),
    refuse("service_order_ended", "UPDATE OF state", _ORDER, _REOPENED, ENDED),
    refuse("service_order_served", "UPDATE OF state", _ORDER, _RUNS_LEFT, SERVED),
    refuse("service_order_judged", "UPDATE", _ORDER, _JUDGED_ANEW, JUDGED),
    refuse("service_order_judge", "UPDATE OF judged_by_id", _ORDER, _JUDGED_BY_RUNNER, JUDGE),
    refuse(
        "service_order_points",
        "UPDATE",
        _ORDER,
        "OLD.points IN ('released', 'withheld') AND (" + changed("points", "points_reason") + ")",
        POINTS,
    ),
    refuse("service_order_kept", "DELETE", _ORDER, "1 = 1", KEPT),
    refuse("offer_not_again", "INSERT", _OFFER, _ASKED_AGAIN, AGAIN),
    refuse("offer_of_open_order", "INSERT", _OFFER, f"{_OPEN} NOT IN ('asked', 'offered', 'accepted', 'on_way', 'arrived')", CLOSED),
    refuse("offer_answered", "UPDATE", _OFFER, "OLD.state <> 'asked' OR " + changed("order_id", "volunteer_id", "wanted_at"), ANSWERED),
    refuse("offer_kept", "DELETE", _OFFER, "1 = 1", KEPT),
    refuse("run_within_people", "INSERT", _RUN, _TOO_MANY, PEOPLE),
    refuse("run_of_open_order", "INSERT", _RUN, f"{_OPEN} NOT IN ('offered', 'accepted', 'on_way', 'arrived')", CLOSED),
    refuse("run_after_offer", "INSERT", _RUN, _UNASKED, UNASKED),
    refuse("run_for_others", "INSERT", _RUN, _OWN_HOUSEHOLD, OWN),
    refuse("run_ended", "UPDATE", _RUN, "OLD.ended_at IS NOT NULL OR " + changed("order_id", "volunteer_id", "user_id"), RUN),
    refuse("run_kept", "DELETE", _RUN, "1 = 1", KEPT),
    refuse("hours_once", "INSERT", _HOURS, _COUNTED, ONCE),
    refuse("hours_of_done_run", "INSERT", _HOURS, _UNSERVED, UNSERVED),
    refuse("hours_opposite", "INSERT", _HOURS, _NO_OPPOSITE, REVERSAL),
]
