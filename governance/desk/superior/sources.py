"""What the portal offers to a superior's form, by key, and which of it a heading seems to ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.desk.superior.figures import Asked, figures_of, record_books
from governance.desk.superior.layout import CELLS, RECORDS, Part
from governance.periods import today
from governance.sheets.cells import clean_text
from governance.sheets.headings import Field, heading_key, map_headings
from governance.sheets.writer import Value
from villages.models import Unit

SERIAL, PLACE_NAME, PLACE_CODE = "serial", "unit.name", "unit.code"
_COMMON = {
    "text.township": ("乡镇名称", "乡镇 镇 乡镇名称 所属乡镇 填报单位 单位名称 镇街 乡镇街道"),
    "text.period": ("期间", "期间 填报期间 报告期 所属月份 填报月份 月份"),
    "text.today": ("填表日期", "填报日期 填表日期 填报时间 制表日期 上报日期"),
    "text.user": ("填表人", "填报人 填表人 制表人 经办人"),
}
_PLACE = {
    SERIAL: ("序号", "序号 编号序号"),
    PLACE_NAME: ("村（社区）名称", "村 村名 村社区 村社区名称 单位 行政村 村居 村委会 社区"),
    PLACE_CODE: ("村（社区）代码", "代码 区划代码 村代码"),
}
# What superiors call the columns of the ledgers.
_FIELD_WORDS = {
    "村（社区）": "村 村名 村社区 村居 行政村 所在村 所在村社区 村委会",
    "村民小组": "组 小组 组别 村民小组 社 组名",
    "聚居点": "聚居点 院落 聚居点院落",
    "户主": "户主 户主姓名",
    "姓名": "姓名 名字 人员姓名 成员姓名 居民姓名",
    "与户主关系": "与户主关系 关系 家庭关系",
    "出生日期": "出生日期 出生年月 出生年月日 生日",
    "身份证号（脱敏）": "身份证号脱敏 身份证号 身份证号码 身份证 公民身份号码 证件号码",
    "户主身份证号（脱敏）": "户主身份证号 身份证号 身份证号码 户主身份证号码",
    "联系电话": "联系电话 电话 手机号 手机号码 电话号码 联系方式",
    "户主电话": "户主电话 联系电话 电话 手机号 联系方式",
    "住址": "住址 家庭住址 地址 详细地址 居住地址 户籍地址",
    "人数": "人数 家庭人口 家庭人数 人口数 户人数 家庭人口数",
    "男": "男 人口男 家庭人口男 男性",
    "女": "女 人口女 家庭人口女 女性",
    "60岁以上": "60岁以上 60岁以上人数 老人数",
    "户主性别": "户主性别 性别",
    "户主出生日期": "户主出生日期 出生日期 出生年月",
    "户主年龄": "户主年龄 年龄",
    "受理日期": "受理日期 受理时间 排查时间 登记日期 排查日期",
    "纠纷类型": "纠纷类型 纠纷类别 类型 类别",
    "当事人": "当事人 当事人姓名 双方当事人",
    "基本情况": "基本情况 纠纷简况 主要情况 纠纷简要情况 简要情况 事由",
    "调处结果": "调处结果 化解结果 化解情况 处理结果 调解结果",
    "责任人": "责任人 调解员 调解人",
}
MASKED = "脱敏"
_HINT = re.compile(r"[（(]([^（()）]*)[）)]")
_UNIT_OF_MEASURE = re.compile(r"(单位[:：]?)?(户|人|个|件|次|岁|名|人次|万?元|%|％|社区|村|填写?.{0,6}|必填)")
_NEUTRAL = re.compile(
    r"(户籍|家庭|常住|总)?人口(数|总数)?|性别|年龄(段|结构)?|其中|合计|特殊(困难)?(群体|人群)|重点人群"
    r"|.{0,6}(情况|结构|工作|服务|治理|信息|概况|巡查)"
)


def fields_of(ledger: str) -> list[Field]:
    """The columns of a ledger, by the key that a form keeps."""
    book = record_books().get(ledger)
    titles = [column.heading for column in book.ledger.columns] if book else []
    fields = [_field(f"field.{title}", title, f"{heading_key(title)} {_FIELD_WORDS.get(title, '')}") for title in titles if title != "序号"]
    return [_field(SERIAL, *_PLACE[SERIAL]), *fields]


def record_fields() -> dict[str, list[Field]]:
    """The columns of every ledger by its name, without those that every form has."""
    return {name: fields_of(name)[1:] for name in record_books()}


def options(part: Part, township: Unit) -> list[tuple[str, list[tuple[str, str]]]]:
    """What may be put below a heading of a sheet, grouped for a choice."""
    common = ("固定内容", [(key, label) for key, (label, _) in _COMMON.items()])
    if part.kind == RECORDS:
        book = record_books().get(part.ledger)
        title = book.ledger.title if book else "台账"
        return [(title, [(field.key, field.label) for field in fields_of(part.ledger)]), common]
    groups: dict[str, list[tuple[str, str]]] = {}
    for figure in figures_of(township).values():
        groups.setdefault(figure.group, []).append((f"figure.{figure.key}", figure.label))
    place = [] if part.kind == CELLS else [("村（社区）", [(key, label) for key, (label, _) in _PLACE.items()])]
    return [*place, *groups.items(), common]


def proposed(part: Part, township: Unit, earlier: Mapping[str, str]) -> dict[str, str]:
    """Column or cell → key, for the headings that are known: as `earlier` forms said it (heading → key), else by the words."""
    known = {key for _, choices in options(part, township) for key, _ in choices}
    said = {place: earlier[heading] for place, heading in part.headings.items() if earlier.get(heading) in known}
    if part.kind == RECORDS:
        found = map_headings(list(part.headings.values()), fields_of(part.ledger))
        places = list(part.headings)
        return {places[column]: key for key, column in found.columns.items()} | said
    return by_words(part.headings, list(_asked(part, township))) | said


def by_words(headings: Mapping[str, str], fields: Sequence[Field]) -> dict[str, str]:
    """Column or cell → key of a figure, each figure once. Levels above may be left out where they narrow nothing: 人口/性别/男 are
    the men, 60岁以上/男 are not; nor does 户数（低保） mean the households."""
    names = {heading_key(word): item for item in reversed(fields) for word in (item.label, *item.synonyms.split())}
    found: dict[str, str] = {}
    for place, heading in headings.items():
        if not all(_UNIT_OF_MEASURE.fullmatch(hint) for hint in _HINT.findall(heading)):
            continue
        levels = [heading_key(level) for level in heading.split("/")]
        for cut in range(len(levels)):
            item = names.get("".join(levels[cut:]))
            if item and item.key not in found.values() and all(_NEUTRAL.fullmatch(above) or above in item.label for above in levels[:cut]):
                found[place] = item.key
                break
    return found


def _asked(part: Part, township: Unit) -> Iterator[Field]:
    if part.kind != CELLS:
        yield from (_field(key, label, words) for key, (label, words) in _PLACE.items())
    yield from (_field(f"figure.{figure.key}", figure.label, figure.words) for figure in figures_of(township).values())
    if part.kind == CELLS:
        yield from (_field(key, label, words) for key, (label, words) in _COMMON.items())


def _field(key: str, label: str, words: str) -> Field:
    return Field(key, label, words, clean_text)


def text_of(key: str, asked: Asked) -> Value:
    """What is the same in every cell."""
    texts: dict[str, Any] = {
        "text.township": asked.township.name,
        "text.period": asked.period.label,
        "text.today": today(),
        "text.user": asked.user.name,
    }
    return texts.get(key)
