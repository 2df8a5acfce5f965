"""The chain is insert-only, in the databases' words."""

from governance.guards import insert_only

GUARDS = [
    *insert_only("moral_bank_chainlink", "台账校验链只增不改"),
    *insert_only("moral_bank_chainhead", "每日校验码只增不改"),
]
