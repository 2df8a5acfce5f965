"""Ledgers of disputes: status words and ticks, parties in one cell, days without a year, two-level headings, ditto marks."""

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
    day_words,
    html,
    phone_words,
    pick,
    text,
    village_words,
    words,
    xls,
    xlsx,
)
from tests.sheets.ugly.people import named

Cells = dict[str, Cell]
MEDIATORS = {"511923102201": "罗调平", "511923102202": "梁解安", "511923102001": "何和顺"}
HEADINGS = {
    "seq": "序号", "old": "编号", "village": "村（社区）", "found": "排查时间", "day": "受理时间", "source": "来源",
    "category": "纠纷类型", "parties": "当事人", "phones": "联系电话", "text": "基本情况", "risk": "风险等级", "leader": "责任领导",
    "mediator": "责任人", "measures": "调处措施", "due": "办理时限", "result": "调处结果", "ended": "化解时间", "done": "履行情况",
    "visited": "回访日期", "visit": "回访情况", "filing": "是否归档", "note": "备注", "people": "涉及人数",
}  # fmt: skip
AGREED = words(
    "达成协议 已化解 化解成功 调解成功 已调解 已办结 双方达成和解 当场化解 √ 已解决 调处完毕 达成口头协议 和解 双方握手言和 已结案 "
    "结案 已处理 已签订调解协议 经调解，双方达成协议 调解成功（已履行） 已化解，双方满意 经村委会调解，双方和好 调处成功"
)
OPEN = words("化解中 调解中 正在调处 正在处理 办理中 持续跟进 稳控中 正在化解 处理中 跟进中")
FAILED = words("调解不成 引导诉讼 已起诉 走司法程序 未达成协议 调解失败 调解不成，引导诉讼 已调解未成功")
UNSURE = words("未化解 × 待研究 基本化解 部分化解 已上报 化解？ 达成协议又反悔 √/×")
RISKS = {"red": ("高", "红", "重大", "红色"), "yellow": ("中", "黄色", "较大"), "green": ("低", "一般", "绿", "")}
SOURCES = {"patrol": ("巡查发现", "排查", "网格排查"), "visit": ("走访", "入户走访"), "superior": ("上级交办", "镇交办")}
CATEGORIES = {"linli": ("邻里纠纷", "邻里"), "jiating": ("婚姻家庭纠纷", "婚姻家庭"), "tudi": ("土地山林纠纷",),
    "zhaijidi": ("宅基地纠纷", "宅基地")}
BODIES = ("八一村村民委员会", "平昌县青山劳务有限公司", "西兴镇中心小学校", "马鞍村二组")
TOLD = ("为过路争吵", "争田边地角", "补偿款合计3000元未付", "房檐滴水", "说明：双方为水沟争吵", "砍树", "借款总计5万元不还")
Spoil = Callable[[random.Random, Cells, dict[str, Any]], tuple[str, str]]


def make(rng: random.Random, count: int) -> list[Ledger]:
    makers = (_plain_book, _two_levels, _official_text, _ticks, _unicode_text, _web_table)
    share = -(-count // len(makers))
    return [maker(rng, range(number * share, (number + 1) * share)) for number, maker in enumerate(makers)]


# --- one dispute ----------------------------------------------------------------------------------------------------------


def _dispute(rng: random.Random, number: int, code: str, year: int, skip: tuple[str, ...] = ()) -> tuple[Cells, Right]:
    accepted = dt.date(year, 1, 4) + dt.timedelta(days=rng.randrange(80))
    says = rng.choices((AGREED, OPEN, FAILED, [""]), (6, 3, 2, 1))[0]
    word, over = rng.choice(says), says in (AGREED, FAILED)
    ended = accepted + dt.timedelta(days=rng.randrange(9)) if over and rng.random() < 0.8 else None
    visited = (ended or accepted) + dt.timedelta(days=20) if over and rng.random() < 0.3 else None
    names, phones = _both(rng), (f"154{rng.randrange(10**8):08}", f"154{rng.randrange(10**8):08}")
    parties, numbers, known = _parties(rng, names, phones)
    risk, source, category = rng.choice(list(RISKS)), rng.choice(list(SOURCES)), rng.choice(list(CATEGORIES))
    filed = bool(visited) and rng.random() < 0.5
    said = f"{rng.choice(TOLD)}{number}"
    cells: Cells = {
        "seq": float(number), "old": f"八纠〔{year}〕{number}号", "village": village_words(code, rng),
        "found": day_words(accepted, rng, True),
        "day": day_words(accepted, rng, True), "source": rng.choice(SOURCES[source]), "category": rng.choice(CATEGORIES[category]),
        "parties": parties, "phones": numbers, "text": said, "risk": rng.choice(RISKS[risk]), "leader": rng.choice(["王镇长", None]),
        "mediator": rng.choice([MEDIATORS[code], None]), "measures": "上门调解", "due": "15日", "result": word,
        "ended": day_words(ended, rng, True) if ended else None, "done": None,
        "visited": day_words(visited, rng, True) if visited else None,
        "visit": rng.choice(["双方和好", "无反复", "未出现反复"]) if visited else None,
        "filing": rng.choice(["是", "√", "已归档"]) if filed else None,
        "note": rng.choice([None, "无", "第二次排查"]), "people": 2.0,
    }  # fmt: skip
    outcome = "agreed" if says is AGREED else "failed" if says is FAILED else ""
    values: dict[str, Any] = {
        "old": cells["old"], "village": code, "day": accepted, "ended": (ended or accepted) if over else None, "parties": names,
        "phones": known,
        "outcome": outcome, "risk": risk, "source": source, "category": category, "leader": cells["leader"] or "",
        "mediator": cells["mediator"] or "", "visited": visited, "filed": filed,
    }  # fmt: skip
    fate, how = GOOD, ""
    if rng.random() < 0.12:
        fate, how = rng.choice([spoil for spoil in SPOILS if spoil.__name__ not in skip])(rng, cells, values)
    return cells, Right(fate, (said,), values, how)


def _both(rng: random.Random) -> tuple[str, ...]:
    """Two names, the second sometimes that of a body."""
    one, two = named(rng, 2)
    return one, rng.choice(BODIES) if rng.random() < 0.1 else two


def _parties(rng: random.Random, names: tuple[str, ...], phones: tuple[str, ...]) -> tuple[str, Cell, tuple[str, ...]]:
    """The cells of the parties and of their numbers, and the numbers that the register must hold."""
    (one, two), (first, second) = names, phones
    bare = (
        f"{one}、{two}", f"{one}与{two}", f"{one},{two}", f"{one}\n{two}", f"甲方：{one} 乙方：{two}", f"申请人：{one}；被申请人：{two}",
        f"{one}/{two}", f"{one} {two}", f"{one}和{two}", f"{one}，男；{two}，女", f"原告：{one} 被告：{two}", f"男方：{one}\n女方：{two}",
        f"1.{one} 2.{two}", f"①{one}②{two}", f"（1）{one}（2）{two}", f"{one}、{two}。",
    )  # fmt: skip
    told = (
        f"{one}（{first}）、{two}（{second}）", f"甲方：{one}，电话{first}；乙方：{two}，电话{second}", f"{one}{first}，{two}{second}",
        f"{one}（{first}）{two}（{second}）", f"1.{one}，男，电话{first} 2.{two}，男，电话{second}",
        f"{one}({first},三组)、{two}({second})", f"甲方:{one}（男，45岁，{first}）乙方:{two}（女，{second}）",
    )  # fmt: skip
    way = rng.randrange(6)
    if way == 0:
        return rng.choice(told), None, phones
    if way == 1:
        return rng.choice(bare), None, ("", "")
    if way == 2:
        return rng.choice(bare), phone_words(first, rng), (first, "")
    if way == 3:
        return rng.choice(bare), rng.choice([f"{one}{first} {two}{second}", f"{first}（{one}）、{second}（{two}）",
            f"{one}：{first}\n{two}：{second}"]), phones
    return rng.choice(bare), rng.choice([f"{first}、{second}", f"{first}/{second}", f"{first}\n{second}", f"{first} {second}"]), phones


# --- ways to spoil a row --------------------------------------------------------------------------------------------------


def _unsure(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["result"] = rng.choice(UNSURE)
    return LOOK, f"调处结果“{cells['result']}”"


def _too_early(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["ended"], cells["result"] = (values["day"] - dt.timedelta(days=3)).isoformat(), "达成协议"
    return LOOK, "化解早于受理"


def _not_over(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["ended"], cells["result"], cells["visited"], cells["visit"] = values["day"].isoformat(), "化解中", None, None
    return LOOK, "化解中却有化解时间"


def _bad_day(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["day"] = pick(rng, "2027-01-05", "农历二月初三", "2026-02-30", "去年", "#REF!", None, "2026年3月", "1月", "3.1", "10.5-12",
        "3.5-7", "3月5日-8日")
    cells["ended"] = cells["visited"] = cells["visit"] = cells["filing"] = None
    return REFUSE, f"受理时间“{cells['day']}”"


def _nobody(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["parties"] = pick(rng, None, "#VALUE!")
    return REFUSE, f"当事人“{cells['parties']}”"


def _others(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["parties"] = f"{values['parties'][0]}等{rng.choice(['5人', '人', '3户'])}"
    return LOOK, f"当事人“{cells['parties']}”"


def _untold(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["text"] = None
    return REFUSE, "没有基本情况"


def _elsewhere(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["village"] = rng.choice(["得胜镇八一村", "北京村", "八一"[:1]])
    return REFUSE, f"村“{cells['village']}”"


def _strange(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    key, word = rng.choice([("risk", "蓝色"), ("source", "广播"), ("category", "涉水纠纷"), ("mediator", "查无此人")])
    cells[key] = word
    return LOOK, f"不认识的“{word}”"


def _relapse(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["result"], cells["visited"] = "达成协议", (values["day"] + dt.timedelta(days=30)).isoformat()
    cells["visit"] = rng.choice(["又反悔了", "有反复", "未履行协议", "双方再次争吵"])
    return LOOK, f"回访“{cells['visit']}”"


def _filed_alone(rng: random.Random, cells: Cells, values: dict[str, Any]) -> tuple[str, str]:
    cells["filing"], cells["visited"], cells["visit"], cells["result"] = "已归档", None, None, rng.choice(["化解中", "达成协议"])
    cells["ended"] = None
    return LOOK, "归档而没有回访"


SPOILS: list[Spoil] = [_unsure, _too_early, _not_over, _bad_day, _nobody, _others, _untold, _elsewhere, _strange, _relapse, _filed_alone]


# --- files ----------------------------------------------------------------------------------------------------------------


def _code(number: int) -> str:
    return list(VILLAGES)[number // 4 % len(VILLAGES)]


def _plain_book(rng: random.Random, numbers: range) -> Ledger:
    """Villages by ditto marks and blanks, the year in the title, a subtotal each ten, the heading again, a hidden old sheet."""
    keys = ["seq", "village", "old", "found", "day", "parties", "phones", "text", "category", "risk", "ended", "result", "filing",
        "visited", "visit", "note"]
    page = Page("台账")
    page.title("西兴镇矛盾纠纷排查化解台账（2026年1—3月）", len(keys))
    page.put(["填报单位：西兴镇综治中心"])
    page.put([HEADINGS[key] for key in keys])
    last = ""
    for number in numbers:
        code = _code(number)
        cells, right = _dispute(rng, number, code, 2026, ("_strange",))
        if code == last and right.fate == GOOD:
            cells["village"] = rng.choice(["〃", "同上", None, "″"])
        last = code if "村“" not in right.how else ""
        page.put([cells[key] for key in keys], _bare(right, keys))
        if number % 10 == 9:
            page.noise("小计", None, None, None, "10件")
            page.noise(*[HEADINGS[key] for key in keys], how="重复的表头")
            last = ""
    page.noise("合计", None, f"共{len(numbers)}件")
    page.noise("填表人：", None, "审核人：", None, "2026年4月1日")
    old = Page("2024年", hidden=True)
    old.noise("受理时间", "当事人", "基本情况")
    return Ledger("矛盾纠纷台账.xlsx", xlsx([page, old]), [page, old])


def _bare(right: Right, keys: list[str]) -> Right:
    """The key of a page that lacks some columns."""
    values = dict(right.values)
    empty = {"source": "other", "mediator": "", "leader": "", "risk": "green", "category": "jiufen", "old": "", "visited": None}
    values |= {key: word for key, word in empty.items() if key not in keys}
    if "visited" not in keys or "filing" not in keys:
        values["filed"] = False
    if "ended" not in keys and values["ended"]:
        values["ended"] = values["day"]
    if "phones" not in keys:
        del values["phones"]
    return Right(right.fate, right.ident, values, right.how)


def _two_levels(rng: random.Random, numbers: range) -> Ledger:
    """.xls with a sheet per village and a heading in two rows; the year stands in the sheet's title only."""
    upper = {"parties": "当事人情况", "phones": "当事人情况", "result": "调处情况", "ended": "调处情况", "visited": "回访", "visit": "回访"}
    keys = ["seq", "parties", "phones", "text", "day", "category", "source", "risk", "leader", "mediator", "result", "ended", "visited",
        "visit"]
    pages = []
    for code, name in SPOKEN.items():
        page = Page(name)
        page.title(f"{name}2025年第一季度矛盾纠纷台账", len(keys))
        page.put([f"填报单位：{name}", None, None, None, "填表日期：2026年1月5日"])
        top = page.put([upper.get(key, HEADINGS[key]) for key in keys])
        page.put([HEADINGS[key] if key in upper else None for key in keys])
        page.merged += [(top, column, top + 1, column) for column, key in enumerate(keys) if key not in upper]
        at = keys.index
        page.merged += [(top, at("parties"), top, at("phones")), (top, at("result"), top, at("ended")),
            (top, at("visited"), top, at("visit"))]
        for number in numbers:
            if _code(number) == code:
                cells, right = _dispute(rng, number, code, 2025, ("_elsewhere", "_filed_alone"))
                page.put([cells[key] for key in keys], _bare(right, keys))
        pages.append(page)
    return Ledger("第一季度台账.xls", xls(pages), pages)


def _official_text(rng: random.Random, numbers: range) -> Ledger:
    """The official columns in a .csv of GB18030 of one village, named by the file."""
    keys = ["seq", "day", "source", "category", "parties", "text", "risk", "leader", "mediator", "measures", "due", "result", "done",
        "visited", "visit", "note"]
    page = Page("八一村矛盾纠纷台账2026年")
    page.put([HEADINGS[key] for key in keys])
    for number in numbers:
        cells, right = _dispute(rng, number, "511923102201", 2026, ("_elsewhere", "_too_early", "_not_over", "_filed_alone"))
        page.put([cells[key] for key in keys], _bare(right, keys))
    return Ledger("八一村矛盾纠纷台账2026年.csv", text(page, "gb18030"), [page])


def _ticks(rng: random.Random, numbers: range) -> Ledger:
    """Statuses as ticks in three columns; days of Excel's own."""
    keys = ["seq", "village", "day", "parties", "phones", "text", "category", "people"]
    page = Page("Sheet1")
    page.put([*[HEADINGS[key] for key in keys], "已化解", "化解中", "未达成协议"])
    for number in numbers:
        skip = ("_unsure", "_too_early", "_not_over", "_strange", "_relapse", "_filed_alone")
        cells, right = _dispute(rng, number, _code(number), 2026, skip)
        if right.fate == GOOD:
            cells["day"] = pick(rng, right.values["day"], right.values["day"].isoformat())
        outcome = right.values["outcome"]
        ticks: list[Cell] = ["√" if outcome == "agreed" else None, "√" if not outcome else None, "✔" if outcome == "failed" else None]
        if right.fate == GOOD and rng.random() < 0.05:
            ticks, right = ["√", "√", None], Right(LOOK, right.ident, right.values, "两个勾")
        page.put([*[cells[key] for key in keys], *ticks], _bare(right, keys))
    return Ledger("打勾台账.xlsx", xlsx([page]), [page])


def _unicode_text(rng: random.Random, numbers: range) -> Ledger:
    keys = ["old", "village", "day", "category", "parties", "phones", "text", "result", "ended", "note"]
    page = Page("2026年台账")
    page.put([HEADINGS[key] for key in keys])
    for number in numbers:
        cells, right = _dispute(rng, number, _code(number), 2026, ("_strange", "_relapse", "_filed_alone"))
        page.put([cells[key] for key in keys], _bare(right, keys))
    return Ledger("2026年台账.txt", text(page, "utf-16", "\t"), [page])


def _web_table(rng: random.Random, numbers: range) -> Ledger:
    keys = ["seq", "text", "parties", "phones", "village", "day", "risk", "source", "result", "ended", "filing", "visited", "visit",
        "mediator"]
    page = Page("Sheet1")
    page.title("二〇二六年矛盾纠纷台账", len(keys))
    page.put([HEADINGS[key] for key in keys])
    for number in numbers:
        cells, right = _dispute(rng, number, _code(number), 2026, ("_strange",))
        page.put([cells[key] for key in keys], _bare(right, keys))
    page.noise("合计", f"共{len(numbers)}件")
    return Ledger("导出.xls", html(page), [page])
