import pytest

from governance.privacy import has_long_number, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王芳", "王*"),
        ("王小明", "王**"),
        ("欧阳锋", "欧阳*"),
        ("欧阳", "欧*"),
        ("阿依古丽·买买提", "阿***"),
        ("𬀩明", "𬀩*"),
        ("王", "*"),
        ("", ""),
    ],
)
def test_it_keeps_the_surname_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_it_masks_numbers() -> None:
    assert mask_id_number("511929198503071234") == "511929**********34"
    assert mask_phone("15400000001") == "154****0001"
    assert mask_phone("123") == "***"
    assert mask_id_number("123") == "***"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话15400000001", True),
        ("１５４ ００００　０００１", True),
        ("154-0000–0001", True),
        ("154\u200b00000001", True),
        ("51192319900101123x", True),
        ("2026年3月20日，第1版，加5分", False),
        ("1540000000", False),
    ],
)
def test_it_finds_numbers_however_written(text: str, found: bool) -> None:
    assert has_long_number(text) is found
