"""Build rosters as ugly as real ones, deterministically, and say what verdict each row must get.

Every person is invented: region 511929, phones from 154, names from small lists of syllables.
"""

import csv
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from governance.sheets.persons import check_digit

TAKE, CLEAN, LOOK, REFUSE = "take", "clean", "look", "refuse"
VILLAGES = (("511923102201", "八一村委会"), ("511923102202", "马鞍村委会"), ("511923102001", "西兴社区居民委员会"))
SPECIAL_NAMES = ("龚䶮", "李㛃", "王𠅤", "陈𬀩", "阿依古丽·买买提", "吉克伍果", "扎西次仁", "欧阳志远", "尉迟敏")
COLUMNS = ("序号", "村民小组", "户号", "户主姓名", "姓 名*", "与户主关系", "性别", "出生日期（年/月/日）", "身份证号码（18位）",
           "联系电话", "家庭住址", "备 注")  # fmt: skip
GROUP, NUMBER, HEAD_NAME, NAME, RELATION, SEX, BIRTH, ID, PHONE, ADDRESS, NOTE = range(1, 12)
SHARED = (GROUP, NUMBER, HEAD_NAME, ADDRESS)
_LEVELS = (TAKE, CLEAN, LOOK, REFUSE)
_SURNAMES = "王李张刘陈杨赵黄周吴何邓罗"
_GIVEN = "国建华秀英明芳军丽强桂兰玉平志勇春梅文海"
_FAMILY = (("配偶", None), ("子", "男"), ("女", "女"), ("父亲", "男"), ("母亲", "女"), ("孙子", "男"), ("孙女", "女"))


@dataclass
class Person:
    """One row: cells by column, the verdict it must get and what is right about the person."""

    cells: list[Any]
    sex: str
    birth: dt.date
    is_head: bool
    verdict: str = TAKE


@dataclass
class Messy:
    """What was written. `people` and `households` count rows and families; `expected`: verdict → rows."""

    path: Path
    people: int
    households: int
    expected: Counter[str] = field(default_factory=Counter)


def make_messy_roster(
    path: Path | str,
    *,
    people_rows: int = 4500,
    households: int | None = None,
    villages: Sequence[tuple[str, str]] = VILLAGES,
    seed: int = 1,
    encoding: str = "utf-8-sig",
) -> Messy:
    """Write .xlsx or .xls (a sheet per village, names in four styles, merged cells) or .csv (the first village, household
    cells left blank), by the path's suffix. `villages`: (code, official name)."""
    path = Path(path)
    rng = random.Random(seed)
    flat = path.suffix == ".csv"
    villages = villages[:1] if flat else villages
    sizes = _household_sizes(rng, people_rows, households or max(len(villages), people_rows // 3))
    maker = _Maker(rng, plain_names=path.suffix == ".xls")
    families = [maker.family(number, size) for number, size in enumerate(sizes, 1)]
    share = -(-len(families) // len(villages))
    plan = [(village, families[index * share : (index + 1) * share]) for index, village in enumerate(villages)]
    if flat:
        _write_csv(path, plan[0], encoding)
    else:
        (_write_xlsx if path.suffix == ".xlsx" else _write_xls)(path, plan)
    verdicts = (_flat_verdict(person) if flat else person.verdict for family in families for person in family)
    return Messy(path, people_rows, len(families), Counter(verdicts))


def make_id(birth: dt.date, sequence: int) -> str:
    """A valid number of the invented region 511929; an odd sequence is a man."""
    first17 = f"511929{birth:%Y%m%d}{sequence:03}"
    return first17 + check_digit(first17)


def _flat_verdict(person: Person) -> str:
    """Without merged cells the members' household cells are blank and must be filled in, which is a clean-up."""
    return person.verdict if person.is_head else max(person.verdict, CLEAN, key=_LEVELS.index)


def _household_sizes(rng: random.Random, people: int, households: int) -> list[int]:
    sizes = [1] * households
    for _ in range(people - households):
        sizes[rng.randrange(households)] += 1
    return sizes


class _Maker:
    """Invents people, then spoils about two rows in five in a way whose verdict is known."""

    def __init__(self, rng: random.Random, plain_names: bool) -> None:
        self.rng = rng
        self.special = SPECIAL_NAMES[4:] if plain_names else SPECIAL_NAMES
        self.used: set[str] = set()
        self.phone = 15400000000

    def family(self, number: int, size: int) -> list[Person]:
        people = [self._person(number, *self._relation(index)) for index in range(size)]
        head = people[0]
        for person in people:
            person.cells[HEAD_NAME] = head.cells[NAME]
        for person in people:
            levels = 3 if person.is_head else 4
            person.verdict = self.rng.choices(_LEVELS[:levels], (58, 30, 8, 4)[:levels])[0]
            if person.verdict != TAKE:
                choices = [spoil for spoil, heads in _SPOILS[person.verdict] if heads or not person.is_head]
                self.rng.choice(choices)(person, head, self)
        return people

    def _relation(self, index: int) -> tuple[str, str]:
        if index == 0:
            return "户主", self.rng.choice("男女")
        relation, sex = _FAMILY[(index - 1) % len(_FAMILY)]
        return relation, sex or self.rng.choice("男女")

    def _person(self, number: int, relation: str, sex: str) -> Person:
        rng = self.rng
        birth = dt.date(1935, 1, 1) + dt.timedelta(days=rng.randrange(23_000))
        name = rng.choice(_SURNAMES) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2))))
        if rng.random() < 0.03:
            name = rng.choice(self.special)
        self.phone += 1
        birth_cell = birth if rng.random() < 0.5 else birth.isoformat()
        phone = rng.choice((float(self.phone), str(self.phone), None))
        group = f"{1 + number // 40 % 9}组"
        cells = [None, group, float(number), "", name, relation, sex, birth_cell, self.new_id(birth, sex), phone]
        return Person([*cells, f"{group}{number}号", None], sex, birth, relation == "户主")

    def new_id(self, birth: dt.date, sex: str, ending: str = "0123456789X") -> str:
        """An unused number of the sex whose last character is one of `ending`, and that does not look cut by Excel."""
        while True:
            number = make_id(birth, self.rng.randrange(0, 500) * 2 + (sex == "男"))
            if number[-1] in ending and not number.endswith("000") and number not in self.used:
                self.used.add(number)
                return number


_ALIASES = {"户主": "本人", "配偶": "妻子", "子": "次子"}
Spoil = Callable[[Person, Person, _Maker], None]


def _set(column: int, change: Callable[[Person, random.Random], Any]) -> Spoil:
    def spoil(person: Person, _head: Person, maker: _Maker) -> None:
        person.cells[column] = change(person, maker.rng)

    return spoil


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char.isascii() else char for char in text)


def _other_date(person: Person, rng: random.Random) -> Any:
    birth = person.birth
    serial = float((birth - dt.date(1899, 12, 30)).days)
    year, month, day = birth.year, birth.month, birth.day
    texts = [f"{year}/{month}/{day}", f"{year}.{month}.{day}", f"{year}年{month}月{day}日", f"{year}年{month}月"]
    return rng.choice(
        [
            *texts,
            _full_width(texts[0]),
            f"{birth:%Y%m%d}",
            float(f"{birth:%Y%m%d}"),
            serial if serial >= 3654 else texts[0],
        ]
    )


def _lower_x(person: Person, _head: Person, maker: _Maker) -> None:
    person.cells[ID] = maker.new_id(person.birth, person.sex, "X").lower()


def _bad_checksum(person: Person, _rng: random.Random) -> str:
    number: str = person.cells[ID]
    return number[:17] + ("1" if number[17] != "1" else "2")


def _repeat_head(person: Person, head: Person, _maker: _Maker) -> None:
    """The head's own number once more; where the head's is unusual, a broken one does as well."""
    number = head.cells[ID]
    fine = head.verdict == TAKE and isinstance(number, str)
    person.cells[ID] = number if fine else person.cells[ID][:16]


# Each way to spoil a row, and whether a head may be spoilt so without a verdict for the whole household.
_SPOILS: dict[str, list[tuple[Spoil, bool]]] = {
    CLEAN: [
        (_set(NAME, lambda person, _: person.cells[NAME][0] + "　" + person.cells[NAME][1:]), True),
        (_set(NAME, lambda person, _: person.cells[NAME] + "（外出）"), True),
        (_set(ID, lambda person, _: _full_width(person.cells[ID])), True),
        (_set(ID, lambda person, _: f"{person.cells[ID][:6]} {person.cells[ID][6:14]} {person.cells[ID][14:]}"), True),
        (_set(ID, lambda person, _: "'" + person.cells[ID]), True),
        (_lower_x, True),
        (_set(BIRTH, _other_date), True),
        (_set(BIRTH, lambda *_: None), True),
        (_set(SEX, lambda *_: None), True),
        (_set(SEX, lambda person, _: f"{person.sex} "), True),
        (_set(RELATION, lambda person, _: _ALIASES.get(person.cells[RELATION], f" {person.cells[RELATION]}")), True),
        (_set(PHONE, lambda *_: "+86 154-0000-9999"), True),
    ],
    LOOK: [
        (_set(SEX, lambda person, _: "女" if person.sex == "男" else "男"), True),
        (_set(BIRTH, lambda person, _: person.birth + dt.timedelta(days=400)), True),
        (_set(ID, lambda *_: None), True),
        (_set(PHONE, lambda *_: "1540000"), True),
        (_set(PHONE, lambda *_: "15400009998/15400009999"), True),
        (_set(ID, lambda person, _: person.cells[ID][:6] + person.cells[ID][8:17]), True),
        (_set(NAME, lambda *_: "刘 某某"), False),
        (_set(RELATION, lambda *_: "远房表亲"), False),
    ],
    REFUSE: [
        (_set(ID, lambda person, _: float(person.cells[ID][:15] + "000")), False),
        (_set(ID, lambda *_: "5.11929E+17"), False),
        (_set(ID, lambda person, _: person.cells[ID][:16] + "0.0"), False),
        (_set(ID, _bad_checksum), False),
        (_set(NAME, lambda *_: None), False),
        (_repeat_head, False),
    ],
}


def _sheet_name(index: int, code: str, name: str) -> str:
    stem = name.removesuffix("居民委员会").removesuffix("委会")
    return (stem, name, code, f"{index + 1:02}{stem.removesuffix('村').removesuffix('社区')}")[index % 4]


def _title(name: str) -> str:
    return f"平昌县西兴镇{name.removesuffix('委会')}户籍人口花名册"


def _upper_heading() -> list[str]:
    return [*COLUMNS[:NAME], *["家庭成员情况"] * (ID - NAME + 1), *COLUMNS[ID + 1 :]]


def _write_xlsx(path: Path, plan: list[Any]) -> None:
    with xlsxwriter.Workbook(path) as book:
        pen = _XlsxPen(book)
        for index, ((code, name), families) in enumerate(plan):
            pen.page = book.add_worksheet(_sheet_name(index, code, name))
            _draw(pen, name, families)


def _write_xls(path: Path, plan: list[Any]) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    pen = _XlsPen(xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    for index, ((code, name), families) in enumerate(plan):
        pen.page = book.add_sheet(_sheet_name(index, code, name))
        _draw(pen, name, families)
    book.save(str(path))


class _XlsxPen:
    def __init__(self, book: Any) -> None:
        self.page: Any = None
        self.border = book.add_format({"border": 1})
        self.date = book.add_format({"border": 1, "num_format": "yyyy/m/d"})

    def put(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, dt.date):
            self.page.write_datetime(row, column, value, self.date)
        elif isinstance(value, float):
            self.page.write_number(row, column, value, self.border)
        elif value is None:
            self.page.write_blank(row, column, None, self.border)
        else:
            self.page.write_string(row, column, value, self.border)

    def merge(self, top: int, left: int, bottom: int, right: int, value: Any) -> None:
        self.page.merge_range(top, left, bottom, right, value, self.border)


class _XlsPen:
    def __init__(self, date: Any) -> None:
        self.page: Any = None
        self.date = date

    def put(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, dt.date):
            self.page.write(row, column, value, self.date)
        elif value is not None:
            self.page.write(row, column, value)

    def merge(self, top: int, left: int, bottom: int, right: int, value: Any) -> None:
        self.page.write_merge(top, bottom, left, right, value)


def _draw(pen: Any, name: str, families: list[list[Person]]) -> None:
    """Title, unit line, two-row heading, households with merged cells, subtotals, totals, notes, empty bordered rows."""
    last = len(COLUMNS) - 1
    pen.merge(0, 0, 0, last, _title(name))
    pen.put(1, 0, "填报单位：")
    pen.put(1, last, "单位：人")
    for column, heading in enumerate(COLUMNS):
        if NAME <= column <= ID:
            pen.put(3, column, heading)
        else:
            pen.merge(2, column, 3, column, heading)
    pen.merge(2, NAME, 2, ID, "家庭成员情况")
    line = 4
    for count, family in enumerate(families, 1):
        line = _draw_family(pen, line, family)
        if count % 25 == 0:
            pen.merge(line, 0, line, 2, "小　计")
            pen.put(line, NAME, "25户")
            line += 1
    pen.put(line, 0, "合计")
    pen.put(line, NAME, float(sum(map(len, families))))
    for blank in range(line + 1, line + 8):
        for column in range(last + 1):
            pen.put(blank, column, float(blank) if column == 0 else None)
    pen.merge(line + 8, 0, line + 8, last, "备注：1.本表一式两份。2.身份证号请逐人核对。")
    pen.put(line + 9, 0, "填表人：")
    pen.put(line + 9, 4, "审核人：")


def _draw_family(pen: Any, line: int, family: list[Person]) -> int:
    for offset, person in enumerate(family):
        pen.put(line + offset, 0, float(offset + 1))
        for column in range(1, len(COLUMNS)):
            if column not in SHARED or len(family) == 1:
                pen.put(line + offset, column, person.cells[column])
    if len(family) > 1:
        for column in SHARED:
            pen.merge(line, column, line + len(family) - 1, column, family[0].cells[column])
    return line + len(family)


def _write_csv(path: Path, plan: Any, encoding: str) -> None:
    (_, name), families = plan
    upper = _upper_heading()
    rows: list[list[Any]] = [[_title(name)], [], upper[: NAME + 1] + [""] * (ID - NAME) + upper[ID + 1 :]]
    rows.append([""] * NAME + list(COLUMNS[NAME : ID + 1]))
    for family in families:
        for person in family:
            shared = () if person.is_head else SHARED
            rows.append([None if column in shared else _csv_text(cell) for column, cell in enumerate(person.cells)])
    rows += [["合计", "", "", "", str(sum(map(len, families)))], ["", ""], ["说明：本表数据截至上月底"], ["填表人："]]
    with open(path, "w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def _csv_text(cell: Any) -> Any:
    if isinstance(cell, dt.date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return str(int(cell)) if cell < 1e15 else f"{cell:.5E}"
    return cell
