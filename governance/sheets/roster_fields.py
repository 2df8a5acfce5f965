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
from governance.sheets.dates import arabic, clean_birth
from governance.sheets.headings import Field
from governance.sheets.persons import clean_id_number, clean_name
from governance.sheets.reader import Cell
from governance.sheets.words import STATUSES, clean_relation, spellings

KINDS = spellings(
    {"户口簿": "户口本 户籍 户籍户 户籍人口 同户口簿", "共同居住": "常住 常住户 同住 实际居住 居住 常住人口 共同居住户"}
)
_GROUP = re.compile(r"第?(\d{1,3}|[一二三四五六七八九]?十?[一二三四五六七八九]?)(?:[村居]民)?小?[组社]?")


def clean_group(cell: Cell) -> Cleaned:
    """A group by number, 第三村民小组, 第三居民小组, 三组, 3社 or 3 all being 3组; a named group keeps its name."""
    text = "".join(tidy(raw_text(cell)).split())
    if not text:
        return EMPTY
    match = _GROUP.fullmatch(text)
    if match is None or not match.group(1):
        return clean_compact(cell)
    name = f"{int(arabic(match.group(1)))}组"
    return Cleaned(name) if name == raw_text(cell) else Cleaned(name, CLEAN, f"统一写成“{name}”")


ROSTER_FIELDS = (
    Field(
        "village",
        "村（社区）",
        "村 村名 村名称 村社区 社区村 村委会 所属村 所在村 行政村 社区 村居",
        clean_text,
        carries=True,
        shared=True,
    ),
    Field("group", "村民小组", "村民小组 村民组 组别 小组 组 社别 组名 所属小组 所在组", clean_group, carries=True, shared=True),
    Field("settlement", "聚居点", "聚居点 院落 居住点 院子 安置点 小区 自然村 所属院落", clean_text, carries=True, shared=True),
    Field(
        "household_no",
        "户号",
        "户号 户编号 家庭编号 门牌序号 户序号 户编码 家庭户号 户口簿号 户口薄号",
        clean_compact,
        shared=True,
    ),
    Field("head_name", "户主姓名", "户主姓名 户主 户主名 家庭户主 户主名字", clean_name, shared=True),
    Field(
        "name",
        "姓名",
        "姓名 家庭成员姓名 成员姓名 人员姓名 居民姓名 名字 家庭成员",
        clean_name,
        required=True,
        stands_in="head_name",
    ),
    Field(
        "relation",
        "与户主关系",
        "与户主关系 与户主的关系 和户主关系 家庭关系 家庭成员关系 户主关系 成员关系 关系",
        clean_relation,
    ),
    Field("sex", "性别", "性别", clean_sex),
    Field("birth_date", "出生日期", "出生日期 出生年月日 出生年月 生日 出生时间", clean_birth),
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
        shared=True,
    ),
    Field(
        "kind",
        "户类型",
        "户类型 户别 户类别 户性质",
        lambda cell: clean_choice(cell, KINDS, "户类型"),
        shared=True,
    ),
    Field(
        "status",
        "人员状态",
        "人员状态 人口状态 人户状态 状态",
        lambda cell: clean_choice(cell, STATUSES, "人员状态"),
    ),
    Field("note", "备注", "备注 说明 备注说明", clean_text),
)
