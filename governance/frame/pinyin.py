"""Stored pinyin keys of names, for sorting and for search by letters (王小明 by wang, wangxm, wxm)."""

from functools import lru_cache

from django.db.models import Q
from pypinyin import lazy_pinyin

from governance.privacy import COMPOUND_SURNAMES

KEY_LENGTH = 200

# Readings that a character has as a surname only; pypinyin knows none of them.
_READINGS = (
    "单 shan,仇 qiu,曾 zeng,解 xie,查 zha,区 ou,盖 ge,朴 piao,乐 yue,缪 miao,覃 qin,翟 zhai,员 yun,种 chong,召 shao,折 she,"
    "繁 po,秘 bi,洗 xian,冼 xian,谌 chen,隗 wei,郇 xun,能 nai,黑 he,逄 pang,牟 mou,宁 ning,"
    "尉迟 yu chi,万俟 mo qi,长孙 zhang sun,澹台 tan tai,宇文 yu wen,皇甫 huang fu,令狐 ling hu"
)
_SURNAMES = {name: reading.split() for name, _, reading in (pair.partition(" ") for pair in _READINGS.split(","))}


@lru_cache(maxsize=50_000)
def pinyin_key(name: str) -> str:
    """Key of at most 200 characters: syllables, all in one, surname with initials, initials alone.

    王小明 → `wang xiao ming wangxiaoming wangxm wxm`. The syllables come first and apart, so that 万安 (wan an) stands
    before 王 (wang). What has no reading, such as a rare character of four bytes, stands for itself.
    """
    surname, given = _parts("".join(char for char in name if char.isalnum()))
    if not surname:
        return ""
    syllables = [*surname, *given]
    initials = "".join(syllable[0] for syllable in given)
    words = [
        *syllables,
        "".join(syllables),
        "".join(surname) + initials,
        "".join(syllable[0] for syllable in surname) + initials,
    ]
    return " ".join(words)[:KEY_LENGTH]


def _parts(name: str) -> tuple[list[str], list[str]]:
    """Lower-case syllables of the surname and of the given name."""
    length = 2 if name[:2] in _SURNAMES or (name[:2] in COMPOUND_SURNAMES and len(name) > 2) else 1
    return _SURNAMES.get(name[:length]) or _syllables(name[:length]), _syllables(name[length:])


def _syllables(text: str) -> list[str]:
    return [syllable.lower() for syllable in lazy_pinyin(text, errors=list)]  # type: ignore[arg-type]


def name_q(text: str, *, name: str, key: str) -> Q:
    """Condition for rows whose field `name` contains `text`, or whose pinyin field `key` has a word beginning with it."""
    text = "".join(text.split())
    if not text:
        return Q()
    if all("一" <= char <= "\u9fff" for char in text):  # what of it stands in the key, for want of a reading, stands in the name
        return Q(**{f"{name}__contains": text})
    letters = text.lower()
    begins = Q(**{f"{key}__startswith": letters}) | Q(**{f"{key}__contains": f" {letters}"})
    return Q(**{f"{name}__contains": text}) | begins
