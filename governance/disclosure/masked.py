"""What may stand in public: masked names only, no telephone, ID or account numbers, no house numbers (plan §三.1; domain.md §1, §14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from governance.disclosure.errors import DisclosureError
from governance.privacy import has_long_number, mask_name
from villages.models import Resident, Unit

NAME_COLUMN = re.compile("姓名|户主|户名")
_PERSON_COLUMN = re.compile("姓名|户主|户名|(对象|成员|人员|人)$")
_SECRET_COLUMN = re.compile("身份证|证件号|电话|手机|门牌|户号|银行|卡号|账号|帐号")
_DOOR = re.compile(r"(组|社|院|村|队|街|路|巷|湾|坝|栋|幢|单元)\s*第?\d{1,4}\s*号|门牌")
_NAME = re.compile("[\u3400-\u9fff·]{2,4}")
_NOBODY = re.compile("(计|无|会|部|社|组|队|司|厂|店|院|校|所|站|集体|全村|全体|村民|居民)$")
_BETWEEN = re.compile(r"[、，,；;/\s]+")
SURE = 3  # characters of a name that is no usual word


def rows_check(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A notice's list: each line fits the columns, names are masked, no long number stands anywhere."""
    if not columns or any(len(row) != len(columns) for row in rows):
        raise DisclosureError("名单每一行须与栏目对应。", "rows")
    names = [index for index, column in enumerate(columns) if NAME_COLUMN.search(column)]
    for row in rows:
        if any("*" not in row[index] for index in names):
            raise DisclosureError("公示名单只能用脱敏姓名（如 王**）。", "privacy")
        for cell in row:
            text_check(cell)


def text_check(text: str) -> None:
    if has_long_number(text):
        raise DisclosureError("公示内容不能含电话号码或身份证号。", "privacy")


def table_check(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A free table: lines that add up or are empty name nobody, companies are no persons; what the heading calls a person is masked."""
    for column in columns:
        if _SECRET_COLUMN.search(column):
            raise DisclosureError(f"“{column}”一栏不能公开，请删去这一栏。", "privacy", "table")
    persons = [index for index, column in enumerate(columns) if _PERSON_COLUMN.search(column)]
    for number, row in enumerate(rows, 1):
        for index in persons:
            if bare := _bare_name(row[index]):
                raise DisclosureError(f"第 {number} 行“{columns[index]}”一栏的“{bare}”请写成“{mask_name(bare)}”。", "privacy", "table")


def texts_check(place: Unit, texts: Iterable[str]) -> None:
    """No text holds a long number, a house number or the name of somebody in the register of the village, or of the township's villages.
    A name of two characters that is also a word counts only where it is the whole text."""
    texts = [text for text in texts if text]
    for text in texts:
        text_check(text)
        if door := _DOOR.search(text):
            raise DisclosureError(f"公开内容不能含门牌号（“{door[0]}”）。", "privacy")
    whole, joined = {text.strip() for text in texts}, "\n".join(texts)
    where = "household__village__parent" if place.level == Unit.Level.TOWNSHIP else "household__village"
    names = Resident.objects.filter(**{where: place}).order_by().values_list("name", flat=True).distinct()
    for name in names.iterator():
        if name in whole or (len(name) >= SURE and name in joined):
            raise DisclosureError(f"“{name}”是名册上的人，请写成“{mask_name(name)}”。", "privacy")


def _bare_name(cell: str) -> str:
    """The first unmasked name of a cell, "" where there is none."""
    parts = [part for part in _BETWEEN.split(cell) if "*" not in part]
    return next((part for part in parts if _NAME.fullmatch(part) and not _NOBODY.search(part)), "")
