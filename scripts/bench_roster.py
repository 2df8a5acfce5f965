"""Import a messy roster of 4,500 rows twice on a new SQLite database and print how long preview and commit take."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

ROWS = 4500
ROOT = Path(__file__).resolve().parent.parent


def main(rows: int) -> None:
    """Two lines: the first import and the same file again, seconds and counts of people."""
    from django.core.management import call_command

    from tests.builders import make_township, make_user, make_village
    from tests.sheets.messy import VILLAGES, make_messy_roster
    from villages.roster.services import ROSTER_IMPORT

    call_command("migrate", verbosity=0)
    township = make_township()
    for code, name in VILLAGES:
        make_village(township, name, code)
    staff = make_user("staff", "staff", township)
    data = make_messy_roster(Path(os.environ["XIANGZHI_VAR"]) / "roster.xlsx", people_rows=rows).path.read_bytes()
    for _ in range(2):
        start = time.perf_counter()
        roster = ROSTER_IMPORT.read(file=data, filename="roster.xlsx", township=township, by=staff)
        read = time.perf_counter()
        outcome = ROSTER_IMPORT.commit(roster, include_look=True, by=staff)
        done = time.perf_counter()
        print(f"{rows} rows: preview {read - start:.2f} s, commit {done - read:.2f} s; {outcome}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="xz-roster-") as folder:
        os.environ.pop("DATABASE_URL", None)
        os.environ.update(XIANGZHI_VAR=folder, DJANGO_SETTINGS_MODULE="governance.settings")
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
