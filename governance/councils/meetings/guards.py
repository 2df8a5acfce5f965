"""What meetings never do, in the databases' words: nothing of a confirmed one changes, its figures are those of its rows."""

from governance.guards import changed, insert_only, refuse, shut

PLACE = "会议的地方须是议事组织的地方"
WAY = "会议须先记录，再由别人确认，再归档"
CAME = "会议已经办出了事，不能作废"
KEPT = "已确认、归档或取消的会议不能再改"
FIGURES = "应到、实到人数须与到会登记一致"
FITS = "到会的须是这个组织的成员、任职的人或这里的户"
TASK = "办结的会议任务不能再改"
MADE = "会议形成的事只增不改"

_KEPT_STATES = "('confirmed', 'filed')"
_RECORD = changed(
    "body_id", "unit_id", "village_id", "topic", "on", "time", "place", "base", "afterwards", "write_by", "noticed_on",
    "called_by_id", "called_at",
    "entitled", "present", "guests", "minutes", "minuted_by_id", "minuted_at", "confirmed_by_id", "confirmed_at",
).replace('NEW.on ', 'NEW."on" ').replace("OLD.on ", 'OLD."on" ')  # fmt: skip
_WORDS = f"({_RECORD} OR {changed('end_reason')})"
_VOIDED = "OLD.state = 'confirmed' AND NEW.state = 'cancelled'"


def _closed(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM councils_meeting m WHERE m.id = {row}.meeting_id"
        " AND m.state IN ('confirmed', 'filed', 'cancelled'))"
    )


GUARDS = [
    *(
        refuse(
            f"meeting_place_{event.lower()}",
            event,
            "councils_meeting",
            "NOT EXISTS (SELECT 1 FROM councils_body b WHERE b.id = NEW.body_id AND b.unit_id = NEW.unit_id"
            " AND b.village_id = NEW.village_id)",
            PLACE,
        )
        for event in ("INSERT", "UPDATE")
    ),
    refuse("meeting_begins", "INSERT", "councils_meeting", f"NEW.state IN {_KEPT_STATES}", WAY),
    refuse(
        "meeting_way",
        "UPDATE",
        "councils_meeting",
        "(NEW.state = 'confirmed' AND OLD.state NOT IN ('minuted', 'confirmed'))"
        " OR (NEW.state = 'filed' AND OLD.state NOT IN ('confirmed', 'filed'))",
        WAY,
    ),
    refuse(
        "meeting_kept",
        "UPDATE",
        "councils_meeting",
        f"(OLD.state IN {_KEPT_STATES} AND NOT ({_VOIDED}) AND (NEW.state NOT IN {_KEPT_STATES}"
        f" OR (OLD.state = 'filed' AND NEW.state <> 'filed') OR {_WORDS}))"
        f" OR ({_VOIDED} AND ({_RECORD})) OR (OLD.state = 'cancelled' AND (NEW.state <> 'cancelled' OR {_WORDS}))",
        KEPT,
    ),
    refuse(
        "meeting_void",
        "UPDATE",
        "councils_meeting",
        "NEW.state = 'cancelled' AND OLD.state IN ('minuted', 'confirmed')"
        " AND (EXISTS (SELECT 1 FROM councils_outcome o WHERE o.meeting_id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM councils_gaterecord r WHERE r.meeting_id = NEW.id)"
        " OR EXISTS (SELECT 1 FROM councils_task t JOIN councils_item i ON i.id = t.item_id"
        " WHERE i.meeting_id = NEW.id AND t.state <> 'dropped'))",
        CAME,
    ),
    refuse("meeting_stays", "DELETE", "councils_meeting", f"OLD.state IN {_KEPT_STATES}", KEPT),
    refuse(
        "meeting_figures",
        "UPDATE",
        "councils_meeting",
        "NEW.state = 'confirmed' AND OLD.state <> 'confirmed' AND NEW.base NOT IN ('voters', 'homes')"
        " AND (NEW.entitled <> (SELECT COUNT(*) FROM councils_attendance a WHERE a.meeting_id = NEW.id)"
        " OR NEW.present <> (SELECT COUNT(*) FROM councils_attendance a WHERE a.meeting_id = NEW.id AND a.status = 'present'))",
        FIGURES,
    ),
    *shut("meeting_attendance", "councils_attendance", _closed, KEPT),
    *shut("meeting_items", "councils_item", _closed, KEPT),
    *(
        refuse(
            f"attendance_fits_{event.lower()}",
            event,
            "councils_attendance",
            "NOT EXISTS (SELECT 1 FROM councils_meeting m WHERE m.id = NEW.meeting_id AND ("
            "EXISTS (SELECT 1 FROM councils_seat s WHERE s.id = NEW.seat_id AND s.body_id = m.body_id)"
            " OR EXISTS (SELECT 1 FROM villages_post p WHERE p.id = NEW.post_id AND p.unit_id = m.village_id)"
            " OR EXISTS (SELECT 1 FROM villages_household h WHERE h.id = NEW.household_id AND h.village_id = m.village_id)))",
            FITS,
        )
        for event in ("INSERT", "UPDATE")
    ),
    refuse("council_task_kept", "UPDATE", "councils_task", "OLD.state <> 'open'", TASK),
    refuse("council_task_stays", "DELETE", "councils_task", "OLD.state <> 'open'", TASK),
    *insert_only("councils_outcome", MADE),
]
