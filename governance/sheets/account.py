"""What became of everything that stands in a file: read = taken + looked at + refused + skipped, and the columns nobody uses."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from governance.sheets.tables import Table


@dataclass(frozen=True)
class Account:
    """`read`: records of all sheets that are not blank; `skipped`: why some are no record, or were left unread → how many;
    `unused`: heading → cells that nothing is made of. What is in neither has a verdict."""

    read: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    unused: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Iterable[Table]) -> "Account":
        read, skipped, unused = 0, Counter[str](), Counter[str]()
        for table in tables:
            read += table.lines
            skipped.update(table.skipped.values())
            unused.update(table.unused)
            if table.unread:
                skipped[table.why] += table.unread
        return cls(read, dict(skipped), dict(unused))
