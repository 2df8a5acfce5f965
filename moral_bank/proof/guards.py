"""The chain and what the reconciliations found are insert-only, in the databases' words."""

from governance.guards import insert_only

GUARDS = [
    *insert_only("moral_bank_chainlink", "台账校验链只增不改"),
    *insert_only("moral_bank_chainhead", "每日校验码只增不改"),
    *insert_only("moral_bank_reconciliation", "台账核对记录只增不改"),
]
