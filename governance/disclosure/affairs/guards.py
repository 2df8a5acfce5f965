"""What is disclosed is first looked at, and is not rewritten afterwards, in the databases' words (plan §三.1 依法公开)."""

from governance.guards import changed, refuse

BEGINS, STEPS = "公开内容须先拟稿，送审核后发布", "公开内容不能这样变更状态"
WRITTEN, KEPT = "送审以后的公开内容不能改动，要改请退回或更正", "已发布的公开内容不能改动或删除"
TURN, ANSWERED = "应公开事项的期限和首次公开日期不能改动", "质询和答复不能改动或删除"

_TABLE, _TURNS, _QUESTIONS = "disclosure_affair", "disclosure_affairturn", "disclosure_affairquestion"
_NEXT = {
    "draft": ("review",),
    "review": ("draft", "reviewed"),
    "reviewed": ("draft", "published"),
    "published": ("archived", "corrected", "withdrawn"),
    "archived": ("corrected", "withdrawn"),
}
_STEP = " OR ".join(
    f"(OLD.state = '{state}' AND NEW.state IN ({', '.join(repr(after) for after in states)}))" for state, states in _NEXT.items()
)
_CONTENT = changed(
    "turn_id", "version", "replaces_id", "title", "columns", "rows", "note", "source", "drafted_by_id", "drafted_at", "edited_by_id"
)
_SIGNED = changed("submitted_at", "reviewed_by_id", "reviewed_at", "opinion", "published_by_id", "published_at", "hangs_until")
_PUBLIC = "OLD.state IN ('published', 'archived', 'corrected', 'withdrawn')"
_TURN = changed("village_id", "kind_id", "period", "event", "begins_on", "due_on")
_ASKED = changed("affair_id", "number", "text", "received_at", "answer_by")
_ANSWER = changed("answer", "answered_by_id", "answered_at")

GUARDS = [
    refuse("disclosure_affair_begins", "INSERT", _TABLE, "NEW.state <> 'draft'", BEGINS),
    refuse("disclosure_affair_steps", "UPDATE", _TABLE, f"NEW.state <> OLD.state AND NOT ({_STEP})", STEPS),
    refuse("disclosure_affair_written", "UPDATE", _TABLE, f"OLD.state <> 'draft' AND ({_CONTENT})", WRITTEN),
    refuse("disclosure_affair_signed", "UPDATE", _TABLE, f"{_PUBLIC} AND ({_SIGNED})", KEPT),
    refuse("disclosure_affair_stays", "DELETE", _TABLE, "OLD.state <> 'draft'", KEPT),
    refuse("disclosure_affair_turn_kept", "UPDATE", _TURNS, f"{_TURN} OR (OLD.met_on IS NOT NULL AND ({changed('met_on')}))", TURN),
    refuse("disclosure_affair_turn_stays", "DELETE", _TURNS, "OLD.met_on IS NOT NULL", TURN),
    refuse(
        "disclosure_affair_question_kept", "UPDATE", _QUESTIONS, f"{_ASKED} OR (OLD.answered_at IS NOT NULL AND ({_ANSWER}))", ANSWERED
    ),
    refuse("disclosure_affair_question_stays", "DELETE", _QUESTIONS, "1 = 1", ANSWERED),
]
