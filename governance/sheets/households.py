"""Checks across the rows of a roster: the same person twice, households without a head, heads that disagree."""

from collections.abc import Hashable

from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.rows import RowResult
from governance.sheets.words import HEAD

NO_HEAD = "这一户没有户主一行"


def check_duplicates(rows: list[RowResult]) -> None:
    """Refuse each row whose identity number stands in an earlier accepted row, naming that row's cell."""
    first: dict[str, RowResult] = {}
    for row in rows:
        number = row.values["id_number"]
        if not number or row.verdict == REFUSE:
            continue
        earlier = first.setdefault(str(number), row)
        if earlier is not row:
            sheet = "" if earlier.sheet == row.sheet else f"{earlier.sheet}!"
            row.flag("id_number", REFUSE, f"身份证号与 {sheet}{earlier.cell('id_number')} 重复")


def check_households(rows: list[RowResult]) -> None:
    """Flag, for a second look, households without an accepted head, with two heads, or naming another head."""
    households: dict[Hashable, list[RowResult]] = {}
    for row in rows:
        if key := household_key(row):
            households.setdefault(key, []).append(row)
    for members in households.values():
        _check_household(members)


def household_key(row: RowResult) -> Hashable:
    """(village code, group, household number, else the head's name); None for a row of no known household."""
    label = row.values["household_no"] or row.values["head_name"]
    code = row.values["village_code"]
    return (code, row.values["group"], label) if code and label else None


def _check_household(members: list[RowResult]) -> None:
    accepted = [row for row in members if row.verdict != REFUSE]
    heads = [row for row in members if row.values["relation"] == HEAD]
    if not accepted or not _tells_heads(members[0]):
        return
    head = next((row for row in heads if row.verdict != REFUSE), None)
    if head is None:
        why = f"这一户的户主（第{heads[0].row_number}行）未通过" if heads else NO_HEAD
        accepted[0].flag("relation", LOOK, why)
        return
    for row in accepted:
        if row is not head and row.values["relation"] == HEAD:
            row.flag("relation", LOOK, f"这一户有两个户主，另一个在第{head.row_number}行")
        named = row.values["head_name"]
        if named and named != head.values["name"]:
            reason = f"户主写的是“{named}”，但第{head.row_number}行的户主是“{head.values['name']}”"
            row.flag("head_name", LOOK, reason)


def _tells_heads(row: RowResult) -> bool:
    return "relation" in row.columns or "head_name" in row.columns
