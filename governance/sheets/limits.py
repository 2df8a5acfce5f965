"""How much of a stranger's file is read before it is turned away."""

from dataclasses import dataclass

from governance.errors import DomainError


class SheetError(DomainError):
    """A file cannot be read as a table; the message says why in plain Chinese."""

    code = "sheet"


@dataclass(frozen=True)
class Limits:
    """Ceilings for one upload: sizes in bytes, time in seconds; rows, cells and text are counted over all sheets."""

    file_bytes: int = 20 * 1024 * 1024
    inflated_bytes: int = 50 * 1024 * 1024
    rows: int = 20_500  # 20,000 and their headings
    columns: int = 256
    cells: int = 1_000_000
    text_chars: int = 10_000_000
    sheets: int = 100
    parts: int = 2_000
    merges: int = 100_000
    line_chars: int = 100_000
    cell_chars: int = 5_000
    name_chars: int = 200
    memory_bytes: int = 768 * 1024 * 1024
    cpu_seconds: int = 15
    wall_seconds: float = 20.0
