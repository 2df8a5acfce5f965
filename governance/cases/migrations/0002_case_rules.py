"""What must never happen to a case, in the databases' words (plan §四.3 首问负责、限时办结; §三.3 回访; docs/decisions/0009-cases.md)."""

from django.db import migrations

from governance.engines import EngineSQL, insert_only

RECEIVER = "首问责任人、编号和登记时间一经登记不能改动"
CLOCK = "全程限时的起点只能由重开改变"
VISITS = "还有回访未完成，不能归档"
FILED = "已归档的事项不能再加回访"
KIN = "调解员是当事人本人、同户亲属或应当回避，不能调解"

_OPEN_VISIT = "EXISTS (SELECT 1 FROM cases_returnvisit v WHERE v.case_id = NEW.id AND v.state = 'open')"
_FIXED = ("first_receiver_id", "number", "kind", "township_id", "logged_at")

# A post's person or their household among the parties, or a recusal said for this dispute.
_KIN = """
    EXISTS (SELECT 1 FROM cases_party p
              JOIN villages_resident r ON r.id = p.resident_id
              JOIN villages_post o ON o.id = {post}
              JOIN villages_resident m ON m.id = o.resident_id
             WHERE p.dispute_id = {dispute} AND m.household_id = r.household_id)
    OR EXISTS (SELECT 1 FROM cases_recusal c WHERE c.dispute_id = {dispute} AND c.post_id = {post})
"""
_PARTY_KIN = """
    EXISTS (SELECT 1 FROM cases_dispute d
              JOIN villages_post o ON o.id = d.mediator_id
              JOIN villages_resident m ON m.id = o.resident_id
              JOIN villages_resident r ON r.household_id = m.household_id
             WHERE d.id = NEW.dispute_id AND r.id = NEW.resident_id)
"""
_RECUSED = "EXISTS (SELECT 1 FROM cases_dispute d WHERE d.id = NEW.dispute_id AND d.mediator_id = NEW.post_id)"
_CASE_FILED = "EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.state = 'filed')"


def _raise(message: str, constraint: str) -> str:
    return f"RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = 'check_violation', CONSTRAINT = '{constraint}';"


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$"


POSTGRESQL = (
    _function(
        "cases_case_guard",
        f"""
    IF ({" OR ".join(f"NEW.{field} <> OLD.{field}" for field in _FIXED)}) THEN {_raise(RECEIVER, "case_receiver_once")} END IF;
    IF NEW.round < OLD.round OR (NEW.round = OLD.round AND NEW.round_at <> OLD.round_at) THEN
        {_raise(CLOCK, "case_clock_kept")} END IF;
    IF NEW.state = 'filed' AND OLD.state <> 'filed' AND {_OPEN_VISIT} THEN {_raise(VISITS, "case_visits_done")} END IF;
""",
    ),
    "CREATE TRIGGER cases_case_guard BEFORE UPDATE ON cases_case FOR EACH ROW EXECUTE FUNCTION cases_case_guard()",
    _function(
        "cases_mediator_guard",
        f"IF NEW.mediator_id IS NOT NULL AND ({_KIN.format(post='NEW.mediator_id', dispute='NEW.id')}) "
        f"THEN {_raise(KIN, 'mediator_not_kin')} END IF;",
    ),
    "CREATE TRIGGER cases_mediator_guard BEFORE INSERT OR UPDATE OF mediator_id ON cases_dispute "
    "FOR EACH ROW EXECUTE FUNCTION cases_mediator_guard()",
    _function("cases_party_guard", f"IF {_PARTY_KIN} THEN {_raise(KIN, 'mediator_not_kin')} END IF;"),
    "CREATE TRIGGER cases_party_guard BEFORE INSERT OR UPDATE ON cases_party "
    "FOR EACH ROW EXECUTE FUNCTION cases_party_guard()",
    _function("cases_recusal_guard", f"IF {_RECUSED} THEN {_raise(KIN, 'mediator_not_kin')} END IF;"),
    "CREATE TRIGGER cases_recusal_guard BEFORE INSERT OR UPDATE ON cases_recusal "
    "FOR EACH ROW EXECUTE FUNCTION cases_recusal_guard()",
    _function(
        "cases_visit_guard",
        f"IF NEW.state = 'open' AND {_CASE_FILED} THEN {_raise(FILED, 'return_visit_before_filing')} END IF;",
    ),
    "CREATE TRIGGER cases_visit_guard BEFORE INSERT OR UPDATE ON cases_returnvisit "
    "FOR EACH ROW EXECUTE FUNCTION cases_visit_guard()",
)
_FUNCTIONS = ("case", "mediator", "party", "recusal", "visit")


def _sqlite(name: str, event: str, table: str, condition: str, message: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"


_KIN_LITE = f"NEW.mediator_id IS NOT NULL AND ({_KIN.format(post='NEW.mediator_id', dispute='NEW.id')})"
_SQLITE = {
    "cases_case_receiver": (
        "UPDATE", "cases_case", " OR ".join(f"NEW.{field} <> OLD.{field}" for field in _FIXED), RECEIVER
    ),
    "cases_case_clock": (
        "UPDATE", "cases_case", "NEW.round < OLD.round OR (NEW.round = OLD.round AND NEW.round_at <> OLD.round_at)", CLOCK
    ),
    "cases_case_visits": (
        "UPDATE", "cases_case", f"NEW.state = 'filed' AND OLD.state <> 'filed' AND {_OPEN_VISIT}", VISITS
    ),
    "cases_mediator_insert": ("INSERT", "cases_dispute", _KIN_LITE, KIN),
    "cases_mediator_update": ("UPDATE OF mediator_id", "cases_dispute", _KIN_LITE, KIN),
    "cases_party_insert": ("INSERT", "cases_party", _PARTY_KIN, KIN),
    "cases_party_update": ("UPDATE", "cases_party", _PARTY_KIN, KIN),
    "cases_recusal_insert": ("INSERT", "cases_recusal", _RECUSED, KIN),
    "cases_recusal_update": ("UPDATE", "cases_recusal", _RECUSED, KIN),
    "cases_visit_insert": ("INSERT", "cases_returnvisit", f"NEW.state = 'open' AND {_CASE_FILED}", FILED),
    "cases_visit_update": ("UPDATE", "cases_returnvisit", f"NEW.state = 'open' AND {_CASE_FILED}", FILED),
}  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("villages", "0001_initial")]
    operations = [
        insert_only("cases_casestep", "办理记录只能增加，不能修改或删除"),
        EngineSQL(
            {
                "postgresql": POSTGRESQL,
                "sqlite": tuple(_sqlite(name, *parts) for name, parts in _SQLITE.items()),
            },
            {
                "postgresql": tuple(f"DROP FUNCTION cases_{name}_guard() CASCADE" for name in _FUNCTIONS),
                "sqlite": tuple(f"DROP TRIGGER {name}" for name in _SQLITE),
            },
        ),
    ]
