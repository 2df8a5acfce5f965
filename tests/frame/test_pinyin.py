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
        ("阿依古丽·买买提", "a yi gu li mai mai ti ayigulimaimaiti ayglmmt ayglmmt"),
        ("", ""),
    ],
)
def test_it_keys_names_by_syllables_and_initials(name: str, key: str) -> None:
    assert pinyin_key(name) == key


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
