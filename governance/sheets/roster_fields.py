"""The columns of a household roster: what villages call them and how their cells are cleaned (mission M01, M39)."""

import re

from governance.sheets.cells import (
    CLEAN,
    EMPTY,
    Cleaned,
    clean_choice,
    clean_compact,
    clean_phone,
    clean_sex,
    clean_text,
    raw_text,
    tidy,
)
from governance.sheets.dates import clean_date
from governance.sheets.headings import Field
from governance.sheets.persons import clean_id_number, clean_name
from governance.sheets.reader import Cell

HEAD = "户主"


def _spellings(table: dict[str, str]) -> dict[str, str]:
    return {spelling: word for word, spellings in table.items() for spelling in [word, *spellings.split()]}


RELATIONS = _spellings(
    {
        HEAD: "本人 户主本人 自己 本户户主 户主（本人） 户主(本人)",
        "配偶": "妻子 妻 丈夫 夫 爱人 老婆 老公 之妻 之夫",
        "子": "儿子 儿 之子 长子 次子 三子 四子 五子 大儿子 二儿子 三儿子 独生子 独子 幼子 养子 继子",
        "女": "女儿 之女 长女 次女 三女 四女 五女 大女儿 二女儿 三女儿 独生女 独女 幼女 养女 继女",
        "子女": "孩子 小孩",
        "父亲": "父 之父 爸爸",
        "母亲": "母 之母 妈妈",
        "父母": "",
        "儿媳": "儿媳妇 子媳 长媳 次媳 之儿媳",
        "女婿": "之女婿 上门女婿",
        "孙子": "孙 长孙 次孙 之孙子",
        "孙女": "长孙女 次孙女 之孙女",
        "外孙子": "外孙",
        "外孙女": "",
        "祖孙": "",
        "祖父": "爷爷",
        "祖母": "奶奶",
        "外祖父": "外公",
        "外祖母": "外婆",
        "岳父": "丈人",
        "岳母": "丈母娘",
        "公公": "",
        "婆婆": "",
        "兄弟姐妹": "兄 哥哥 哥 弟 弟弟 姐 姐姐 妹 妹妹",
        "曾孙": "曾孙子 曾孙女 重孙 重孙子 重孙女",
        "其他": "其它 其他亲属 其它亲属 其他关系 非亲属",
    }
)
STATUSES = _spellings(
    {
        "正常": "在家 在村 常住 健在 在籍 在户",
        "外出": "外出务工 务工 在外 外出打工",
        "迁出": "已迁出 户口迁出 户口已迁出 迁走 出嫁",
        "死亡": "已故 去世 已去世 亡故 已死亡 死亡注销 病故 亡",
        "已注销": "注销 销户 已销户 户口注销",
    }
)
KINDS = _spellings(
    {"户口簿": "户口本 户籍 户籍户 户籍人口 同户口簿", "共同居住": "常住 常住户 同住 实际居住 居住 常住人口 共同居住户"}
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
_GROUP = re.compile(r"第?(\d{1,3}|[一二三四五六七八九]?十?[一二三四五六七八九]?)(?:村民)?小?[组社]?")


def clean_group(cell: Cell) -> Cleaned:
    """A villagers' group by number, 第三村民小组, 三组, 3社 or 3 all being 3组; a named group keeps its name."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    match = _GROUP.fullmatch(text)
    if match is None or not match.group(1):
        return clean_compact(cell)
    name = f"{_number(match.group(1))}组"
    return Cleaned(name) if name == raw_text(cell) else Cleaned(name, CLEAN, f"统一写成“{name}”")


def _number(text: str) -> int:
    """An Arabic or Chinese numeral below 100 (十二, 二十)."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS[tens] if tens else 1) * 10 * bool(ten) + (_DIGITS[ones] if ones else 0)


ROSTER_FIELDS = (
    Field(
        "village",
        "村（社区）",
        "村 村名 村名称 村社区 社区村 村委会 所属村 所在村 行政村 社区 村居",
        clean_text,
    ),
    Field("group", "村民小组", "村民小组 村民组 组别 小组 组 社别 组名 所属小组 所在组", clean_group),
    Field("settlement", "聚居点", "聚居点 院落 居住点 院子 安置点 小区 自然村 所属院落", clean_text),
    Field(
        "household_no",
        "户号",
        "户号 户编号 家庭编号 门牌序号 户序号 户编码 家庭户号 户口簿号 户口薄号",
        clean_compact,
    ),
    Field("head_name", "户主姓名", "户主姓名 户主 户主名 家庭户主 户主名字", clean_name),
    Field(
        "name",
        "姓名",
        "姓名 家庭成员姓名 成员姓名 人员姓名 居民姓名 名字 家庭成员",
        clean_name,
        required=True,
    ),
    Field(
        "relation",
        "与户主关系",
        "与户主关系 与户主的关系 和户主关系 家庭关系 家庭成员关系 户主关系 成员关系 关系",
        lambda cell: clean_choice(cell, RELATIONS, "与户主关系"),
    ),
    Field("sex", "性别", "性别", clean_sex),
    Field("birth_date", "出生日期", "出生日期 出生年月日 出生年月 生日 出生时间", clean_date),
    Field(
        "id_number",
        "身份证号码",
        "公民身份号码 公民身份证号码 公民身份证号 居民身份证号码 居民身份证号 身份证号码 身份证号 "
        "身份证件号码 身份证 证件号码 证件号 身份号码",
        clean_id_number,
    ),
    Field(
        "phone",
        "联系电话",
        "手机号码 手机号 手机 联系手机 联系电话 联系方式 电话号码 电话 联系号码",
        clean_phone,
    ),
    Field(
        "address",
        "住址",
        "住址 家庭住址 现居住地址 现居住地 现住址 现住地址 居住地址 常住地址 详细地址 家庭地址 地址 "
        "户籍地址 户籍详址 户籍详细地址",
        clean_text,
    ),
    Field(
        "kind",
        "户类型",
        "户类型 户别 户类别 户性质",
        lambda cell: clean_choice(cell, KINDS, "户类型"),
    ),
    Field(
        "status",
        "人员状态",
        "人员状态 人口状态 人户状态 状态",
        lambda cell: clean_choice(cell, STATUSES, "人员状态"),
    ),
    Field("note", "备注", "备注 说明 备注说明", clean_text),
)
