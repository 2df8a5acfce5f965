"""What was renewed or ended stays so, in the databases' words."""

from governance.guards import changed, refuse

OVER = "已续签或已终止的发包合同不能改动，也不能删除"
BEGINS = "发包合同先登记为履行中"

_TABLE = "villages_lease"
_OVER = "OLD.state <> 'running'"
_COLUMNS = (
    "village_id", "subject", "lessee", "amount", "begins_on", "runs_out_on", "yearly_fen", "state", "renews_id", "ended_on", "end_reason",
)  # fmt: skip

LEASE_GUARDS = [
    refuse("lease_begins", "INSERT", _TABLE, "NEW.state <> 'running'", BEGINS),
    refuse("lease_over", "UPDATE", _TABLE, f"{_OVER} AND ({changed(*_COLUMNS)})", OVER),
    refuse("lease_stays", "DELETE", _TABLE, _OVER, OVER),
]
