// What waits on this phone: sent, shown, kept with its page, gone on leaving. See docs/decisions/0010-offline.md.
import { makeRounds, sendDraft } from "./send.js";
import { contentOf, drop, keep, mine, ofOthers, own, SENT, sealed, sessionKey, settle, user, wipe } from "./store.js";

export const able = Boolean(window.indexedDB && window.crypto?.subtle && user);
export const done = { sent: [], conflicts: false };  // since this page was opened
const marked = document.querySelector("[data-keep]");
const keepsPage = Boolean(marked || document.querySelector("form[data-offline]"));
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`xiangzhi:${name}`, { detail }));

const send = async (draft) => {
  const { key, form } = draft, content = await contentOf(draft);
  const { state, note, answer } = await sendDraft(draft, content);
  if (state === "later") return;
  if (state === "conflict") {
    await settle(draft);
    done.conflicts = true;
    return;
  }
  if (state !== SENT) {
    if ((await settle(draft, { state, note })) && state === "wrong") tell("wrong", { key, form, note });
    return;
  }
  if (!(await settle(draft, draft.kept && { state, note: "", ...(await sealed({ ...content, answer })) }))) return;
  if (draft.quiet) tell("sent", { key, form, answer });
  else done.sent.push({ number: answer.number, link: answer.link });
  keepSoon();
};

// what the user sees
const bar = document.getElementById("queue");
const line = (text, link) => {
  const item = document.createElement(link ? "a" : "span");
  item.textContent = text;
  if (link) item.href = link;
  const row = document.createElement("p");
  row.append(item);
  return row;
};
const linkOf = (draft) => draft.state === "login" ? `/login/?next=${location.pathname}`
  : draft.state === "wrong" ? `${draft.page || "/log/"}#${draft.key}` : "";
export const show = async () => {
  const waits = await mine();
  const drafts = waits.filter((draft) => draft.note || !(draft.quiet && draft.page === location.pathname));
  bar.replaceChildren();
  if (drafts.length) bar.append(line(`待发送 ${drafts.length} 件${navigator.onLine ? "" : "（没有网络，有网络时自动发送）"}`));
  for (const draft of drafts.filter((one) => one.note)) bar.append(line(draft.note, linkOf(draft)));
  if (done.conflicts) bar.append(line("有内容不一致的提交，请处理", "/conflicts/"));
  for (const one of done.sent) bar.append(line(`已登记 ${one.number}`, one.link));
  bar.hidden = !bar.childElementCount;
  bar.dataset.waiting = waits.length;
};
const waiting = async () => (await mine()).filter((draft) => draft.state !== "wrong");
export const { round: sendAll, anew } = makeRounds({ waiting, send, show });

// kept pages
const keepPage = async () => {
  if (!keepsPage) return;
  const shown = (await own()).filter((draft) => draft.state === SENT && draft.page === location.pathname);
  const answer = await fetch(location.pathname);
  if (!answer.ok || answer.redirected) return;
  await (await caches.open("pages")).put(location.pathname, answer);
  for (const draft of shown) await settle(draft);
};
let fresh = 0;
const keepSoon = () => {
  clearTimeout(fresh);
  if (marked && window.caches) fresh = setTimeout(() => keepPage().catch(() => {}), 2000);
};

// for the scripts of single pages
const opened = (drafts) => Promise.all(drafts.map(async (draft) => {
  const { fields, answer } = await contentOf(draft);
  return { key: draft.key, form: draft.form, state: draft.state, note: draft.note, fields, answer };
}));
const api = {
  queue: async (form, key, fields) => {
    await keep({ key, form, state: "", quiet: true, kept: Boolean(marked) }, { fields, photos: [] });
    sendAll();
  },
  waiting: async () => opened(await mine()),
  recent: async () => opened((await own()).filter((draft) => draft.state === SENT)),
  discard: async (key) => {
    await drop("drafts", key);
    await show();
  },
};

const leave = document.querySelector('form[action="/logout/"]');
const onLeave = async (event) => {
  event.preventDefault();
  const left = (await mine()).length;
  if (left && !confirm(`还有 ${left} 件没有发送，退出后会丢失。确定退出吗？`)) return;
  await wipe();
  if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
  leave.submit();
};

if (able) {
  leave?.addEventListener("submit", onLeave);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js");
    // Another user gets pages of their own.
    const changed = async () => (await ofOthers()) && caches.delete("pages");
    navigator.serviceWorker.ready.then(changed).then(keepPage).catch(() => {});
  }
  if (keepsPage) sessionKey().catch(() => {});
  window.xiangzhi = api;
  addEventListener("online", anew);
  show().then(sendAll);
}
