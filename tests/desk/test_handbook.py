"""使用手册: every page that a room names is there, and found from the first page."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.rooms import merged, rooms
from tests.builders import make_township, make_user

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_it_has_each_page_that_a_room_names(client: Client) -> None:
    client.force_login(make_user("clerk", "staff", make_township()), backend=BACKEND)
    listed = client.get("/handbook/").content.decode()
    pages = merged("handbook", rooms())
    assert pages and 'href="/handbook/"' in client.get("/").getvalue().decode()
    for name, (title, _) in pages.items():
        assert f'href="/handbook/{name}/"' in listed and title in listed
        assert title in client.get(f"/handbook/{name}/").content.decode()
    assert client.get("/handbook/nothing/").status_code == 404
