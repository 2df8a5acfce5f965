"""The parties of a dispute in one cell: names with roles, telephone numbers and what stands in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from governance.sheets.cells import CLEAN, EMPTY, LOOK, REFUSE, Cleaned, raw_text, tidy
from governance.sheets.reader import Cell

NAME_LENGTH = 60

_ROLES = "甲方|乙方|丙方|丁方|男方|女方|原告|被告|被申请[人方]|申请[人方]|当事人|被投诉人|投诉人|被反映人|反映人|受害[人方]"
_ROLE = re.compile(rf"^(?:{_ROLES})\s*[\d一二三]?\s*[:：]?\s*")
_BRACKET, _NUMBER = "\ue000", "\ue001"
_BRACKETS = re.compile(r"[（(\[【]([^（(\[【)）\]】]*)[)）\]】]")
_MARKS = re.compile(f"[{_BRACKET}{_NUMBER}]")
PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|0\d{2,3}[\s-]?\d{7,8})(?!\d)")
_STOPS = r"、，,；;/\n"
_COUNTRY = re.compile(r"(?:\+|(?<!\d)00)86[\s-]?(?=1[3-9]\d)")
_BODY = "村|社区|组|委员会|村委会|居委会|政府|公司|合作社|学校|医院|厂|场|店|队|所"
_ONE = rf"(?:[^{_STOPS}·]{{2,4}}|[^{_STOPS}·]+·[^{_STOPS}·]+|[^{_STOPS}·与和]{{2,30}}(?:{_BODY}))"
_BETWEEN = re.compile(
    rf"[{_STOPS}]|[与和]?(?<!被)(?=(?:{_ROLES})\s*[\d一二三]?\s*[:：])"
    rf"|(?<=[^{_STOPS}]{{2}})[与和诉](?={_ONE}{_MARKS.pattern}*(?:$|[{_STOPS}]))|\s+(?:vs|VS|Vs)\.?\s+|\s*[—–－-]+\s*"
    rf"|(?<={_MARKS.pattern})(?![与和诉])(?=[^\x00-\x7f{_STOPS}{_BRACKET}{_NUMBER}]{{2}})"
)
_JOINED = re.compile(r"[^·]{2,}[与和及][^·]{2,}")
_FIRST = re.compile(r"\s*(?:1[.、．](?=\D)|[（(]1[）)]|①)")
_NUMBERING = re.compile(r"[①-⑳]|[（(]\d{1,2}[）)]|(?:^|(?<=[\s、，,；;。/]))\d{1,2}[.、．](?=\D)")
_CALLED = r"(?:联系)?(?:电话|手机)(?:号码?)?|联系方式"
_ABOUT = re.compile(rf"男|女|[汉藏羌彝回苗]族?|\d{{1,3}}岁|{_CALLED}")  # words about the name before them
_TWO_NAMES = re.compile(r"(?<=[^\x00-\x7f]{2})\s+(?=[^\x00-\x7f]{2})")
_OTHERS = re.compile(r"等(?:\d+|[一二两三四五六七八九十几数多]+)?[人户名]?$")


@dataclass(frozen=True)
class Named:
    """One party as a ledger names it. `aside`: what else stood in brackets; `others`: whether 等人 followed."""

    name: str
    phone: str = ""
    aside: str = ""
    others: bool = False


def without_country(text: str) -> str:
    """Numbers without +86 before them."""
    return _COUNTRY.sub("", text)


def parties_of(text: str) -> list[Named]:
    """`甲方：王某（154…，三组）；乙方：李某` → 王某 with the number and 三组, 李某; each name once."""
    text = _MARKS.sub("\N{REPLACEMENT CHARACTER}", without_country(tidy(text)))
    if _FIRST.match(text):
        text = _NUMBERING.sub("、", text)
    taken: list[str] = []

    def keep(mark: str, found: re.Match[str]) -> str:
        taken.append(found.group(1) if mark == _BRACKET else found.group())
        return mark

    text = _BRACKETS.sub(lambda found: keep(_BRACKET, found), text)
    brackets, taken = taken, []
    text = PHONE.sub(lambda found: keep(_NUMBER, found), text)
    found: dict[str, Named] = {}
    for part in _BETWEEN.split(text):
        for piece in _TWO_NAMES.split(part):
            words = [brackets.pop(0) if mark == _BRACKET else taken.pop(0) for mark in _MARKS.findall(piece)]
            one = _named(_ROLE.sub("", _MARKS.sub("", piece).strip()).strip(" :：。."), words)
            if found and _ABOUT.fullmatch(one.name):
                _add(found, one)
            elif one.name and one.name not in found:
                found[one.name] = one
    return list(found.values())


def _add(found: dict[str, Named], more: Named) -> None:
    """What is said about the last of them behind a comma: 王某，男，电话154…"""
    name, last = found.popitem()
    words = [] if re.fullmatch(_CALLED, more.name) else [more.name]
    aside = "、".join(filter(None, (last.aside, *words, more.aside, more.phone if last.phone else "")))
    found[name] = replace(last, phone=last.phone or more.phone, aside=aside)


def _named(name: str, words: list[str]) -> Named:
    numbers = [re.sub(r"[\s-]", "", number) for text in words for number in PHONE.findall(text)]
    asides = (re.sub(rf"电话|手机|[{_STOPS}：:。\s]", " ", PHONE.sub("", text)).split() for text in words)
    aside = "、".join([*(word for split in asides for word in split), *numbers[1:]])
    bare = _OTHERS.sub("", name)
    return Named("".join(bare.split()), numbers[0] if numbers else "", aside, others=bare != name)


def clean_parties(cell: Cell) -> Cleaned:
    """The names parted by 、; 等人, several joined in one, figures and strange roles are looked at. `aside`: the cell as written,
    where more stood there."""
    raw = raw_text(cell)
    parties = parties_of(raw)
    if not parties:
        return EMPTY
    value = "、".join(party.name for party in parties)
    if any(len(party.name) > NAME_LENGTH for party in parties):
        return Cleaned(None, REFUSE, f"当事人姓名超过 {NAME_LENGTH} 个字，请核对")
    if any(party.others for party in parties):
        return Cleaned(value, LOOK, "写了“等人”，其余当事人请补登", raw)
    if any(_JOINED.fullmatch(party.name) for party in parties):
        return Cleaned(value, LOOK, "像是几个当事人写在一起，请核对", raw)
    if any(char.isdigit() or char in ":：" for char in value):
        return Cleaned(value, LOOK, "当事人里有看不懂的数字或称呼，请核对", raw)
    return Cleaned(value) if value == raw else Cleaned(value, CLEAN, f"当事人整理成“{value}”", raw)
