"""Masking of names, ID numbers and phone numbers for everything that leaves the office (plan §三.1 公开; domain.md §1)."""

import re
import unicodedata

COMPOUND_SURNAMES = frozenset({"欧阳", "司马", "诸葛", "上官", "尉迟", "皇甫", "令狐", "东方", "夏侯", "慕容", "公孙", "司徒"})

_GAP = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff]")
_LONG_NUMBER = re.compile(r"\d{11}")


def has_long_number(text: str) -> bool:
    """Whether a phone, ID or other number of 11 digits or more stands in a text, also written wide or with gaps between."""
    return _LONG_NUMBER.search(_GAP.sub("", unicodedata.normalize("NFKC", text))) is not None


def mask_name(name: str) -> str:
    """Keep the surname and hide the rest: 王小明 → 王**, 欧阳锋 → 欧阳*, 王 → *."""
    name = name.strip()
    if len(name) < 2:
        return "*" * len(name)
    kept = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:kept] + "*" * min(len(name) - kept, 3)


def mask_id_number(number: str) -> str:
    """Keep the region and the last two characters: 511929************34."""
    return number[:6] + "*" * (len(number) - 8) + number[-2:] if len(number) > 8 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """Keep three and four digits: 154****0001."""
    return phone[:3] + "****" + phone[-4:] if len(phone) >= 8 else "*" * len(phone)
