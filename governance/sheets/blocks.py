"""Columns of one heading that hold several records in a line: the printed left and right half, or the members of a household."""

import re
from collections.abc import Sequence

from governance.sheets.headings import Field, HeadingMap, heading_key, map_headings

_MEMBER = re.compile(r"(?:家庭|家|其他|共同居住)?(?:成员|人员)([0-9]{1,2}|[一二三四五六七八九十]{1,2})(?:的|/)?(.+)")
_HEAD = re.compile("^户主的?")
_LEAST = 2


def blocks_of(headings: list[str], fields: Sequence[Field]) -> list[list[str]]:
    """The headings of each record of a line, as wide as `headings` and '' where a column is not of that record; one of them
    for the usual sheet."""
    return _members(headings, fields) or _halves(headings, fields) or [headings]


def _halves(headings: list[str], fields: Sequence[Field]) -> list[list[str]]:
    """A block begins where a heading comes again. All blocks must have every required field, and two fields at least."""
    starts, seen = [0], set[str]()
    for column, heading in enumerate(headings):
        key = heading_key(heading)
        if key and key in seen:
            starts.append(column)
            seen = set()
        seen |= {key} - {""}
    if len(starts) < _LEAST:
        return []
    ends = [*starts[1:], len(headings)]
    blocks = [
        ["" if not start <= column < end else heading for column, heading in enumerate(headings)]
        for start, end in zip(starts, ends, strict=True)
    ]
    maps = [map_headings(block, fields) for block in blocks]
    first = maps[0].columns.keys()
    whole = all(not one.missing and len(one.columns.keys() & first) >= _LEAST for one in maps)
    return blocks if whole else []


def _members(headings: list[str], fields: Sequence[Field]) -> list[list[str]]:
    """成员1姓名, 成员1关系, 成员2姓名 …: the head is the first record, each number one more; what stands once for the line
    (fields that are `shared`) belongs to all."""
    found = {column: match for column, heading in enumerate(headings) if (match := _MEMBER.fullmatch(_bare(heading)))}
    shared = {key for key, item in ((item.key, item) for item in fields) if item.shared}
    numbers = dict.fromkeys(match[1] for match in found.values())
    if not shared or not numbers:
        return []
    head = ["" if column in found else heading for column, heading in enumerate(headings)]
    columns = {column for key, column in map_headings(head, fields).columns.items() if key in shared}
    blocks = [
        [
            found[column][2] if column in found and found[column][1] == number else heading if column in columns else ""
            for column, heading in enumerate(headings)
        ]
        for number in numbers
    ]
    return [head, *blocks] if not any(map_headings(block, fields).missing for block in blocks) else []


def _bare(heading: str) -> str:
    return "".join(heading_key(part) for part in heading.split("/"))


def stand_in(mapping: HeadingMap, headings: list[str], fields: Sequence[Field]) -> None:
    """In a line of a whole household the head's own record has the name under the heading of the head, and 户主身份证号 is its own."""
    own = ["" if heading not in mapping.unknown else _HEAD.sub("", _bare(heading)) for heading in headings]
    for key, column in map_headings(own, fields).columns.items():
        if mapping.columns.setdefault(key, column) == column:
            mapping.unknown.remove(headings[column])
    for item in fields:
        if item.stands_in and item.key not in mapping.columns and item.stands_in in mapping.columns:
            mapping.columns[item.key] = mapping.columns[item.stands_in]
            mapping.missing = [label for label in mapping.missing if label != item.label]
