// Keeps the shell, the two forms and the pages that offline.js put beside them for times without signal; everything else
// goes to the network.
// Its text changes with the files it keeps, so that a new version is fetched at once.
const FILES = {{ files|safe }};
const FORMS = ["/log/", "/visits/log/"];
const SHELL = "shell-" + FILES.join("|").split("").reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
const PAGES = "pages";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== SHELL && name !== PAGES).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

const keptPage = (path) => caches.match(path, { ignoreVary: true });

// The plain address is kept; one with a query shows something else and only falls back to it.
const page = async (request, { pathname: path, search }) => {
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && !search && (FORMS.includes(path) || (await keptPage(path)))) {
      const cache = await caches.open(PAGES);
      await cache.put(path, answer.clone());
    }
    return answer;
  } catch (error) {
    return (await keptPage(path)) || offline();
  }
};

const offline = () => new Response(
  "<!doctype html><html lang=zh-Hans><meta charset=utf-8><meta name=viewport content='width=device-width, initial-scale=1'>" +
  "<title>没有网络</title><body style='font:18px sans-serif;padding:2rem'><h1>没有网络</h1>" +
  "<p>这一页要有网络才能打开。没有网络也可以：</p><p><a href=/log/>记一件事</a>　<a href=/visits/log/>记走访</a></p>",
  { headers: { "Content-Type": "text/html; charset=utf-8" } });

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept || fetch(event.request)));
  } else if (event.request.mode === "navigate") {
    event.respondWith(page(event.request, url));
  }
});
