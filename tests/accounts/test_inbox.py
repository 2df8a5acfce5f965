"""The inbox: told once, read by its owner, counted in the bar; and the way out of the portal."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from governance.accounts.inbox import messages_send, texts_send
from governance.accounts.inbox_models import Message, Outbox
from governance.accounts.models import User
from governance.accounts.outbox import WAITS, outbox_deliver
from governance.accounts.sms import SIGNATURE, SmsError, Template, receipt_take, signature_of
from tests.builders import make_user
from tests.pages import queries

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def users() -> list[User]:
    return [make_user("alice", phone="15400000001"), make_user("bob")]


def tell(users: list[User], key: str = "k", **said: Any) -> int:
    return messages_send(users=users, text="新事项", link="/cases/1/", key=key, **said)


def unread(user: User) -> int:
    return User.objects.get(pk=user.pk).unread


def test_it_tells_each_once(users: list[User]) -> None:
    for _ in range(2):
        tell([*users, users[0]])
    assert Message.objects.count() == 2
    tell(users, "other")
    assert [unread(user) for user in users] == [2, 2]


def test_it_is_read_by_its_owner(users: list[User], client: Client) -> None:
    tell(users)
    alice, bob = users
    client.force_login(alice, backend=BACKEND)
    page = client.get("/inbox/").content.decode()
    assert "未读" in page and '<span class="badge-count">1</span>' in page
    theirs = Message.objects.get(user=bob)
    assert client.get(f"/inbox/{theirs.pk}/").status_code == 404
    answer = client.get(f"/inbox/{Message.objects.get(user=alice).pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/cases/1/")
    assert [unread(user) for user in users] == [0, 1]
    tell([alice], "again")
    client.post("/inbox/read/")
    assert unread(alice) == 0 and "badge-count" not in client.get("/inbox/").content.decode()


def test_it_takes_as_many_statements_whatever_the_number(users: list[User], client: Client) -> None:
    tell(users)
    before = queries(client, users[0], "/inbox/")
    for number in range(20):
        tell(users, str(number))
    assert queries(client, users[0], "/inbox/") == before


def test_it_leads_nowhere_else(users: list[User]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        messages_send(users=users, text="x", link="https://example.org/", key="x")


def test_it_lets_nothing_out_unless_the_township_wants(users: list[User], settings: Settings) -> None:
    tell(users, text_out="乡治：新事项")
    assert not Outbox.objects.exists()
    settings.NOTIFY_CHANNELS = ["sms"]
    tell(users, "2")
    assert not Outbox.objects.exists(), "only what is said to go out"
    tell(users, "3", text_out="乡治：新事项")
    tell(users, "3", text_out="乡治：新事项")
    assert list(Outbox.objects.values_list("to", flat=True)) == ["15400000001"]


def test_it_writes_to_the_log_by_default(
    users: list[User], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.NOTIFY_CHANNELS = ["sms"]
    tell(users, text_out="乡治：新事项")
    with caplog.at_level(logging.WARNING):
        assert outbox_deliver() == 1
    assert f"sms {Outbox.objects.get().pk} is not sent" in caplog.text
    assert not [told for told in ("15400000001", "0001", "新事项") if told in caplog.text], "the log holds neither number nor words"
    assert Outbox.objects.get().state == "sent" and outbox_deliver() == 0


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    """A receiver on this machine that answers with the statuses put into `answers`, 200 when there are none left, and a receipt."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((body, self.headers["X-Xiangzhi-Signature"]))  # type: ignore[attr-defined]
            self.send_response(found.answers.pop(0) if found.answers else 200)  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(b'{"receipt": "hui-1"}')

        def log_message(self, *args: object) -> None:
            """Quiet."""

    found = HTTPServer(("127.0.0.1", 0), Handler)
    found.answers, found.got = [], []  # type: ignore[attr-defined]
    Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def webhook(settings: Settings, server: HTTPServer, users: list[User]) -> None:
    settings.NOTIFY_CHANNELS = ["webhook"]
    settings.NOTIFY_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.NOTIFY_WEBHOOK_SECRET = "secret"
    tell(users[:1], text_out="乡治：新事项")


def test_it_pushes_signed_and_tries_again(users: list[User], settings: Settings, server: HTTPServer) -> None:
    webhook(settings, server, users)
    server.answers.append(503)  # type: ignore[attr-defined]
    now = timezone.now()
    assert outbox_deliver(at=now) == 0 and Outbox.objects.get().error == "HTTP 503"
    assert outbox_deliver(at=now) == 0, "not at once"
    assert outbox_deliver(at=now + timedelta(minutes=WAITS[0])) == 1
    body, signature = server.got[1]  # type: ignore[attr-defined]
    assert json.loads(body)["text"] == "乡治：新事项" and json.loads(body)["to"] == "alice"
    assert signature == hmac.new(b"secret", body, hashlib.sha256).hexdigest()


def test_it_gives_up_what_is_refused_for_good_and_what_never_works(
    users: list[User], settings: Settings, server: HTTPServer
) -> None:
    webhook(settings, server, users)
    server.answers.append(404)  # type: ignore[attr-defined]
    outbox_deliver()
    assert Outbox.objects.get().state == "failed"
    Outbox.objects.update(state="queued", attempts=0)
    settings.NOTIFY_WEBHOOK_URL = "http://127.0.0.1:1/"
    for hours in range(len(WAITS) + 1):
        outbox_deliver(at=timezone.now() + timedelta(days=1, hours=3 * hours))
    assert (Outbox.objects.get().state, Outbox.objects.get().attempts) == ("failed", len(WAITS) + 1)


@pytest.fixture
def gateway(settings: Settings, server: HTTPServer) -> HTTPServer:
    """An SMS gateway with one template agreed on."""
    settings.NOTIFY_CHANNELS = ["sms"]
    settings.NOTIFY_BACKENDS = {"sms": "governance.accounts.outbox.SmsBackend"}
    settings.NOTIFY_SMS_URL, settings.NOTIFY_SMS_SECRET = f"http://127.0.0.1:{server.server_port}/", "secret"
    settings.NOTIFY_SMS_SIGN, settings.NOTIFY_SMS_TEMPLATES = "西兴镇", {"on_call": "SMS_1"}
    return server


ON_CALL = Template("on_call", {"number": "ZY2026-00001", "project": "十分钟应急服务", "place": "柏树院"})


def test_it_sends_agreed_templates_by_their_code_and_others_as_text(users: list[User], gateway: HTTPServer) -> None:
    tell(users, text_out=ON_CALL)
    assert texts_send(phones=["15400000009", "15400000009", ""], text_out=ON_CALL, key="k", place="") == 1, "without an account"
    tell(users, "other", text_out="乡治：新事项")
    assert outbox_deliver() == 3
    bodies = [json.loads(body) for body, _ in gateway.got]  # type: ignore[attr-defined]
    agreed = {"sign": "西兴镇", "template": "SMS_1", "params": dict(ON_CALL.params)}
    assert bodies[0] == {"id": bodies[0]["id"], "phone": "15400000001", **agreed}
    assert (bodies[1]["phone"], bodies[2]["text"]) == ("15400000009", "乡治：新事项")
    assert "柏树院" in Outbox.objects.filter(template="on_call")[0].text
    body, signature = gateway.got[0]  # type: ignore[attr-defined]
    assert signature == hmac.new(b"secret", body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(("delivered", "state", "words"), [(True, "sent", "已送达"), (False, "failed", "发送失败")])
def test_it_takes_receipts_that_the_gateway_signed(
    users: list[User], gateway: HTTPServer, client: Client, delivered: bool, state: str, words: str
) -> None:
    tell(users, text_out=ON_CALL)
    outbox_deliver()
    body = json.dumps({"receipt": "hui-1", "delivered": delivered, "reason": "停机"}).encode()

    def receipt(sent: bytes, signature: str) -> int:
        return client.post("/hooks/sms/", sent, "application/json", headers={SIGNATURE: signature}).status_code

    assert receipt(body, "x") == receipt(body, "") == 404
    assert [receipt(one, signature_of(one, "secret")) for one in (b"[]", b"{")] == [404, 404]
    assert Outbox.objects.get().state_words == "已发送"
    assert receipt(body, signature_of(body, "secret")) == 204
    row = Outbox.objects.get()
    assert (row.state, row.state_words, "停机" in row.error) == (state, words, not delivered)
    assert client.post("/hooks/sms/", {"receipt": "hui-1"}).status_code == 404, "a form is no receipt"
    unknown = body.replace(b"hui-1", b"hui-2")
    assert receipt(unknown, signature_of(unknown, "secret")) == 404


def test_it_takes_no_receipts_without_a_secret(users: list[User], gateway: HTTPServer, settings: Settings) -> None:
    tell(users, text_out=ON_CALL)
    outbox_deliver()
    settings.NOTIFY_SMS_SECRET = ""
    body = b'{"receipt": "hui-1", "delivered": true}'
    with pytest.raises(SmsError):
        receipt_take(body=body, signature=signature_of(body, ""), at=timezone.now())
