"""What each kind of cell becomes, by table: (cell, value, verdict, part of the reason)."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest

from governance.sheets.cells import (
    _TABLE,
    Cleaned,
    clean_compact,
    clean_phone,
    clean_sex,
    clean_text,
    is_ditto,
    is_error,
    tidy,
)
from governance.sheets.dates import clean_birth, clean_date, clean_day, day_in_year, year_of
from governance.sheets.headings import HeadingMap, heading_key
from governance.sheets.parties import clean_parties
from governance.sheets.persons import birth_of, check_digit, clean_id_number, clean_name, sex_of
from governance.sheets.remarks import gone_in
from governance.sheets.roster_fields import KINDS, clean_group
from governance.sheets.tables import Table
from governance.sheets.words import RELATIONS, STATUSES, YES_NO, clean_relation, clean_yes_no

MARCH = dt.date(1985, 3, 7)
WOMAN = "51192919850307002" + check_digit("51192919850307002")
MAN_X = "51192919850307049X"

DATES = [
    ("1985-3-7", MARCH, "clean", "1985-03-07"),
    ("1985-03-07", MARCH, "take", ""),
    ("1985/03/07", MARCH, "clean", ""),
    ("1985.3.7", MARCH, "clean", ""),
    ("１９８５．３．７", MARCH, "clean", ""),
    ("19850307", MARCH, "clean", ""),
    (19850307.0, MARCH, "clean", ""),
    ("1985年3月7日", MARCH, "clean", ""),
    ("1985年 3月 7号", MARCH, "clean", ""),
    ("1985-3-7 00:00:00", MARCH, "clean", ""),
    (dt.date(1985, 3, 7), MARCH, "take", ""),
    (dt.datetime.fromisoformat("1985-03-07 12:00"), MARCH, "take", ""),
    (31113.0, MARCH, "clean", "Excel 日期序号"),
    ("31113", MARCH, "clean", "Excel 日期序号"),
    (31113.5, MARCH, "clean", "Excel 日期序号"),
    ("1985.3", dt.date(1985, 3, 1), "look", "只有年月"),
    (1985.3, dt.date(1985, 3, 1), "look", "只有年月"),
    (1985.12, dt.date(1985, 12, 1), "look", "只有年月"),
    ("1985.10", dt.date(1985, 10, 1), "look", "只有年月"),
    (198503.0, dt.date(1985, 3, 1), "look", "只有年月"),
    ("1985年3月", dt.date(1985, 3, 1), "look", "只有年月"),
    (1985.1, None, "look", "10月"),
    ("1985", None, "look", "只有年份"),
    (1985.0, None, "look", "只有年份"),
    ("1985-02-30", None, "refuse", "不存在"),
    ("1985.13", None, "refuse", "不存在"),
    ("0985-02-03", None, "refuse", "不在合理范围"),
    ("不详", None, "refuse", "不是日期"),
    ("25.3.7", dt.date(2025, 3, 7), "clean", ""),
    ("25年3月7日", dt.date(2025, 3, 7), "clean", ""),
    ("25年3月", dt.date(2025, 3, 1), "look", "只有年月"),
    ("一九八五年三月七日", MARCH, "clean", ""),
    ("二〇二五年十月三十一日", dt.date(2025, 10, 31), "clean", ""),
    ("1985\\3\\7", MARCH, "clean", ""),
    ("1985 03 07", MARCH, "clean", ""),
    ("1985--3-7", MARCH, "clean", ""),
    ("1985，3，7", MARCH, "clean", ""),
    ("1985。3。7", MARCH, "clean", ""),
    ("1985.3.7.", MARCH, "clean", ""),
    ("1985-03-07T00:00:00.000Z", MARCH, "clean", ""),
    ("民国74年3月7日", MARCH, "look", "民国74年按1985年"),
    ("农历1985年3月7日", None, "look", "农历"),
    ("1985年三月初七", None, "look", "农历"),
    ("5/3/1985", None, "look", "分不清"),
    ("10.5-12", None, "refuse", "像是几天"),
    ("1985年3-7", None, "refuse", "像是几天"),
    ("62岁", None, "look", "年龄"),
    ("3月7日", None, "refuse", "不是日期"),
    (float("nan"), None, "refuse", "不是日期"),
    (float("inf"), None, "refuse", "不是日期"),
    (5.0, None, "refuse", "不是日期"),
    (None, None, "take", ""),
    ("  ", None, "take", ""),
]
BIRTHS = [
    ("1985-03-07", MARCH, "take", ""),
    ("85年3月7日", MARCH, "clean", ""),
    ("85.3.7", MARCH, "clean", ""),
    ("85年3月", dt.date(1985, 3, 1), "look", "只有年月"),
    ("05.3.7", dt.date(2005, 3, 7), "look", "两位年份按2005年"),
    ("1985-02-30", None, "look", "不存在，未采用"),
    ("1985-13-01", None, "look", "不存在，未采用"),
    ("2月29日", None, "look", "未采用"),
    ("62", None, "look", "未采用"),
    ("不详", None, "look", "未采用"),
    (None, None, "take", ""),
]
DAYS = [
    ("3月7日", "3月7日", "refuse", "没有年份"),
    ("三月七日", "3月7日", "refuse", "没有年份"),
    ("3.7", "3.7", "refuse", "没有年份"),
    (3.7, "3.7", "refuse", "没有年份"),
    ("1985.3.7", MARCH, "clean", ""),
    ("不详", None, "refuse", "不是日期"),
]
ANSWERS = [
    ("√", "是", "clean", ""),
    ("是", "是", "take", ""),
    (1.0, "是", "clean", ""),
    (True, "是", "take", ""),
    ("×", "否", "clean", ""),
    ("无", "否", "clean", ""),
    (0.0, "否", "clean", ""),
    ("办理中", None, "look", "不认识的是否"),
]
KINSHIP = [
    ("长子", "子", "clean", ""),
    ("本人", "户主", "clean", ""),
    ("远房表亲", "远房表亲", "look", "不认识的与户主关系"),
]
NAMES = [
    ("王芳", "王芳", "take", ""),
    ("王 芳", "王芳", "clean", ""),
    ("李　华", "李华", "clean", ""),
    (" 欧阳志远\n", "欧阳志远", "clean", ""),
    ("买买提•吐尔逊", "买买提·吐尔逊", "clean", ""),
    ("买买提 ・ 吐尔逊", "买买提·吐尔逊", "clean", ""),
    ("买买提.吐尔逊", "买买提·吐尔逊", "clean", ""),
    ("阿依古丽·买买提", "阿依古丽·买买提", "take", ""),
    ("NGUYEN  THI HOA", "NGUYEN THI HOA", "clean", ""),
    ("龚䶮", "龚䶮", "take", ""),
    ("李㛃", "李㛃", "take", ""),
    ("陈𬀩", "陈𬀩", "take", ""),
    ("王𠅤", "王𠅤", "take", ""),
    ("𠅤某", "𠅤某", "look", "代称"),
    ("刘 某某", "刘某某", "look", "代称"),
    ("张*", "张*", "look", "代称"),
    ("张某", "张某", "look", "代称"),
    ("张三2", "张三2", "look", "数字"),
    ("张\ue863", "张\ue863", "look", "无法显示"),
    ("张\ufffd", "张\ufffd", "look", "无法显示"),
    ("张三、李四", "张三、李四", "look", "几个人"),
    ("秦五/尤六", "秦五/尤六", "look", "几个人"),
    ("秦五 尤六", "秦五尤六", "look", "几个人"),
    ("秦五和尤六", "秦五和尤六", "look", "几个人"),
    ("欧阳和平", "欧阳和平", "take", ""),
    ("欧阳 志远", "欧阳志远", "clean", ""),
    ("朱四、", "朱四", "clean", ""),
    ("卫\n二", "卫二", "clean", ""),
    ("\uf9e1小一", "李小一", "clean", ""),
    ("\u2f42小二", "文小二", "clean", ""),
    ("沈O", "沈O", "look", "字母"),
    ("张三李四王五赵六孙七", "张三李四王五赵六孙七", "look", "字数"),
    ("䶮", "䶮", "look", "字数"),
    ("无", None, "clean", "没有姓名"),
    (None, None, "take", ""),
]
IDS = [
    (WOMAN, WOMAN, "take", ""),
    (MAN_X, MAN_X, "take", ""),
    (MAN_X.lower(), MAN_X, "clean", "x 改为大写"),
    (f" {WOMAN} ", WOMAN, "clean", ""),
    (f"'{WOMAN}", WOMAN, "clean", ""),
    ("511929 19850307 0027", WOMAN, "clean", ""),
    ("５１１９２９１９８５０３０７００２７", WOMAN, "clean", "全角"),
    ("51192919850307049ｘ", MAN_X, "clean", ""),
    (511929198503070027.0, None, "refuse", "15位"),
    ("5.11929E+17", None, "refuse", "15位"),
    ("511929198503071234.0", None, "refuse", "15位"),
    ("511929198503070000", "511929198503070000", "look", "截断"),
    ("511929198503071000", None, "refuse", "截断"),
    ("511929198503070028", None, "refuse", "校验码"),
    ("51192919850230002" + check_digit("51192919850230002"), None, "refuse", "出生日期"),
    ("51192918850307002" + check_digit("51192918850307002"), None, "refuse", "出生日期"),
    ("51192919850307002", None, "refuse", "这里是17位"),
    ("5119291985030700Z7", None, "refuse", "不该有的字符"),
    ("511929850307002", WOMAN, "look", "15位旧"),
    (511929850307002.0, WOMAN, "look", "15位旧"),
    ("511929851307002", None, "refuse", "这里是15位"),
    (None, None, "take", ""),
]
PHONES = [
    ("15400000001", "15400000001", "take", ""),
    (15400000001.0, "15400000001", "take", ""),
    ("154 0000 0001", "15400000001", "clean", ""),
    ("１５４００００００01", "15400000001", "clean", "全角"),
    ("+86 154-0000-0001", "15400000001", "clean", ""),
    ("0827-1234567", "0827-1234567", "take", ""),
    ("(0827)1234567", "0827-1234567", "clean", ""),
    ("02812345678", "028-12345678", "clean", ""),
    ("15400000001/15400000002", "15400000001", "look", "多个"),
    ("15400000001 15400000002", "15400000001", "look", "多个"),
    ("1540000000", None, "look", "未采用"),
    ("无", None, "clean", "没有电话"),
    ("0086-15400000001", "15400000001", "clean", ""),
    ("(+86)15400000001", "15400000001", "clean", ""),
    ('"15400000001"。', "15400000001", "clean", ""),
    ("15400000001（儿子）", "15400000001", "clean", "“儿子”移到备注"),
    ("儿子15400000001", "15400000001", "clean", "“儿子”移到备注"),
    ("15400000001转2", "15400000001", "clean", "“转2”移到备注"),
    ("154 00000001;0827-6222223", "15400000001", "look", "多个"),
    ("154000000012", None, "look", "未采用"),
    ("1.54E+10", None, "look", "未采用"),
    (None, None, "take", ""),
]
GROUPS = [
    ("3组", "3组", "take", ""),
    (3.0, "3组", "clean", ""),
    ("三组", "3组", "clean", ""),
    ("三社", "3组", "clean", ""),
    ("第三村民小组", "3组", "clean", ""),
    ("第三居民小组", "3组", "clean", ""),
    ("第十二小组", "12组", "clean", ""),
    ("二十组", "20组", "clean", ""),
    ("０3 组", "3组", "clean", ""),
    ("柏树院", "柏树院", "take", ""),
    ("小组", "小组", "take", ""),
    (None, None, "take", ""),
]
SEXES = [
    ("男", "男", "take", ""),
    ("女性", "女", "clean", ""),
    (1.0, "男", "clean", ""),
    ("Ｆ", "女", "clean", ""),
    ("未知", None, "look", "性别"),
]
LABELS = [
    (12.0, "12", "take", ""),
    ("０１２", "012", "clean", "全角"),
    (" 1 - 2 ", "1-2", "clean", ""),
    (None, None, "take", ""),
]
TEXTS = [
    ("一组（东）12号", "一组（东）12号", "take", ""),
    ("一组　　１２号\n", "一组 12号", "clean", "全角改半角，去掉多余空格"),
    ("\u200b一组", "一组", "clean", ""),
    ("'=1+1", "=1+1", "clean", ""),
    (True, "是", "take", ""),
    (dt.datetime.fromisoformat("2024-03-01 08:30"), "2024-03-01 08:30:00", "take", ""),
]
TABLES: list[tuple[Callable[..., Cleaned], list[Any]]] = [
    (clean_date, DATES),
    (clean_birth, BIRTHS),
    (clean_day, DAYS),
    (clean_yes_no, ANSWERS),
    (clean_relation, KINSHIP),
    (clean_name, NAMES),
    (clean_id_number, IDS),
    (clean_phone, PHONES),
    (clean_group, GROUPS),
    (clean_sex, SEXES),
    (clean_compact, LABELS),
    (clean_text, TEXTS),
]
CASES = [pytest.param(clean, *case, id=f"{clean.__name__}-{case[0]!r}") for clean, table in TABLES for case in table]


@pytest.mark.parametrize(("clean", "cell", "value", "level", "reason"), CASES)
def test_it_cleans_a_cell(clean: Any, cell: Any, value: Any, level: str, reason: str) -> None:
    cleaned: Cleaned = clean(cell)
    assert (cleaned.value, cleaned.level) == (value, level)
    assert reason in cleaned.reason
    assert bool(cleaned.reason) == (level != "take")


@pytest.mark.parametrize("text", ["张三（已故）", "张三(已故)", "张 三【 已故 】", "（已故）张三"])
def test_it_moves_a_note_out_of_a_name(text: str) -> None:
    cleaned = clean_name(text)
    assert (cleaned.value, cleaned.level, cleaned.aside) == ("张三", "clean", "已故")


@pytest.mark.parametrize(
    ("text", "day", "level"),
    [
        ("3月7日", dt.date(2026, 3, 7), "clean"),
        ("三月七日", dt.date(2026, 3, 7), "clean"),
        ("3.7", dt.date(2026, 3, 7), "clean"),
        ("3-7", dt.date(2026, 3, 7), "clean"),
        ("1.1", dt.date(2026, 1, 1), "look"),
        ("2月30日", None, "refuse"),
        ("不详", None, "refuse"),
    ],
)
def test_it_puts_a_day_into_the_year_of_the_sheet(text: str, day: dt.date | None, level: str) -> None:
    cleaned = day_in_year(text, 2026)
    assert (cleaned.value, cleaned.level) == (day, level)


@pytest.mark.parametrize(
    ("sheet", "title", "year"),
    [
        ("八一村", "八一村积分台账（2026年1—3月）", 2026),
        ("八一村", "二〇二五年度台账", 2025),
        ("2025", "", 2025),
        ("八一村", "2025年12月至2026年2月", None),
        ("Sheet1", "联系电话15420250001", None),
        ("Sheet1", "填表日期：2026年1月5日", None),
        ("Sheet1", "2025年度台账 制表时间2026年1月5日", 2025),
    ],
)
def test_it_knows_the_one_year_of_a_table(sheet: str, title: str, year: int | None) -> None:
    assert year_of(Table(sheet, [title], (1,), [], HeadingMap())) == year


def test_it_keeps_a_phone_s_words_and_further_numbers_aside() -> None:
    assert clean_phone("154 00000001;0827-6222223（女儿）").aside == "0827-6222223、女儿"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("已迁出", "迁出"), ("户口已迁成都", "迁出"), ("2024年嫁到达州", "迁出"), ("已嫁出", "迁出"), ("已故", "死亡"),
        ("2025年12月死亡，未注销", "死亡"), ("病故", "死亡"), ("销户", "已注销"), ("户口未迁出", None), ("嫁入", None),
        ("户口迁入", None), ("没有迁走", None), ("没有去世", None), ("未死亡", None), ("外出务工", None), ("低保", None), ("", None),
    ],
)  # fmt: skip
def test_it_reads_in_a_remark_that_somebody_is_gone(text: str, status: str | None) -> None:
    assert gone_in(text) == status


def test_it_knows_failed_formulas_and_marks_of_repetition() -> None:
    assert all(is_error(cell) for cell in ("#REF!", " #n/a ", float("nan"), float("inf")))
    assert not any(is_error(cell) for cell in ("#1", "REF", 1.0, None))
    assert all(map(is_ditto, ["同上", " 同 上", "〃", "″", '"']))
    assert not any(is_ditto(cell) for cell in ("同上村", "", None, 1.0))


@pytest.mark.parametrize("opening", ["【", "（ ", "[（"])
def test_it_needs_no_time_for_brackets_that_never_close(opening: str) -> None:
    begun = time.process_time()
    for clean in (clean_name, clean_parties, heading_key):
        clean(opening * 25_000)
    assert time.process_time() - begun < 3


def test_it_keeps_the_second_phone_aside() -> None:
    assert clean_phone("15400000001、15400000002").aside == "15400000002"


def test_it_reads_birth_and_sex_from_old_and_new_numbers() -> None:
    assert (birth_of(WOMAN), sex_of(WOMAN)) == (MARCH, "女")
    assert (birth_of(MAN_X), sex_of(MAN_X)) == (MARCH, "男")
    assert (birth_of("511929850307002"), sex_of("511929850307002")) == (MARCH, "女")
    assert (birth_of("511929850307003"), sex_of("511929850307003")) == (MARCH, "男")


@pytest.mark.parametrize("table", [RELATIONS, STATUSES, KINDS, YES_NO])
def test_it_maps_every_word_of_the_house_to_itself(table: dict[str, str]) -> None:
    assert all(table[word] == word for word in table.values())


def test_every_odd_sign_is_made_plain_wherever_it_stands() -> None:
    for code, plain in _TABLE.items():
        assert tidy(f"甲{chr(code)}1") == f"甲{plain or ''}1"
    assert tidy(" \t'1 甲\n") == "1 甲"


@pytest.mark.parametrize("text", ["空户", "某某", "王某", "婴儿", "无名氏", "不详"])
def test_two_characters_may_be_no_name(text: str) -> None:
    assert clean_name(text).level != "take"


@pytest.mark.parametrize(("text", "level"), [("秦五和尤六", "look"), ("秦五及尤六", "look"), ("欧阳和平", "take"), ("王和平", "take")])
def test_two_people_joined_by_a_word_are_looked_at(text: str, level: str) -> None:
    assert clean_name(text).level == level
