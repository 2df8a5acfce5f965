"""Recognise the columns of a ledger by what villages call them; the table of names belongs to the caller."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from governance.sheets.cells import Cleaned, tidy
from governance.sheets.reader import Cell


@dataclass(frozen=True)
class Field:
    """One column that a ledger may have. `synonyms`: headings for it parted by blanks, the most telling first.
    `carries`: a blank cell repeats what stands above it, as where a village is written once for many rows. `shared`: in a line
    with several people it stands once for all; `stands_in`: the field that says it in the first record of such a line."""

    key: str
    label: str
    synonyms: str
    clean: Callable[[Cell], Cleaned]
    required: bool = False
    carries: bool = False
    shared: bool = False
    stands_in: str = ""


@dataclass
class HeadingMap:
    """Where each field stands. `columns`: field key → 0-based column; `unknown`: headings nobody claims;
    `ambiguous`: field key → headings that all mean it, the one in use first; `missing`: labels of required fields;
    `dropped`: how many columns the staff left out."""

    columns: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    dropped: int = 0

    @property
    def known(self) -> int:
        """How many columns somebody knows, used or not."""
        return len(self.columns) + self.dropped


RETURNED = ("原表", "原行号", "原因")  # the columns of a returned sheet: where a row stood, and why it was left out

_HINT = re.compile(r"[（(【\[][^（(【\[）)】\]]*[）)】\]]")
_NUMBERING = re.compile(r"^(?:\d+|[一二三四五六七八九十]+)[.、．]")
_JUNK = re.compile(r"[\s*＊※★:：_\-]+")
_OTHER_PERSON = re.compile(r"(户主|监护|父|母|配偶|联系人|紧急|帮扶|包联|责任|负责).*")


@lru_cache(maxsize=4096)
def heading_key(text: str) -> str:
    """A heading without blanks, asterisks, numbering and hints in brackets: ` 姓 名*（必填）` → `姓名`."""
    text = tidy(text)
    bare = _JUNK.sub("", _HINT.sub("", text)) or _JUNK.sub("", text)
    return _NUMBERING.sub("", bare)


def map_headings(
    headings: Sequence[str], fields: Sequence[Field], overrides: Mapping[str, str] | None = None
) -> HeadingMap:
    """Find each field among headings, whose levels are joined by `/` (户主/姓名). `overrides`: heading → field key, or
    '' to leave the column out; it outranks synonyms. Of several claims the most telling synonym wins, then the left."""
    chosen = {_path_key(heading): key for heading, key in (overrides or {}).items()}
    names = {
        heading_key(name): (rank, item.key)
        for item in reversed(fields)
        for rank, name in enumerate(item.synonyms.split())
    }
    claims: dict[str, list[tuple[int, int]]] = {}
    result = HeadingMap()
    for column, heading in enumerate(headings):
        if not heading:
            continue
        path = _path_key(heading)
        claim = (-1, chosen[path]) if path in chosen else _recognise(path, names)
        if claim is None:
            result.unknown += [heading] if heading not in RETURNED else []
        elif claim[1]:
            claims.setdefault(claim[1], []).append((claim[0], column))
        else:
            result.dropped += 1
    for key, claimed in claims.items():
        claimed.sort()
        result.columns[key] = claimed[0][1]
        if len(claimed) > 1:
            result.ambiguous[key] = [headings[column] for _, column in claimed]
    result.missing = [item.label for item in fields if item.required and item.key not in result.columns]
    return result


def _path_key(heading: str) -> tuple[str, ...]:
    parts = tuple(key for part in _HINT.sub("", heading).split("/") if (key := heading_key(part)))
    return parts or (heading_key(heading),)


def _recognise(path: tuple[str, ...], names: dict[str, tuple[int, str]]) -> tuple[int, str] | None:
    """The whole path first, then its last word, unless the words above say that it is about somebody else."""
    whole = names.get("".join(path))
    if whole or len(path) == 1:
        return whole
    if any(_OTHER_PERSON.fullmatch(above) for above in path[:-1]):
        return None
    return names.get(path[-1])
