"""A list of people who get accounts: accounts by the system administrator, their duties proposed to those who grant them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError

from governance.accounts.duties import Action, Duty, Guard
from governance.accounts.models import User
from governance.accounts.users import user_open
from governance.frame.imports.flow import Outcome, SheetFlow
from governance.frame.imports.payload import NEW, NONE, SAME, PreviewRow
from governance.frame.pinyin import pinyin_key
from governance.progress import moved
from governance.sheets.accounts import ACCOUNT_FIELDS, read_accounts
from governance.sheets.cells import LOOK, REFUSE
from governance.sheets.rows import ReadSheets, RowResult
from villages.models import Post, Proposal, Unit
from villages.posts.models import AccountImport
from villages.posts.services import LEVELS, PostError

NAME_LENGTH = 40


@dataclass(frozen=True)
class AccountOutcome(Outcome):
    """Also duties that now wait for who grants them."""

    proposed: int


class AccountFlow(SheetFlow[AccountImport, AccountOutcome]):
    """`counts` also hold accounts `new` and rows that are the `same`."""

    model, outcome, error, fields = AccountImport, AccountOutcome, PostError, ACCOUNT_FIELDS
    committed_words = "新建账号 {new} 个，已有 {same} 行，待授予的职务 {proposed} 项；{left_out} 行未导入。请到“账号”里打印初始密码条。"
    related = "uploaded_by"

    def place(self, by: User, about: Mapping[str, Any]) -> dict[str, Any]:
        if not by.may(Action.ACCOUNT_MANAGE):
            raise PostError("只有系统管理员可以导入账号。", "scope")
        return {}

    def parse(self, sheet: AccountImport, data: bytes, by: User, on: date, about: Mapping[str, Any]) -> ReadSheets:
        return read_accounts(data, sheet.filename, list(Unit.objects.on(on).values_list("code", "name")), sheet.overrides)

    def compare(self, sheet: AccountImport, rows: list[PreviewRow], levels: Sequence[str], by: User, on: date) -> _Accounts:
        accounts = _Accounts(by, on, [item.row for item in rows])
        for item in rows:
            item.outcome = accounts.judge(item.row)
        return accounts

    def write(self, plan: _Accounts, rows: list[PreviewRow], by: User) -> dict[str, int]:
        new = proposed = same = 0
        for item in rows:
            opened, named = plan.write(item.row)
            moved()
            new, proposed, same = new + opened, proposed + named, same + (not opened and not named)
        return {"new": new, "same": same, "proposed": proposed}


class _Accounts:
    """The accounts as the rows are compared with them and written to them."""

    def __init__(self, by: User, on: date, rows: Sequence[RowResult]) -> None:
        self.by = by
        codes = {str(row.values["unit_code"]) for row in rows}
        users = list(User.objects.all())
        self.named = {user.username: user for user in users}
        self.persons: dict[tuple[str, str], User] = {}
        for user in users:
            self.persons.setdefault((user.name, user.phone), user)
        self.names = {user.name for user in users}
        self.guards = {user.guard for user in users if user.guard}
        self.logins: dict[tuple[str, str], str] = {}
        self.owners: dict[str, str] = {}
        for row in rows:
            if row.values["username"]:
                self.logins.setdefault(_person(row), str(row.values["username"]))
                self.owners.setdefault(str(row.values["username"]), _person(row)[0])
        self.seen: set[tuple[str, str]] = set()
        self.taken = {*self.named, *self.owners}
        self.units = {unit.code: unit for unit in Unit.objects.on(on).filter(code__in=codes)}
        self.held = set(Post.objects.current(on).exclude(user=None).values_list("user_id", "kind", "unit__code"))
        open_states = (Proposal.State.WAITING, Proposal.State.REFUSED)
        self.held |= set(Proposal.objects.filter(state__in=open_states).values_list("user_id", "kind", "unit__code"))

    def judge(self, row: RowResult) -> str:
        """Flag the row by what the house says, give it its login name; NEW, SAME or, for a refused row, nothing."""
        row.values["login"] = None
        if row.verdict == REFUSE:
            return NONE
        user = self._standing(row)
        self._judge_login(row, user)
        self._judge_duty(row, user)
        self._judge_name(row)
        if row.verdict == REFUSE:
            return NONE
        row.values["login"] = user.username if user else self._login(row)
        return SAME if user and not self._proposes(row, user) else NEW

    def _standing(self, row: RowResult) -> User | None:
        """The account that the row means: by its login name, else by name and phone."""
        name, phone, login = str(row.values["name"]), str(row.values["phone"] or ""), row.values["username"]
        if login:
            user = self.named.get(str(login))
            if user and user.name != name:
                row.flag("username", REFUSE, f"登录名 {login} 已是{user.name}的账号")
            return user
        user = self.persons.get((name, phone))
        if user is None and name in self.names:
            row.flag("name", LOOK, f"已有叫{name}的账号，电话不同；如是同一个人，请填他的登录名")
        return user

    def _judge_login(self, row: RowResult, user: User | None) -> None:
        """A login name is one person's; a name alone says little about who is meant."""
        (name, phone), login = _person(row), str(row.values["username"] or "")
        if login and self.owners[login] != name:
            row.flag("username", REFUSE, f"登录名 {login} 在表里是{self.owners[login]}的")
        if user and not login and not phone and self._proposes(row, user):
            row.flag("name", LOOK, f"已有叫{name}的账号 {user.username}，没有电话；不是同一个人，请填电话")

    def _judge_name(self, row: RowResult) -> None:
        person = _person(row)
        if person in self.seen and not (person[1] or row.values["username"]):
            row.flag("phone", LOOK, "表里有同名的人，都没有电话，按同一个人处理；不是的请填电话")
        if len(person[0]) > NAME_LENGTH:
            row.flag("name", REFUSE, f"姓名超过{NAME_LENGTH}个字")
        self.seen.add(person)

    def _judge_duty(self, row: RowResult, user: User | None) -> None:
        duty = str(row.values["duty"] or "")
        if user and not user.is_active:
            row.flag("name", REFUSE, f"账号 {user.username} 已停用，请先启用")
        if user and duty and user.guard != (duty if duty in Guard.values else ""):
            row.flag("duty", REFUSE, "三员不能兼任其他职务，已有的账号也不能改成三员")
        if user is None and duty in self.guards:  # those that stand, and rows above
            row.flag("duty", REFUSE, f"已有{Guard(duty).label}，增设须由两位三员办理，请到“三员账号变更”里申请")
        if user is None and duty in Guard.values:
            self.guards.add(duty)
        unit = self.units.get(str(row.values["unit_code"]))
        if unit and duty in Duty.values and unit.level not in LEVELS[duty]:
            row.flag("unit", REFUSE, f"{Duty(duty).label}不设在{unit.get_level_display()}")

    def _login(self, row: RowResult) -> str:
        """The name that the row brings along, else from pinyin, with a number where it is taken; one person has one."""
        person = _person(row)
        if person not in self.logins:
            self.logins[person] = next(login for login in _proposed(person[0]) if login not in self.taken)
        self.taken.add(self.logins[person])
        return str(row.values["username"] or self.logins[person])

    def _proposes(self, row: RowResult, user: User) -> bool:
        code = row.values["unit_code"]
        return bool(code) and (user.pk, row.values["duty"], code) not in self.held

    def write(self, row: RowResult) -> tuple[bool, bool]:
        """Whether an account was opened, and a duty proposed."""
        login, duty = str(row.values["login"]), str(row.values["duty"] or "")
        user = self.named.get(login)
        opened = user is None
        if user is None:
            guard = duty if duty in Guard.values else ""
            try:
                user = user_open(
                    username=login, name=str(row.values["name"]), phone=str(row.values["phone"] or ""), guard=guard, by=self.by
                )
            except ValidationError as broken:
                raise PostError(f"{row.values['name']}：{'；'.join(broken.messages)}", "account") from broken
            self.named[login] = user
        if not self._proposes(row, user):
            return opened, False
        unit, term_end = self.units[str(row.values["unit_code"])], row.values["term_end"]
        Proposal.objects.create(user=user, kind=duty, unit=unit, term_end=term_end, proposed_by=self.by)
        self.held.add((user.pk, duty, unit.code))
        return opened, True


def _person(row: RowResult) -> tuple[str, str]:
    return str(row.values["name"]), str(row.values["phone"] or "")


def _proposed(name: str) -> Iterator[str]:
    """Login names for a person: zhangwei, zhangwei2, …; the name itself where it has no pinyin."""
    words = [word for word in pinyin_key(name).split() if word.isascii() and word.isalnum()]
    whole = max(words, key=len, default="")[:28] or name[:28]
    yield whole
    for number in count(2):
        yield f"{whole}{number}"


ACCOUNT_IMPORT = AccountFlow()
