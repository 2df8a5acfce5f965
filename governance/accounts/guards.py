"""What never happens to the access log, in the databases' words."""

from governance.guards import insert_only

GUARDS = insert_only("accounts_accesslog", "访问日志只增不改")
