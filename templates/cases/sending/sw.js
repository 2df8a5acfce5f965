// Keeps the shell, and for one person pages that carry data-keep or data-offline, for times without signal; everything else goes to
// the network. Its text changes with the files it keeps, so that a new version is fetched at once.
const FILES = {{ files|safe }};
const SHELL = "shell-" + FILES.join("|").split("").reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
const PAGES = "pages-", SLOW = 8000, STALE = 6 * 3600 * 1000, MOST = 80;
const STOCK = "/log/kept/";  // which pages this person's phone should have; its copy says when they were fetched

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== SHELL && !name.startsWith(PAGES)).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

// A page is kept under its whole address: one about a household is never shown for another, nor the general one for it.
const keyOf = (url) => {
  const { pathname, searchParams } = new URL(url, location.origin);
  searchParams.delete("new");
  return pathname + (String(searchParams) && `?${searchParams}`);
};
const ours = async () => {
  const name = (await caches.keys()).find((one) => one.startsWith(PAGES));
  return name ? caches.open(name) : null;
};
const keptPage = async (url) => (await ours())?.match(keyOf(url), { ignoreVary: true });
// The pages of whoever was here before go when the server shows a page of another person.
const only = async (user) => {
  const others = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + user);
  await Promise.all(others.map((name) => caches.delete(name)));
};
const clear = async (cache) => {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((key) => cache.delete(key)));
};

// The page as it will open later: it says when it was kept by the phone's clock and when it was made by the server's.
const keep = async (url, answer) => {
  if (!answer.ok || answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("text/html")) return false;
  const text = await answer.text();
  const user = (text.match(/<body[^>]* data-user="(\d+)"/) || [])[1];
  if (!user) return false;
  await only(user);
  if (!/ data-(keep|offline)/.test(text) || / data-broken/.test(text)) return false;
  const now = Date.now(), headers = new Headers(answer.headers);
  for (const name of ["Content-Encoding", "Content-Length", "Set-Cookie"]) headers.delete(name);
  headers.set("X-Title", encodeURIComponent((text.match(/<title>(.*?) · /) || [])[1] || url));
  const marked = text.replace("<body", `<body data-kept-at="${now}" data-made-at="${Date.parse(headers.get("Date")) || now}"`);
  const cache = await caches.open(PAGES + user);
  await cache.delete(keyOf(url));
  await cache.put(keyOf(url), new Response(marked, { headers }));
  await clear(cache);
  return true;
};
// Never on to the login page: another page's form would lose its token to it.
const ownPage = (url) => fetch(url, { headers: { Accept: "text/html" }, redirect: "manual" });
// What does not open any more is not kept any longer.
const fetched = async (url) => {
  const answer = await ownPage(url);
  const kept = await keep(url, answer);
  if (!kept && (answer.type === "opaqueredirect" || answer.status === 404)) await (await ours())?.delete(keyOf(url));
  return kept;
};
const stock = async (user) => {
  const cache = await caches.open(PAGES + user), last = await cache.match(STOCK);
  if (last && Date.now() - Number(last.headers.get("X-Kept-At")) < STALE) return;
  const answer = await ownPage(STOCK);
  if (!answer.ok) return;
  const { pages } = await answer.json();
  for (const page of pages) await fetched(page).catch(() => {});
  await cache.put(STOCK, new Response(JSON.stringify({ pages }), { headers: { "X-Kept-At": String(Date.now()) } }));
};
self.addEventListener("message", (event) => {
  const { user, keep: url, stock: wished } = event.data;
  if (wished) event.waitUntil(stock(user).catch(() => {}));
  if (url) event.waitUntil(fetched(url).catch(() => false).then((kept) => event.ports[0]?.postMessage({ kept })));
});

const page = async (event) => {
  const { url } = event.request;
  const answered = fetch(event.request);
  event.waitUntil(answered.then((answer) => keep(url, answer.clone())).catch(() => {}));
  const kept = await keptPage(url);
  try {
    if (!kept) return await answered;
    return await Promise.race([answered, new Promise((_, give) => setTimeout(give, SLOW))]);
  } catch { return kept || offline(); }
};

const LETTERS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => LETTERS[letter]);
const links = async () => {
  const cache = await ours();
  if (!cache) return "";
  const order = (await (await cache.match(STOCK))?.json())?.pages || [];
  const placed = ({ url }) => (order.indexOf(keyOf(url)) + 1) || order.length + 1;
  const keys = (await cache.keys()).filter(({ url }) => keyOf(url) !== STOCK).sort((one, other) => placed(one) - placed(other));
  const rows = await Promise.all(keys.map(async (key) => {
    const title = decodeURIComponent((await cache.match(key, { ignoreVary: true })).headers.get("X-Title"));
    return `<li style='margin:1rem 0'><a href="${escaped(keyOf(key.url))}">${escaped(decoded(title))}</a></li>`;
  }));
  return rows.join("");
};
const decoded = (title) => title.replace(/&(amp|lt|gt|quot|#x27);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" })[name]);
const offline = async () => {
  const list = await links();
  return new Response(
    "<!doctype html><html lang=zh-Hans><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>" +
    "<title>没有网络</title><body style='font:18px sans-serif;padding:2rem'><h1>没有网络</h1><p>这一页没有存在手机上，要有网络才能打开。" +
    (list ? `没有网络也可以打开：</p><ul>${list}</ul>` : "</p>"),
    { headers: { "Content-Type": "text/html; charset=utf-8" } });
};

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate") {
    event.respondWith(page(event));
  }
});
