"""What may stand in public: masked names only, no telephone, ID or account numbers, no house numbers (plan §三.1; domain.md §1, §14)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.db.models import Q

from governance.disclosure.errors import DisclosureError
from governance.privacy import has_long_number, mask_name
from villages.models import Resident, Unit
from villages.units.lineage import village_of

NAME_COLUMN = re.compile("姓名|户主|户名")
_PERSON_COLUMN = re.compile("姓名|户主|户名|(对象|成员|人员|人)$")
_SECRET_COLUMN = re.compile("身份证|证件号|电话|手机|门牌|户号|银行|卡号|账号|帐号")
_DOOR = re.compile(r"(组|社|院|村|队|街|路|巷|湾|坝|栋|幢|单元)\s*第?\d{1,4}\s*号|门牌")
_NAME = re.compile("[\u3400-\u9fff·]{2,4}")
_NOBODY = re.compile("(计|无|会|部|社|组|队|司|厂|店|院|校|所|站|集体|全村|全体|村民|居民)$")
_BETWEEN = re.compile(r"[、，,；;/\s]+")
SURE = 3  # characters of a name that is no usual word
_WORDS = "文明 平安 和平 安全 幸福 健康 团结 光明 高峰 红旗 和谐 安康 丰收 向阳 建设 任务 全部 方案 时间"
_AFTER = "家|户|同志|本人|夫妇|父子|母子|兄弟|等人|同意|反映|门口|屋|房"


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
    A name of two characters may be part of other words: it counts where it is the whole text, stands between marks, or is spoken of as
    somebody (敖亮家, 敖亮同志), and is no usual word."""
    texts = [text for text in texts if text]
    for text in texts:
        text_check(text)
        if door := _DOOR.search(text):
            raise DisclosureError(f"公开内容不能含门牌号（“{door[0]}”）。", "privacy")
    whole, joined = {text.strip() for text in texts}, "\n".join(texts)
    of_township = place.level == Unit.Level.TOWNSHIP
    where = Q(household__village__parent=place) if of_township else Q(household__village=village_of(place))
    names = Resident.objects.filter(where).order_by().values_list("name", flat=True).distinct()
    for name in names.iterator():
        if name in whole or (name in joined and (len(name) >= SURE or _is_somebody(name, joined))):
            raise DisclosureError(f"“{name}”是名册上的人，请写成“{mask_name(name)}”。", "privacy")


def _is_somebody(name: str, text: str) -> bool:
    """Whether a name of two characters means a person there."""
    spoken_of = rf"{re.escape(name)}({_AFTER})|(?<![\u3400-\u9fff]){re.escape(name)}(?![\u3400-\u9fff])"
    return name not in _WORDS.split() and re.search(spoken_of, text) is not None


def _bare_name(cell: str) -> str:
    """The first unmasked name of a cell, "" where there is none."""
    parts = [part for part in _BETWEEN.split(cell) if "*" not in part]
    return next((part for part in parts if _NAME.fullmatch(part) and not _NOBODY.search(part)), "")
