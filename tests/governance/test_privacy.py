import pytest

from governance.privacy import mask_id_number, mask_name, mask_phone


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
