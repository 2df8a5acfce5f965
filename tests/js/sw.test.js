// The service worker as the server writes it, over caches in memory.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../templates/cases/sending/sw.js", import.meta.url), "utf8").replace("{{ files|safe }}", "[]");
const ORIGIN = "http://phone.test";

class MemoryCache {
  rows = new Map();
  key(what) { return new URL(typeof what === "string" ? what : what.url, ORIGIN).href; }
  async match(what) { return this.rows.get(this.key(what))?.clone(); }
  async put(what, answer) { this.rows.set(this.key(what), answer); }
  async delete(what) { return this.rows.delete(this.key(what)); }
  async keys() { return [...this.rows.keys()].map((url) => ({ url })); }
}

const PAGE = (user, title, mark = "<form data-offline='case'>") =>
  new Response(`<title>${title} · 乡治</title><body class="sided" data-user="${user}">${mark}`, {
    headers: { "Content-Type": "text/html; charset=utf-8", Date: "Sun, 29 Nov 2026 08:00:00 GMT" } });

// A phone: `server` answers an address or throws where there is no signal.
const phone = (server) => {
  const stores = new Map(), listeners = {};
  const caches = {
    open: async (name) => stores.get(name) || stores.set(name, new MemoryCache()).get(name),
    keys: async () => [...stores.keys()],
    delete: async (name) => stores.delete(name),
    match: async (what) => { for (const store of stores.values()) { const kept = await store.match(what); if (kept) return kept; } return undefined; },
  };
  const fetch = async (what) => {
    const url = new URL(typeof what === "string" ? what : what.url, ORIGIN);
    return server(url.pathname + url.search);
  };
  const self = { addEventListener: (name, heard) => { listeners[name] = heard; }, skipWaiting: async () => {}, clients: { claim: async () => {} } };
  vm.runInNewContext(SOURCE, { self, caches, fetch, location: { origin: ORIGIN }, URL, URLSearchParams, Response, Headers, Promise, Date, setTimeout: () => 0 });
  const visit = async (address) => {
    let answer, over = [];
    listeners.fetch({ request: { url: ORIGIN + address, method: "GET", mode: "navigate" }, respondWith: (given) => { answer = given; }, waitUntil: (work) => over.push(work) });
    const given = await answer;
    await Promise.all(over);
    return given.text();
  };
  const hear = async (data) => { const over = []; listeners.message({ data, ports: [], waitUntil: (work) => over.push(work) }); await Promise.all(over); };
  return { visit, hear, stores };
};
const line = (pages) => {
  const state = { up: true, pages, asked: [] };
  const server = async (address) => {
    state.asked.push(address);
    if (!state.up) throw new TypeError("no signal");
    const given = state.pages[address];
    return given ? given() : new Response("", { status: 404 });
  };
  return { state, server };
};

test("a page about a household opens for it alone, never the general one for it nor it for another", async () => {
  const { state, server } = line({
    "/visits/log/": () => PAGE(7, "记走访"), "/visits/log/?household=201": () => PAGE(7, "记走访：王甲", "<p>王甲</p><form data-offline='visit'>") });
  const { visit } = phone(server);
  await visit("/visits/log/");
  state.up = false;
  assert.match(await visit("/visits/log/?household=201"), /没有存在手机上/);
  assert.match(await visit("/visits/log/?new=1"), /data-kept-at/);
  state.up = true;
  await visit("/visits/log/?household=201");
  state.up = false;
  assert.match(await visit("/visits/log/?household=201"), /王甲/);
  assert.doesNotMatch(await visit("/visits/log/"), /王甲/);
  assert.match(await visit("/visits/log/?household=202"), /没有存在手机上/);
});

test("the offline page offers what is kept and nothing else", async () => {
  const { state, server } = line({ "/": () => PAGE(7, "工作台", "<h1 data-keep>"), "/more/": () => PAGE(7, "更多", "<h1>"),
    "/log/kept/": () => Response.json({ pages: ["/", "/log/", "/return-visits/3/", "/return-visits/4/"] }),
    "/log/": () => PAGE(7, "记一件事 &amp; <b>"), "/return-visits/3/": () => PAGE(7, "第7天回访") });
  const { visit, hear } = phone(server);
  state.up = false;
  assert.doesNotMatch(await visit("/more/"), /<a /);
  state.up = true;
  await visit("/more/");
  await hear({ user: 7, stock: true });
  state.up = false;
  const offered = [...(await visit("/more/")).matchAll(/<a href="([^"]+)">([^<]+)</g)].map(([, address, words]) => [address, words]);
  assert.deepEqual(offered, [["/", "工作台"], ["/log/", "记一件事 &amp; &lt;b&gt;"], ["/return-visits/3/", "第7天回访"]]);
  state.pages["/return-visits/3/"] = undefined;
  state.up = true;
  await hear({ user: 7, keep: "/return-visits/3/" });
  state.up = false;
  assert.doesNotMatch(await visit("/return-visits/3/"), /data-kept-at/, "it was done meanwhile");
  offered.pop();
  for (const [address] of offered) assert.match(await visit(address), /data-kept-at="\d+" data-made-at="1795939200000"/);
  state.asked.length = 0;
  state.up = true;
  await hear({ user: 7, stock: true });
  assert.deepEqual(state.asked, [], "not again within hours");
});

test("another person gets pages of their own, and nothing of the first one's opens for them", async () => {
  let user = 7;
  const { state, server } = line({ "/log/": () => PAGE(user, "记一件事"), "/visits/log/": () => PAGE(user, "记走访"), "/login/": () => new Response("<title>登录 · 乡治</title><body>") });
  const { visit, stores } = phone(server);
  await visit("/log/");
  await visit("/visits/log/");
  await visit("/login/");
  assert.deepEqual([...stores.keys()], ["pages-7"], "the login page takes nothing away");
  user = 8;
  await visit("/log/");
  assert.deepEqual([...stores.keys()], ["pages-8"]);
  state.up = false;
  assert.match(await visit("/log/"), /data-user="8"/);
  assert.match(await visit("/visits/log/"), /没有存在手机上/);
});
