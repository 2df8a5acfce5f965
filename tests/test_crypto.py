from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from governance.crypto import decrypt, encrypt
from tests.builders import make_household, make_resident, make_township, make_village
from villages.models import Resident

NUMBER = "511929198503042413"


def test_it_gives_another_cipher_text_each_time() -> None:
    first, second = encrypt(NUMBER), encrypt(NUMBER)

    assert first != second
    assert NUMBER.encode() not in first
    assert decrypt(first) == decrypt(second) == NUMBER


@pytest.mark.parametrize("position", [0, 12, 28, -1])
def test_it_refuses_a_changed_byte(position: int) -> None:
    stored = bytearray(encrypt(NUMBER))
    stored[position] ^= 1

    with pytest.raises(InvalidTag):
        decrypt(bytes(stored))


@pytest.mark.django_db
def test_it_finds_a_person_by_number_without_storing_it_in_clear() -> None:
    household = make_household(make_village(make_township()))
    person = make_resident(household, id_number=NUMBER)
    make_resident(household, "李大山", id_number=NUMBER[:-1] + "X")

    stored = Resident.objects.values_list("id_cipher", "id_hash").get(pk=person.pk)
    assert NUMBER.encode() not in bytes(stored[0]) and NUMBER not in stored[1]
    assert list(Resident.objects.with_id_number(NUMBER)) == [person]
    assert Resident.objects.get(pk=person.pk).id_number == NUMBER
