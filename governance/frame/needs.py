"""What a township needs before it works; each room says its own lines (`Room.needs`), 开通进度 shows them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from governance.frame.lists import To


class Step(StrEnum):
    """The parts of the way, in their order."""

    UNITS = "单位"
    REGISTER = "名册"
    PEOPLE = "账号与职务"
    OFFICERS = "一长四员"
    DEFAULTS = "自带的类别、细则和检查表"
    PANELS = "评议小组"
    LEDGERS = "已有的台账（有才导入）"


@dataclass(frozen=True)
class Need:
    """One line: `have` of `want`. `links`: where it is done, looked at or changed; `load`: puts up what ships with the portal
    (`township`, `by`) and returns how many rows it added. An optional line does not count."""

    key: str
    step: Step
    label: str
    have: int
    want: int = 1
    links: tuple[To, ...] = ()
    hint: str = ""
    load: Callable[..., int] | None = None
    optional: bool = False

    @property
    def done(self) -> bool:
        return self.have >= self.want

    @property
    def offers(self) -> bool:
        """Whether what ships with the portal may be put up for it now (a template would call `load`)."""
        return self.load is not None and not self.done

    @property
    def waits(self) -> bool:
        """Whether it is still to be done."""
        return not self.done and not self.optional
