"""Stored pinyin keys of names, for sorting and for search by letters (王小明 by wang, wangxm, wxm)."""

import unicodedata
from functools import lru_cache

from django.db.models import Q
from pypinyin import lazy_pinyin

from governance.frame.characters import is_chinese
from governance.privacy import COMPOUND_SURNAMES
from governance.sheets.cells import tidy

KEY_LENGTH = 200

# Readings that a character has as a surname, where pypinyin gives another: what 现代汉语词典 (7th edition) marks as 姓, compared
# with the surname table of overtrue/pinyin (sources/surnames.txt at 76ed5058, MIT).
_READINGS = (
    "单 shan,仇 qiu,曾 zeng,解 xie,查 zha,区 ou,盖 ge,朴 piao,乐 yue,缪 miao,覃 qin,翟 zhai,员 yun,种 chong,召 shao,折 she,"
    "繁 po,秘 bi,洗 xian,冼 xian,谌 chen,隗 wei,郇 xun,能 nai,黑 he,逄 pang,牟 mou,宁 ning,"
    "卜 bu,阚 kan,薄 bo,都 du,六 lu,粘 nian,佴 nai,乜 nie,贠 yun,貟 yun,祭 zhai,句 gou,重 chong,莘 shen,郗 xi,"
    "尉迟 yu chi,万俟 mo qi,长孙 zhang sun,澹台 tan tai,宇文 yu wen,皇甫 huang fu,令狐 ling hu,单于 chan yu,子车 zi ju,"
    "乐正 yue zheng,谷梁 gu liang,濮阳 pu yang,鲜于 xian yu,呼延 hu yan,亓官 qi guan,宰父 zai fu,段干 duan gan"
)
_SURNAMES = {name: reading.split() for name, _, reading in (pair.partition(" ") for pair in _READINGS.split(","))}


@lru_cache(maxsize=50_000)
def pinyin_key(name: str) -> str:
    """Key of at most 200 characters: syllables, all in one, surname with initials, initials alone, and the name as it is sought
    where it is written otherwise.

    王小明 → `wang xiao ming wangxiaoming wangxm wxm`. The syllables come first and apart, so that 万安 (wan an) stands
    before 王 (wang). What has no reading, such as a rare character of four bytes, stands for itself.
    """
    plain = folded(name)
    surname, given = _parts(plain)
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
    if plain != name.strip():
        words.append(plain.lower())
    return " ".join(words)[:KEY_LENGTH]


def folded(text: str) -> str:
    """A name as whoever seeks it may write it: letters and digits alone, half-width, compatibility ideographs as their own
    characters, no dots and blanks (阿卜杜热西提•买买提 = 阿卜杜热西提·买买提)."""
    return "".join(char for char in unicodedata.normalize("NFKC", tidy(text)) if char.isalnum())


def _parts(name: str) -> tuple[list[str], list[str]]:
    """Lower-case syllables of the surname and of the given name."""
    length = 2 if name[:2] in _SURNAMES or (name[:2] in COMPOUND_SURNAMES and len(name) > 2) else 1
    return _SURNAMES.get(name[:length]) or _syllables(name[:length]), _syllables(name[length:])


@lru_cache(maxsize=20_000)
def _syllables(text: str) -> list[str]:
    return [syllable.lower() for syllable in lazy_pinyin(text, errors=list)]  # type: ignore[arg-type]


def name_q(text: str, *, name: str, key: str) -> Q:
    """Condition for rows whose field `name` contains `text`, or whose pinyin field `key` has a word beginning with it; characters
    are also sought in `key`, where names stand as they are sought."""
    if not text.strip():
        return Q()
    words = folded(text)
    if not words:
        return Q(**{f"{name}__contains": text.strip()})
    if is_chinese(words):
        return Q(**{f"{name}__contains": words}) | Q(**{f"{key}__contains": words})
    letters = words.lower()
    begins = Q(**{f"{key}__startswith": letters}) | Q(**{f"{key}__contains": f" {letters}"})
    return Q(**{f"{name}__contains": words}) | begins
