from __future__ import annotations

import pytest

from governance.frame.pinyin import KEY_LENGTH, name_q, pinyin_key
from tests.builders import make_household, make_township, make_village
from villages.models import Household


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("王小明", "wang xiao ming wangxiaoming wangxm wxm"),
        ("单雄信", "shan xiong xin shanxiongxin shanxx sxx"),
        ("仇和", "qiu he qiuhe qiuh qh"),
        ("曾国藩", "zeng guo fan zengguofan zenggf zgf"),
        ("欧阳锋", "ou yang feng ouyangfeng ouyangf oyf"),
        ("尉迟敏", "yu chi min yuchimin yuchim ycm"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti ayigulimaimaiti ayglmmt ayglmmt 阿依古丽买买提"),
        ("\uf9e1四", "li si lisi lis ls 李四"),
        ("", ""),
    ],
)
def test_it_keys_names_by_syllables_and_initials(name: str, key: str) -> None:
    assert pinyin_key(name) == key


def test_it_reads_surnames_as_surnames_are_read() -> None:
    readings = "单 shan,仇 qiu,卜 bu,阚 kan,薄 bo,曾 zeng,解 xie,都 du,六 lu,粘 nian,佴 nai,乜 nie,贠 yun,祭 zhai,句 gou,重 chong"
    for name, reading in (pair.split() for pair in readings.split(",")):
        assert pinyin_key(f"{name}平").split()[:2] == [reading, "ping"], name
    compound = {"尉迟恭": "yu chi gong", "单于明": "chan yu ming", "子车明": "zi ju ming", "乐正明": "yue zheng ming"}
    for name, readings in compound.items():
        assert pinyin_key(name).startswith(f"{readings} "), name


def test_it_keeps_a_character_of_four_bytes_that_has_no_reading() -> None:
    assert pinyin_key("王\U0003134a").split()[:3] == ["wang", "\U0003134a", "wang\U0003134a"]


def test_it_never_grows_beyond_its_column() -> None:
    assert len(pinyin_key("庄" * 60)) == KEY_LENGTH


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["小明", "wxm", "wangxm", "WangXiao", "wang xiao", "xiao"])
def test_it_finds_a_household_by_letters_and_by_characters(text: str) -> None:
    village = make_village(make_township())
    found = make_household(village, "王小明")
    other = make_household(village, "李大山")
    for household in (found, other):
        household.head_pinyin = pinyin_key(household.head_name)
        household.save()

    assert list(Household.objects.filter(name_q(text, name="head_name", key="head_pinyin"))) == [found]


UIGHUR = "阿卜杜热西提·买买提"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "text"),
    [
        (UIGHUR, "阿卜杜热西提•买买提"),
        (UIGHUR, "阿卜杜热西提买买提"),
        (UIGHUR, "热西提．买"),
        (UIGHUR.replace("·", "•"), UIGHUR),
        (UIGHUR, "ＭＡＩ"),
        ("李四", "\uf9e1四"),
        ("\uf9e1四", "李四"),
        ("王Ａ", "王A"),
    ],
)
def test_it_finds_a_name_however_it_is_written(stored: str, text: str) -> None:
    village = make_village(make_township())
    for name in (stored, "张国强"):
        home = make_household(village, name)
        home.head_pinyin = pinyin_key(name)
        home.save()
    found = Household.objects.filter(name_q(text, name="head_name", key="head_pinyin"))
    assert [home.head_name for home in found] == [stored]
    assert not Household.objects.filter(name_q("·", name="head_name", key="head_pinyin")).exclude(head_name=UIGHUR).exists()
