"""Rosters: two- and three-level headings, merged households, ditto marks, halves side by side, a household in a line."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from tests.sheets.ugly.kit import (
    GOOD,
    LOOK,
    REFUSE,
    SPOKEN,
    VILLAGES,
    Cell,
    Ledger,
    Page,
    Right,
    chinese,
    html,
    id_words,
    name_words,
    number_of,
    old_number,
    phone_words,
    pick,
    spoilt,
    spreadsheet_ml,
    text,
    village_words,
    wide,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import Family, Human, families

Cells = dict[str, Cell]
SHARED = ("village", "group", "yard", "no", "head", "address")
HEADINGS = {
    "seq": "序号", "village": "所属村", "group": "村民小组", "yard": "聚居点", "no": "户编号", "head": "户主姓名", "name": "姓 名*",
    "relation": "与户主的关系",
    "sex": "性别", "born": "出生日期（年/月/日）", "id": "公民身份号码（18位）", "phone": "联系电话", "address": "家庭住址",
    "status": "人员状态", "note": "备 注",
    "people": "民族", "school": "文化程度",
}  # fmt: skip
RELATIONS = {
    "户主": ["户主", "本人", "户主本人"], "配偶": ["配偶", "妻子", "妻", "丈夫", "爱人"],
    "子": ["子", "儿子", "长子", "次子", "三子", "独生子"],
    "女": ["女", "女儿", "长女", "次女", "三女"], "父亲": ["父亲", "父"], "母亲": ["母亲", "母"], "孙子": ["孙子", "长孙"],
    "孙女": ["孙女"],
    "儿媳": ["儿媳", "儿媳妇"],
}  # fmt: skip
Spoil = Callable[[random.Random, Cells, Human, dict[str, Any]], tuple[str, str]]


def make(rng: random.Random, people: int) -> list[Ledger]:
    known = families(rng, people, list(VILLAGES))
    makers = (_merged_book, _three_levels, _old_book, _ditto_text, _unicode_text, _web_table, _halves, _lines, _by_group)
    size = -(-len(known) // len(makers))
    return [maker(rng, known[number * size : (number + 1) * size]) for number, maker in enumerate(makers)]


# --- one person -----------------------------------------------------------------------------------------------------------


def _person(rng: random.Random, family: Family, human: Human, spoils: float = 0.14, skip: tuple[str, ...] = ()) -> tuple[Cells, Right]:
    """The cells of somebody, spoilt in one way where the dice say so."""
    values: dict[str, Any] = {
        "address": family.address, "head": family.head.name, "group": family.group, "yard": family.yard, "sex": human.sex,
        "born": human.born,
        "id": human.number, "phone": "", "relation": human.relation, "status": "present", "note": "",
    }  # fmt: skip
    cells: Cells = {
        "village": village_words(family.village, rng), "group": _group_words(family.group, rng), "yard": family.yard,
        "no": pick(rng, family.number, float(family.number), f" {family.number}"), "head": name_words(family.head.name, rng),
        "name": name_words(human.name, rng), "relation": rng.choice(RELATIONS[human.relation]),
        "sex": rng.choice([human.sex, f" {human.sex}", f"{human.sex}性"]),
        "born": _birth_words(human.born, rng), "id": id_words(human.number, rng), "address": family.address, "people": "汉",
        "school": rng.choice(["初中", "小学", None]),
    }  # fmt: skip
    _ease(rng, cells, human, values)
    fate, how = GOOD, ""
    if rng.random() < spoils:
        choices = [one for one in (ANYBODY if human.relation == "户主" else ANYBODY + MEMBERS) if one.__name__ not in skip]
        fate, how = rng.choice(choices)(rng, cells, human, values)
    return cells, Right(fate, (family.village, family.number, human.name), values, how)


def _ease(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> None:
    """What a reader has to take as it is."""
    way = rng.randrange(12)
    if way < 5:
        cells["phone"], values["phone"] = phone_words(human.phone, rng), human.phone
    elif way == 5:
        cells["phone"], values["phone"], values["note"] = f"{human.phone}（儿子）", human.phone, "电话注明：儿子"
    elif way == 6:
        cells["phone"] = rng.choice(["无", "/", "—"])
    if way == 7:
        cells["note"] = values["note"] = rng.choice(["党员", "在外务工，过年回", "未迁出", "户口未迁出", "没有迁走", "已迁入"])
    if way == 8:
        cells["status"] = rng.choice(["正常", "在家", "外出务工", "健在"])
    if way == 9:
        cells["born"] = None
    if way == 10:
        cells["sex"] = rng.choice([None, "未知"])
    if way == 11:
        year, month = human.born.year, human.born.month
        cells["born"] = rng.choice([f"{year}年{month}月", f"{human.born:%Y%m}", f"{year % 100 if 1931 < year < 2000 else year}年{month}月"])


def _group_words(group: str, rng: random.Random) -> Cell:
    number = int(group[:-1])
    said = chinese(number)
    return pick(rng, group, f"{said}组", f"第{said}村民小组", f"第{number}组", f"{number}社", float(number), wide(group), f"{number} 组")


def _birth_words(born: dt.date, rng: random.Random) -> Cell:
    year, month, day = born.year, born.month, born.day
    ways: list[Cell] = [
        born, born.isoformat(), f"{year}/{month}/{day}", f"{year}.{month}.{day}", f"{year}年{month}月{day}日", f"{born:%Y%m%d}",
        float(f"{born:%Y%m%d}"),
        wide(f"{year}.{month}.{day}"), f"{year}-{month}-{day} 0:00:00", f"{year}年{month}月{day}日生",
    ]  # fmt: skip
    return rng.choice(ways + ([f"{year % 100}年{month}月{day}日", f"{year % 100}.{month}.{day}"] if 1931 < year < 2000 else []))


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _remark(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["note"] = rng.choice(
        ["已迁出", "已嫁出", "2025年12月死亡，未注销", "户口已迁走", "已去世", "嫁到外地", "迁往县城", "2024年病故", "已于去年出嫁",
            "已销户", "人已不在世"][:10]
    )
    return LOOK, f"备注“{cells['note']}”"


def _remark_elsewhere(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["school"] = rng.choice(["初中，已嫁出", "已故", "户口迁出"])
    return LOOK, f"别的列写“{cells['school']}”"


def _strange_status(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["status"] = rng.choice(["失联", "服刑", "参军"])
    return LOOK, "不认识的状态"


def _two_phones(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["phone"] = f"{human.phone}{rng.choice('/、 ；')}154{rng.randrange(10**8):08}"
    return LOOK, "两个电话"


def _short_phone(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["phone"] = rng.choice([human.phone[:8], human.phone + "1", "见村委"])
    return LOOK, "打不通的电话"


def _no_id(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["id"] = None
    return LOOK, "没有身份证号"


def _old_id(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    if human.born.year > 1999:
        return _no_id(rng, cells, human, values)
    cells["id"] = old_number(human.number)
    return LOOK, "15位身份证号"


def _other_sex(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["sex"] = "女" if human.sex == "男" else "男"
    return LOOK, "性别与身份证号不一致"


def _other_birth(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    year, month = human.born.year, human.born.month
    other = human.born + dt.timedelta(days=400)
    cells["born"] = pick(rng, other, f"{year - 3}-02-30", f"{year + 2}年{month}月", f"农历{month}月初三")
    return (GOOD, "") if str(cells["born"]).startswith("农历") else (LOOK, f"出生日期“{cells['born']}”与身份证号不一致")


def _failed(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    """A failed birth date is known from the number; a failed number is not known at all."""
    key = rng.choice(["phone", "born", "id"])
    cells[key] = rng.choice(["#REF!", "#VALUE!", "#N/A"])
    if key == "phone":
        values["phone"], values["note"] = "", cells.get("note") or ""
    return GOOD if key == "born" else LOOK, f"错误值在 {key}"


def _bad_id(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    number = human.number
    lost, strange = float(number[:15] + "000"), f"{number[:6]}199913321234"
    cells["id"] = pick(rng, spoilt(number), number[:17], lost, "5.11929E+17", f"{number}1", strange, number.replace("0", "O"))
    return REFUSE, "身份证号不对"


def _no_name(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["name"] = rng.choice([None, "/", "无"])
    return REFUSE, "没有姓名"


def _strange_name(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["name"] = rng.choice(["秦五/尤六", "秦五、尤六", "王某某", "新生儿", "秦五 尤六", "张?", "王小明1", "秦五和尤六"])
    return LOOK, f"姓名“{cells['name']}”"


def _strange_relation(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["relation"] = rng.choice(["远房表亲", "子？", "长子媳", None])
    return LOOK, f"关系“{cells['relation']}”"


def _strange_village(rng: random.Random, cells: Cells, human: Human, values: dict[str, Any]) -> tuple[str, str]:
    cells["village"] = rng.choice(["北京村", "南江县西兴镇八一村", "得胜镇八一村"])
    return REFUSE, f"村“{cells['village']}”"


ANYBODY: list[Spoil] = [_remark, _remark_elsewhere, _strange_status, _two_phones, _short_phone, _no_id, _old_id, _other_sex, _other_birth,
    _failed]
MEMBERS: list[Spoil] = [_bad_id, _bad_id, _no_name, _strange_name, _strange_relation, _strange_village]


# --- files ----------------------------------------------------------------------------------------------------------------


def _merged_book(rng: random.Random, part: list[Family]) -> Ledger:
    """A sheet per village, two-row heading, merged household cells, subtotals, the heading again after a page, a filter, a hidden sheet."""
    keys = ["seq", "group", "no", "head", "name", "relation", "sex", "born", "id", "phone", "address", "note"]
    pages = []
    for index, code in enumerate(VILLAGES):
        page = Page(SPOKEN[code] if index != 1 else code)
        page.title(f"平昌县西兴镇{SPOKEN[code]}户籍人口花名册", len(keys))
        page.put(["填报单位：", *[None] * 9, "单位：人"])
        _two_levels(page, keys)
        for count, family in enumerate((one for one in part if one.village == code), 1):
            _family_merged(rng, page, keys, family)
            if count % 4 == 0:
                page.noise("小　计", None, None, None, "4户")
            if count % 6 == 0:
                page.noise("第1页 共9页")
                _two_levels(page, keys, again=True)
        page.noise("合计", None, None, None, float(len(part)), "人")
        for number in range(4):
            page.noise(float(number + 900))
        page.noise("备注：1.本表一式两份。2.身份证号请逐人核对。")
        page.noise("填表人：", None, None, None, "审核人：")
        page.hidden_lines = [8, 9]
        pages.append(page)
    hidden = Page("旧名册", hidden=True)
    hidden.noise("姓名", "户号", "身份证号")
    hidden.noise("王旧人", "900", number_of(dt.date(1950, 1, 1), 5))
    return Ledger("户籍人口花名册.xlsx", xlsx([*pages, hidden]), [*pages, hidden])


def _two_levels(page: Page, keys: list[str], again: bool = False) -> None:
    upper: list[Cell] = ["家庭成员情况" if key in ("name", "relation", "sex", "born", "id") else HEADINGS[key] for key in keys]
    lower: list[Cell] = [HEADINGS[key] if key in ("name", "relation", "sex", "born", "id") else None for key in keys]
    top = page.noise(*upper, how="重复的表头") if again else page.put(upper)
    if again:
        page.noise(*lower, how="重复的表头")
    else:
        page.put(lower)
    inner = [column for column, cell in enumerate(lower) if cell]
    page.merged.append((top, inner[0], top, inner[-1]))
    page.merged += [(top, column, top + 1, column) for column, cell in enumerate(lower) if not cell]


def _family_merged(rng: random.Random, page: Page, keys: list[str], family: Family) -> None:
    said = [_person(rng, family, human, skip=("_strange_village", "_remark_elsewhere", "_strange_status")) for human in family.people]
    first = len(page.lines)
    for index, (cells, right) in enumerate(said):
        cells["seq"] = float(index + 1)
        if index and len(said) > 1:
            cells |= {key: None for key in SHARED}
        page.put([cells.get(key) for key in keys], _without(right, keys))
    if len(said) > 1:
        page.merged += [(first, column, first + len(said) - 1, column) for column, key in enumerate(keys) if key in SHARED]


def _without(right: Right, keys: list[str]) -> Right:
    """The key of a page that lacks some columns."""
    values = dict(right.values)
    if "yard" not in keys:
        values["yard"] = None
    return Right(right.fate, right.ident, values, right.how)


def _three_levels(rng: random.Random, part: list[Family]) -> Ledger:
    keys = ["seq", "village", "group", "no", "head", "name", "relation", "sex", "born", "id", "phone", "status", "address", "people",
        "school", "note"]
    page = Page("Sheet1")
    page.title("西兴镇2026年常住人口信息采集表", len(keys))
    inner = {"name": "身份信息", "relation": "身份信息", "sex": "身份信息", "born": "身份信息", "id": "身份信息", "phone": "联系与状态",
        "status": "联系与状态"}
    outer = {key: "家庭成员基本情况" for key in inner}
    top = page.put([outer.get(key, HEADINGS[key]) for key in keys])
    page.put([inner.get(key) for key in keys])
    page.put([HEADINGS[key] if key in inner else None for key in keys])
    at = {key: column for column, key in enumerate(keys)}
    page.merged += [(top, at["name"], top, at["status"]), (top + 1, at["name"], top + 1, at["id"]),
        (top + 1, at["phone"], top + 1, at["status"])]
    page.merged += [(top, column, top + 2, column) for column, key in enumerate(keys) if key not in inner]
    page.noise(*[float(number + 1) for number in range(len(keys))], how="栏号")
    for family in part:
        for human in family.people:
            cells, right = _person(rng, family, human)
            page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("常住人口信息采集表.xlsx", xlsx([page]), [page])


def _old_book(rng: random.Random, part: list[Family]) -> Ledger:
    """.xls: what a household shares stands once, blank below."""
    keys = ["no", "village", "group", "yard", "head", "name", "relation", "sex", "born", "id", "phone", "address", "status", "note"]
    page = Page("Sheet1")
    page.put(["西兴镇人口花名册"])
    page.put([HEADINGS[key] for key in keys])
    for family in part:
        for index, human in enumerate(family.people):
            cells, right = _person(rng, family, human, skip=("_strange_village", "_remark_elsewhere"))
            if index:
                cells |= {key: None for key in ("no", "village", "group", "yard", "address", "head")}
            page.put([cells.get(key) for key in keys], _without(right, keys))
        page.noise()
    return Ledger("人口花名册.xls", xls([page]), [page])


def _ditto_text(rng: random.Random, part: list[Family]) -> Ledger:
    """.csv in GB18030 with marks of repetition, as a program wrote it: ="5119…"."""
    keys = ["seq", "village", "group", "no", "head", "name", "relation", "sex", "born", "id", "phone", "address", "school", "note"]
    page = Page("名册")
    page.put(["西兴镇花名册"])
    page.put([HEADINGS[key] for key in keys])
    for family in part:
        for index, human in enumerate(family.people):
            cells, right = _person(rng, family, human, skip=("_strange_village", "_strange_status", "_failed"))
            if index:
                cells |= {key: rng.choice(["同上", "〃", "″", "同 上"]) for key in ("village", "group", "address")}
            cells["id"] = human.number if isinstance(cells["id"], str) and right.fate == GOOD else cells["id"]
            page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("名册.csv", text(page, "gb18030", guarded=(keys.index("id"),)), [page])


def _unicode_text(rng: random.Random, part: list[Family]) -> Ledger:
    keys = ["village", "group", "no", "head", "name", "relation", "sex", "born", "id", "phone", "address", "status", "note"]
    page = Page("名册")
    page.put([HEADINGS[key] for key in keys])
    for family in part:
        for human in family.people:
            cells, right = _person(rng, family, human, skip=("_remark_elsewhere",))
            page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("Unicode文本.txt", text(page, "utf-16", "\t"), [page])


def _web_table(rng: random.Random, part: list[Family]) -> Ledger:
    keys = ["seq", "village", "group", "no", "head", "name", "relation", "sex", "born", "id", "phone", "address", "status", "school",
        "note"]
    page = Page("Sheet1")
    page.title("人口信息导出", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for family in part:
        for human in family.people:
            cells, right = _person(rng, family, human)
            page.put([cells.get(key) for key in keys], _without(right, keys))
    return Ledger("导出.xls", html(page, "gb18030"), [page]) if len(part) % 2 else Ledger("导出.xls", spreadsheet_ml(page), [page])


def _halves(rng: random.Random, part: list[Family]) -> Ledger:
    """The printed left and right half, one person each in a line."""
    keys = ["seq", "village", "group", "no", "head", "name", "relation", "id", "phone", "note"]
    page = Page("Sheet1")
    page.title("西兴镇花名册（打印版）", 2 * len(keys) + 1)
    page.put([*[HEADINGS[key] for key in keys], None, *[HEADINGS[key] for key in keys]])
    absent = ("_remark_elsewhere", "_strange_status", "_other_sex", "_other_birth", "_failed")
    said = [_person(rng, family, human, skip=absent) for family in part for human in family.people]
    half = -(-len(said) // 2)
    for left, right in zip(said[:half], [*said[half:], None][:half], strict=False):
        both = [left, right] if right else [left]
        sides = [[cells.get(key) for key in keys] for cells, _ in both]
        rights = [Right(one.fate, one.ident, {**one.values, "yard": None, "address": ""}, one.how) for _, one in both]
        page.put([*sides[0], None, *(sides[1] if right else [])], *rights)
    return Ledger("打印版.xlsx", xlsx([page]), [page])


def _lines(rng: random.Random, part: list[Family]) -> Ledger:
    """A household in a line, its members across; only the dice of easy ways are thrown."""
    most = max(len(family.people) for family in part) - 1
    page = Page("Sheet1")
    page.title("西兴镇户情表", 5 + 3 * most)
    page.put(["村名", "组别", "户号", "户主姓名", "户主身份证号", *[f"家庭成员{n}{what}" for n in range(1, most + 1) for what in ("姓名",
        "与户主关系", "身份证号")]])
    for family in part:
        said = [_person(rng, family, human, spoils=0) for human in family.people]
        head = said[0][0]
        cells = [head["village"], head["group"], head["no"], head["name"], head["id"]]
        for member, _ in said[1:]:
            cells += [member["name"], member["relation"], member["id"]]
        rights = [Right(one.fate, one.ident, {**one.values, "yard": None, "address": "", "phone": "", "note": ""}, one.how) for _,
            one in said]
        page.put(cells, *rights)
    return Ledger("户情表.xlsx", xlsx([page]), [page])


def _by_group(rng: random.Random, part: list[Family]) -> Ledger:
    """A sheet per village; households are numbered anew in each group, whose names are merged over their lines."""
    keys = ["group", "no", "name", "relation", "sex", "born", "id", "phone", "note"]
    absent = ("_remark_elsewhere", "_strange_status", "_strange_village")
    pages = []
    for code in VILLAGES:
        page, groups = Page(SPOKEN[code]), dict[str, list[Family]]()
        page.put([HEADINGS[key] for key in keys])
        for family in part:
            if family.village == code:
                groups.setdefault(family.group, []).append(family)
        for group, homes in groups.items():
            first = len(page.lines)
            for place, family in enumerate(homes, 1):
                number = f"{group}-{place}" if len(groups) > 1 and sum(len(one) >= place for one in groups.values()) > 1 else str(place)
                for index, human in enumerate(family.people):
                    cells, right = _person(rng, family, human, skip=absent)
                    cells["no"] = None if index else float(place)
                    cells["group"] = group if len(page.lines) == first else None
                    ident, values = (code, number, human.name), {**right.values, "yard": None, "address": ""}
                    page.put([cells.get(key) for key in keys], Right(right.fate, ident, values, right.how))
            page.join(first, 0)
        pages.append(page)
    return Ledger("按组编号.xlsx", xlsx(pages), pages)
