"""Hostile requests to every address of the house, by seed: what a browser never sends and a script does.

Each is answered in a transaction that is undone. A `Fault` is an answer of 500 or more, or an exception, by its cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from random import Random
from traceback import extract_tb
from typing import Any
from urllib.parse import quote, urlsplit

import lxml.html  # type: ignore[import-untyped]
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from drf_spectacular.generators import SchemaGenerator

from governance.api_schema import operations
from tests.answers import ClientAnswer, page_of, streamed
from tests.forms import PostForm, filled
from tests.frame.once_forms import EVERYONE, VALUES, FullHouse, nothing
from tests.matrix import patterns
from tests.test_matrix import ANONYMOUS, PAGES

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "XYZ")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
LONG = "长" * 10_000
WORST = (
    "\0", "王\0", "\ud800", "9" * 20, "0000-01-01", "9999-12-31", "9999-12", "NaN", "-1", LONG,
)  # fmt: skip
BAD = (
    *WORST, "", " ", "0", "-0", "on", "abc", "1.5", "1e400", "inf", "-Infinity", "²", "٣", "１２", "9" * 400, "2147483648",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0001-01-01", "0000-00", "9999-Q4", "9999-H2", "0000-Q1",
    "10000-01", "2026-13", "2026-02-30", "2026-13-45T99:99", "9999-12-31T23:59", "0001-01-01T00:00", "24:00", "甲" * 300, "a" * 3500,
    "🀄" * 60, "<script>", "'\"", "{}", "[]", "[1]", "null", "%", "_", "\\", "\r\nX: y", "../../etc/passwd", "1,2", "__all__", "-", "--",
    "00000000-0000-0000-0000-000000000000", "\ufeff", "\u202e",
)  # fmt: skip
TYPES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, -(10**30), 2**63, 2**31, [], {}, [[]], [None], {"a": {}}, ["x"] * 50, [1, 2], ["\ud800"], *BAD,
)  # fmt: skip
RAW = (b"", b"[" * 100_000, b"{", b"\xff\xfe\x00", b"NaN", b"null", b"[]", b"1", b'"x"', b"=&=&%00=%ff", b"a" * 3_000_000)
HEADERS: dict[str, tuple[str, ...]] = {
    "Idempotency-Key": ("x" * 300, "\0", "é", "k"),
    "Authorization": ("Token \xff", "Token " + "x" * 300, "Token", "Basic x", "Token a\0"),
    "X-Forwarded-For": ("x", "\0", "1" * 5000),
    "User-Agent": ("x" * 9000, "\0"),
    "Referer": ("http://[", "x" * 9000, "\0"),
    "HX-Request": ("true",),
    "HX-Current-URL": ("http://[", "\0"),
    "Accept": ("*/*;q=x", "text/xml", "x" * 900),
    "Accept-Language": ("x" * 900, "zh;q=9"),
    "Range": ("bytes=9-1", "bytes=x"),
    "If-Modified-Since": ("x",),
    "Cookie": ("sessionid=\xff", "messages=x; csrftoken=\xff", "sessionid=" + "x" * 300),
    "Content-Type": (
        "", "x", f"{FORM}; charset=zlib", "multipart/form-data", "multipart/form-data; boundary=\xff", f"{JSON}; charset=base64",
        "text/plain",
    ),
    "X-Requested-With": ("XMLHttpRequest",),
}  # fmt: skip
EVERYWHERE = ("sort", "page", "p", "o", "e", "all", "q", "tab", "format", "page_size", "limit", "foo", "once", "_popup", "_to_field")
MANY = (EVERYONE, "staff", "system", "supervisor")  # to these most pages open
NAMED = re.compile(r"""(?:_asked|_sent)\(request, f?"([a-z_-]+)|GET\[?\(?"([a-z_]+)|"([a-z_]+)" in request""")


@dataclass(frozen=True)
class Ask:
    """One request; `fields` are a form's, `body` what is sent instead of them."""

    role: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()
    body: Any = None
    kind: str = FORM
    headers: tuple[tuple[str, str], ...] = ()
    before: Callable[[], Any] | None = field(default=None, compare=False)

    @property
    def url(self) -> str:
        return self.path + ("?" + _encoded(self.query) if self.query else "")

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if self.kind == JSON:
            return json.dumps(self.body if self.body is not None else dict(self.fields)).encode()
        return _multipart(self.fields) if self.kind == MULTIPART_CONTENT else _encoded(self.fields).encode()

    def smaller(self) -> Iterator[Ask]:
        """The same with one thing less."""
        for name in ("query", "headers"):
            parts = getattr(self, name)
            for index in range(len(parts)):
                yield replace(self, **{name: parts[:index] + parts[index + 1 :]})
        for index in range(len(self.fields) if self.body is None else 0):
            yield replace(self, fields=self.fields[:index] + self.fields[index + 1 :])

    def __str__(self) -> str:
        sent = self.body if self.body is not None else dict(self.fields)
        words = (self.role, self.method, self.url, self.kind if sent else "", repr(sent) if sent else "", dict(self.headers) or "")
        return " ".join(str(word)[:600] for word in words if word)


def _encoded(pairs: Any) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(value: Any) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"), safe="")


def _multipart(pairs: Any) -> bytes:
    """Values that are bytes go as files."""
    parts = []
    for name, value in pairs:
        head, content = f'name="{name}"', value
        if isinstance(value, tuple):
            head, content = f'name="{name}"; filename="{value[0]}"\r\nContent-Type: application/octet-stream', value[1]
        text = content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")
        parts.append(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode("utf-8", "surrogatepass") + text + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True)
class Fault:
    """A cause, and a request that shows it."""

    cause: str
    ask: Ask


class Asker:
    """Asks as any role; what an answer does is undone."""

    def __init__(self, house: FullHouse) -> None:
        self.house, self.statuses = house, dict[int, int]()
        self.told: set[tuple[str, str, str]] = set()
        self.looks: dict[str, tuple[str | None, list[str]]] = {}
        self.roles = [*house.cast, ANONYMOUS]
        self.clients = {role: self._logged_in(role) for role in self.roles}
        self.cookies = {role: {name: morsel.value for name, morsel in client.cookies.items()} for role, client in self.clients.items()}

    def _logged_in(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role != ANONYMOUS:
            client.force_login(self.house.cast[role], backend="django.contrib.auth.backends.ModelBackend")
        # A view runs in a savepoint, as outside of tests it runs in no transaction: after an error of the database its handler can read.
        client.handler.make_view_atomic = transaction.atomic  # type: ignore[method-assign, assignment]
        return client

    def client(self, role: str) -> Client:
        """The role's browser as it was after logging in."""
        client = self.clients[role]
        client.cookies = SimpleCookie(self.cookies[role])
        return client

    def names(self, path: str) -> list[str]:
        """What the page's own links and forms ask it by."""
        return self._look(path)[1]

    def opened(self, path: str) -> str | None:
        """A role to which the page opens."""
        return self._look(path)[0]

    def _look(self, path: str) -> tuple[str | None, list[str]]:
        if path not in self.looks:
            self.looks[path] = (None, [])
            for role in sorted(self.roles, key=lambda role: role not in MANY):
                with transaction.atomic():
                    answer: ClientAnswer = self.client(role).get(path)
                    text = page_of(answer)
                    transaction.set_rollback(True)
                if answer.status_code in (200, 405):
                    self.looks[path] = role, sorted(_asked_by(text.decode(errors="ignore"), path))
                    break
        return self.looks[path]

    def cause(self, ask: Ask) -> str:
        """Why the request is answered with 500 or more, "" where it is not."""
        client = self.client(ask.role)
        with transaction.atomic():
            if ask.before is not None:
                ask.before()
            found = self._sent(client, ask)
            transaction.set_rollback(True)
        return found

    def _sent(self, client: Client, ask: Ask) -> str:
        try:
            with transaction.atomic():
                kind = dict(ask.headers).get("Content-Type", ask.kind)
                extra = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in ask.headers if name != "Content-Type"}
                answer: ClientAnswer = client.generic(ask.method, ask.url, ask.content, kind, **extra)  # type: ignore[arg-type]
                _ = streamed(answer) if answer.streaming else answer.content
        except Exception as error:  # noqa: BLE001  # what breaks while an answer is streamed
            return _cause(error)
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        if answer.status_code != 405 and (match := answer.wsgi_request.resolver_match) and "api" in match.namespaces:
            self.told.add((match.route, ask.method.lower(), str(answer.status_code)))
        if answer.status_code < 500:
            return ""
        broken: Any = getattr(answer, "exc_info", None)
        return _cause(broken[1]) if broken else f"answers {answer.status_code}"

    def undocumented(self) -> set[tuple[str, str, str]]:
        """(route, method, status) of answers of the API that its schema does not know."""
        schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
        documented = {(_bare(path), method): set(operation["responses"]) for path, method, operation in operations(schema)}
        known = ((route, method, status, documented.get((_bare(route), method))) for route, method, status in self.told)
        return {(route, method, status) for route, method, status, statuses in known if statuses is not None and status not in statuses}

    def shortest(self, ask: Ask, cause: str) -> Ask:
        """The request without what is not needed to fail in the same way."""
        smaller = next((one for one in ask.smaller() if self.cause(one) == cause), None)
        return self.shortest(smaller, cause) if smaller else ask


def _cause(error: BaseException) -> str:
    """Exception, its words without figures, and the house's innermost line."""
    root = str(settings.BASE_DIR) + "/"
    lines = [frame for frame in extract_tb(error.__traceback__) if frame.filename.startswith(root) and ".venv" not in frame.filename]
    own = [frame for frame in lines if "/tests/" not in frame.filename]
    where = f"{own[-1].filename.removeprefix(root)}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__} at {where}: {re.sub(r'[0-9]+', 'N', str(error))[:90]!r}"


def _bare(route: str) -> str:
    """An address of the API as both Django and the schema write it."""
    return re.sub(r"\{\w+\}|\(\?P<\w+>[^)]*\)|<\w+:?\w+>", "{}", route).strip("/^$")


def names_in_code() -> list[str]:
    """The names by which the code reads an address or a form."""
    found = set(EVERYWHERE)
    for room in ("governance", "villages", "moral_bank", "volunteers", "inspections"):
        for path in (Path(settings.BASE_DIR) / room).rglob("*.py"):
            found.update(name for names in NAMED.findall(path.read_text(encoding="utf-8")) for name in names if name)
    return sorted(found)


@dataclass(frozen=True)
class ApiPost:
    """A POST of the API with what it takes; `extra` readies the house for it and says what cannot be guessed."""

    path: str
    values: dict[str, Any]
    extra: Callable[[FullHouse], dict[str, Any]]


class Fuzzer:
    """Requests without end, by seed, over all addresses, roles, methods and forms."""

    def __init__(self, asker: Asker, forms: list[tuple[PostForm, str]], posts: list[ApiPost], seed: int) -> None:
        self.asker, self.house, self.forms, self.posts, self.random = asker, asker.house, forms, posts, Random(seed)
        self.roles = asker.roles
        self.pages = [(name, asker.house.address(name, route, PAGES[name])) for name, route in patterns() if name in PAGES]
        self.common = names_in_code()

    def asks(self) -> Iterator[Ask]:
        while True:
            pages, forms, posts = self._shuffled(self.pages), self._shuffled(self.forms), self._shuffled(self.posts)
            for index, (name, path) in enumerate(pages):
                yield self.page(path)
                yield self.bare(name, path)
                if forms:
                    yield self.form(*forms[index % len(forms)])
                if posts and not index % 4:
                    yield self.api(posts[index // 4 % len(posts)])

    def _shuffled(self, rows: list[Any]) -> list[Any]:
        return self.random.sample(rows, len(rows))

    def page(self, path: str) -> Ask:
        """A page with hostile values behind its question mark."""
        names = self.asker.names(path)
        chosen = self.random.choices(names or self.common, k=self.random.choice((1, 1, 2, 3)))
        chosen += self.random.choices(self.common, k=self.random.choice((0, 0, 1)))
        query = tuple((name, str(self.random.choice(BAD))) for name in chosen)
        return Ask(self._role(path), "GET", path, query, headers=self._headers(0.1))

    def _role(self, path: str) -> str:
        """Mostly somebody to whom the page opens."""
        opened = self.asker.opened(path)
        return opened if opened is not None and self.random.random() < 0.7 else self.random.choice(self.roles)

    def bare(self, name: str, path: str) -> Ask:
        """Any method with what no form sends; of the API mostly JSON."""
        role, method = self._role(path), self.random.choice(METHODS)
        if self.random.random() < 0.3:
            path = self._bent(path)
        headers = self._headers(0.3)
        if self.random.random() < 0.15:
            kind = self.random.choice((JSON, FORM, MULTIPART_CONTENT, "x/y"))
            return Ask(role, "POST", path, body=self.random.choice(RAW), kind=kind, headers=headers)
        names = self.random.sample(self.common, 4)
        if name.startswith("api:"):
            values = {one: self.random.choice(TYPES) for one in names}
            return Ask(role, self.random.choice(METHODS[:5]), path, body=values, kind=JSON, headers=headers)
        fields = tuple((one, self.random.choice(BAD)) for one in names)
        return Ask(role, method, path, fields=fields, kind=self.random.choice((FORM, MULTIPART_CONTENT)), headers=headers)

    def _bent(self, path: str) -> str:
        """The address with one part of it made wrong."""
        parts = [index for index, part in enumerate(path.split("/")) if part]
        if not parts:
            return path
        split, at = path.split("/"), self.random.choice(parts)
        split[at] = _quoted(self.random.choice((*BAD[:40], "1" * 30, "0"))[:400]) or "0"
        return "/".join(split)

    def _headers(self, share: float) -> tuple[tuple[str, str], ...]:
        if self.random.random() > share:
            return ()
        name = self.random.choice(list(HEADERS))
        return ((name, self.random.choice(HEADERS[name])),)

    def api(self, post: ApiPost) -> Ask:
        """What the schema asks for, with one or two values of it made wrong, at any depth."""
        values, before = dict(post.values), None
        if self.random.random() < 0.7:
            values |= _values_of(self.house, post.extra)
            before = partial(post.extra, self.house)
        for name in self.random.choices([*values, "other"], k=self.random.choice((1, 1, 2))):
            values[name] = self._bent_value(values.get(name))
        headers = (("Idempotency-Key", self.random.choice(("k", "\0", "x" * 300))),) if self.random.random() < 0.3 else ()
        return Ask(self.random.choice(MANY), "POST", post.path, body=values, kind=JSON, headers=headers, before=before)

    def _bent_value(self, value: Any) -> Any:
        if isinstance(value, list) and value and self.random.random() < 0.8:
            return [self._bent_value(value[0]), *value[1:]]
        if isinstance(value, dict) and value and self.random.random() < 0.8:
            name = self.random.choice(list(value))
            return {**value, name: self._bent_value(value[name])}
        return self.random.choice(TYPES)

    def form(self, form: PostForm, role: str) -> Ask:
        """A form filled in as a person would, then one to three of its fields made wrong."""
        house = self.house
        values: dict[str, Any] = filled(form, self.random.random() < 0.5)
        names = list(values)
        for name in self.random.choices(names, k=self.random.choice((1, 1, 2, 3))) if names else ():
            self._tamper(values, name)
        own = VALUES.get(form.name, nothing)
        fixed: dict[str, Any] = {}
        if own is not nothing and self.random.random() < 0.7:
            fixed = {name: value for name, value in _values_of(house, own).items() if name not in values or self.random.random() < 0.6}
        pairs = [(name, one) for name, found in {**values, **fixed}.items() for one in (found if isinstance(found, list) else [found])]
        sent = [(name, file_of(value)) for name, value in pairs if value is not None]
        parts = urlsplit(form.action)
        query = tuple((name, value) for name, _, value in (one.partition("=") for one in parts.query.split("&") if one))
        has_files = any(isinstance(value, tuple) for _, value in sent)
        kind = MULTIPART_CONTENT if has_files else self.random.choice((FORM, FORM, MULTIPART_CONTENT))
        if self.random.random() < 0.1:
            role = self.random.choice(self.roles)
        before = partial(own, house) if fixed else None
        return Ask(role or ANONYMOUS, "POST", parts.path, query, tuple(sent), kind=kind, headers=self._headers(0.05), before=before)

    def _tamper(self, values: dict[str, Any], name: str) -> None:
        way = self.random.random()
        if name == "once":
            return
        if way < 0.15:
            values.pop(name, None)
        elif way < 0.25:
            values[name] = [self.random.choice(BAD), self.random.choice(BAD)]
        elif way < 0.3:
            values[name] = [("n" * self.random.choice((1, 300)) + ".xlsx", self.random.choice(RAW[:4]))]
        elif way < 0.35:
            values[name] = [str(self.random.randint(1, 400))]
        else:
            values[name] = [self.random.choice(BAD)]


def _values_of(house: FullHouse, own: Callable[[FullHouse], dict[str, Any]]) -> dict[str, Any]:
    with transaction.atomic():
        found = own(house)
        transaction.set_rollback(True)
    return found


def file_of(value: Any) -> Any:
    """A file as `Ask` sends it, anything else as it is."""
    if hasattr(value, "read"):
        value.seek(0)
        return (value.name, value.read())
    return value


def _asked_by(text: str, path: str) -> set[str]:
    """Names of the page's own search forms and of the queries of links that lead to it."""
    if "<form" not in text and "href=" not in text:
        return set()
    page = lxml.html.fromstring(text)
    found = {one.name for form in page.forms if form.method.lower() == "get" for one in form.xpath(".//input|.//select") if one.name}
    for link in page.xpath("//a/@href"):
        parts = urlsplit(link) if not link.startswith("http://[") else urlsplit("")
        if parts.path in ("", path):
            found.update(one.partition("=")[0] for one in parts.query.split("&") if one)
    return found
