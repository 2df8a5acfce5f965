"""Match the ways a village is written (八一村, 八一村委会, 511923102201, 01八一) to the official list."""

import re
from collections.abc import Iterable, Sequence

from governance.sheets.cells import tidy
from governance.sheets.tables import Table

NO_VILLAGE = "看不出是哪个村（社区），请加一列“村（社区）”，或用村名作工作表名"
_SUFFIX = re.compile(r"(?:村|社区)?(?:居民委员会|村民委员会|村委会|居委会)$|(?:村|社区)$")
_NUMBERING = re.compile(r"^[（(]?\d{1,3}[）)]?[.、．\-_]?(?=\D)")
_REGION = ("省", "市", "县", "区")
_CODE = re.compile(r"(?<!\d)\d{12}(?!\d)")


class VillageNames:
    """The villages and communities of a township, looked up by code or by any usual spelling of the name. `only`: the code of the one
    that there is, where there is just one."""

    def __init__(self, villages: Iterable[tuple[str, str]], towns: Sequence[str] = ()) -> None:
        """`villages`: (12-digit code, official name). `towns`: what lies above them, from the top down (平昌县, 西兴镇), which
        may stand before a village's name; what names another town is another village."""
        self._towns = towns
        self._codes: set[str] = set()
        self._named: dict[str, set[str]] = {}
        self._found: dict[str, str | None] = {}
        for code, name in villages:
            self._codes.add(code)
            for key in {_stem(name), _stem(name) + _kind(name)}:
                self._named.setdefault(key, set()).add(code)
        self.only = next(iter(self._codes)) if len(self._codes) == 1 else None

    def find(self, text: str) -> str | None:
        """The code that `text` names as a whole, or None when nothing or more than one unit answers to it."""
        if text not in self._found:
            self._found[text] = self._find(text)
        return self._found[text]

    def _find(self, text: str) -> str | None:
        text = "".join(tidy(text).split())
        if (code := _CODE.search(text)) and code.group() in self._codes:
            return code.group()
        name = self._without_town(_NUMBERING.sub("", text))
        for key in (_stem(name) + _kind(name), _stem(name)) if _kind(name) else (_stem(name),):
            if codes := self._named.get(key):
                return next(iter(codes)) if len(codes) == 1 else None
        return None

    def _without_town(self, name: str) -> str:
        """平昌县西兴镇西兴社区 and 西兴镇西兴社区 as 西兴社区."""
        above, town, rest = name.rpartition(self._towns[-1]) if self._towns else ("", "", "")
        if not (town and rest) or (above and not above.endswith(tuple(self._towns[:-1]) or _REGION)):
            return name
        return rest

    def find_within(self, text: str) -> str | None:
        """The only code whose 八一村-like name or number occurs somewhere in a longer text such as a title."""
        text = "".join(tidy(text).split())
        found = {
            code for key, codes in self._named.items() if key.endswith(("村", "社区")) and key in text for code in codes
        }
        found |= {code for code in _CODE.findall(text) if code in self._codes}
        return found.pop() if len(found) == 1 else None

    def of_table(self, table: Table) -> str | None:
        """The village that the sheet's name says, else its titles."""
        code = self.find(table.sheet) or self.find_within(table.sheet)
        return code or next((found for title in table.titles if (found := self.find_within(title))), None)


def _kind(name: str) -> str:
    """社区, 村 or '' as the name says."""
    suffix = _SUFFIX.search(name)
    if suffix is None:
        return ""
    return "社区" if suffix.group().startswith(("社区", "居")) else "村"


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name)
