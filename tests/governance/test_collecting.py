"""The collector of garbage rests while rows are made, and works again afterwards, whatever happens."""

import gc

import pytest

from governance.collecting import collected_later


def test_it_rests_and_works_again() -> None:
    with collected_later():
        assert not gc.isenabled()
        with collected_later():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_a_failure() -> None:
    with pytest.raises(ValueError, match="broken"), collected_later():
        raise ValueError("broken")
    assert gc.isenabled()
