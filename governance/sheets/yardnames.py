"""Match the ways a group or a settlement is written (柏树院, 八一村 柏树院, 八一村第一村民小组/柏树院) to the official list."""

import re
from collections.abc import Iterable

from governance.sheets.cells import tidy
from governance.sheets.dates import arabic

VILLAGE_CODE, GROUP_CODE = 12, 15
_BETWEEN = re.compile(r"[\s/、·,，\-—>]+")
_VILLAGE = re.compile(r"(?:居民委员会|村民委员会|委会)$")
_GROUP = re.compile(r"^第?([一二三四五六七八九十]+|\d+)(?:村民小组|居民小组|小组|组|社)$")
_YARD = re.compile(r"(?:聚居点|院落|院子|院户|院)$")


class YardNames:
    """Groups and settlements of villages, looked up within one village or by a name with the village's before it."""

    def __init__(self, units: Iterable[tuple[str, str]]) -> None:
        """`units`: (code, name) of villages (12 digits), groups (15) and settlements (18)."""
        named = sorted(units)
        self._villages = {code: _VILLAGE.sub("", name) for code, name in named if len(code) == VILLAGE_CODE}
        groups = {code: name for code, name in named if len(code) == GROUP_CODE}
        self._below: dict[str, dict[str, set[str]]] = {}
        for code, name in named:
            if len(code) > VILLAGE_CODE:
                keys = {_key(name)}
                if group := groups.get(code[:GROUP_CODE]) if len(code) > GROUP_CODE else None:
                    keys.add(_key(group) + _key(name))
                for key in keys:
                    self._below.setdefault(code[:VILLAGE_CODE], {}).setdefault(key, set()).add(code)

    def find(self, village: str, text: str) -> str | None:
        """The code of what `text` names in the village, None where nothing or more than one answers to it."""
        below = self._below.get(village, {})
        parts = [_key(part) for part in _BETWEEN.split(tidy(text)) if part]
        found = below.get("".join(parts)) or below.get("".join(map(_key, parts)))
        return next(iter(found)) if found and len(found) == 1 else None

    def only(self, village: str, group: str) -> str | None:
        """The settlement of a group that has just one."""
        code = self.find(village, group)
        yards = {one for codes in self._below.get(village, {}).values() for one in codes if code and one.startswith(code) and one != code}
        return yards.pop() if len(yards) == 1 else None

    def find_whole(self, text: str) -> str | None:
        """The code of what a name with its village before it says: 八一村柏树院."""
        plain = "".join(_BETWEEN.split(tidy(text)))
        found = {
            self.find(code, plain[len(start) :])
            for code, name in self._villages.items()
            for start in {name, name.removesuffix("村").removesuffix("社区")}
            if plain.startswith(start) and len(plain) > len(start)
        } - {None}
        return found.pop() if len(found) == 1 else None


def _key(name: str) -> str:
    """A group by its number (第一村民小组 → 1组), a settlement without what all of them are called."""
    name = "".join(tidy(name).split())
    if group := _GROUP.match(name):
        return f"{int(arabic(group[1]))}组"
    return _YARD.sub("", name) or name
