// What waits on this phone: sent, shown, locked away on leaving; which pages are kept. See docs/decisions/0010-offline.md.
import { driftWords, keptWords, noteClock } from "./clock.js";
import { csrf, makeRounds, sendDraft } from "./send.js";
import { addressOf, contentOf, drop, keep, lock, mine, own, personKey, SENT, sealed, settle, unsent, user } from "./store.js";

export const able = Boolean(window.indexedDB && window.crypto?.subtle && user);
export const done = { sent: [], conflicts: false };  // since this page was opened
const marked = document.querySelector("[data-keep]");
const writes = document.querySelector("form[data-offline]");
const here = addressOf(location);
const REST = 2000;  // the page itself first
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`xiangzhi:${name}`, { detail }));

const send = async (draft) => {
  const { key, form } = draft, content = await contentOf(draft);
  const { state, note, answer, photos } = await sendDraft(draft, content, noteClock);
  if (state === "later") return;
  if (state === "conflict") {
    await settle(draft);
    done.conflicts = true;
    return;
  }
  if (state !== SENT) {
    const left = photos && await sealed({ ...content, photos });
    if ((await settle(draft, { state, note, ...left })) && state === "wrong") tell("wrong", { key, form, note });
    return;
  }
  if (!(await settle(draft, draft.kept && { state, note: "", ...(await sealed({ ...content, answer })) }))) return;
  if (!draft.quiet) done.sent.push({ key, words: answer.words || `已登记 ${answer.number || ""}`, link: answer.link });
  tell("sent", { key, form, answer });
  if (form === "page" && !draft.quiet) ask({ keep: draft.page }).catch(() => {});
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
export const pageOf = (draft) => `${draft.page || "/log/"}#${draft.key}`;
const linkOf = (draft) => draft.state === "login" ? `/login/?next=${encodeURIComponent(here)}`
  : draft.state === "wrong" ? pageOf(draft) : "";
const waitingWords = (number) => navigator.onLine ? `${number} 件已存在手机上，正在发送` : `待发送 ${number} 件（没有网络，有网络时自动发送）`;
export const show = async () => {
  const waits = await mine();
  const drafts = waits.filter((draft) => draft.note || !(draft.quiet && draft.page === here));
  const coming = drafts.filter((draft) => draft.state !== "wrong").length;
  const drift = driftWords();
  bar.replaceChildren();
  if (document.body.dataset.keptAt) bar.append(line(keptWords(Number(document.body.dataset.keptAt))));
  if (coming) bar.append(line(waitingWords(coming), "/drafts/"));
  for (const draft of drafts.filter((one) => one.note)) bar.append(line(draft.note, linkOf(draft)));
  if (done.conflicts) bar.append(line("有内容不一致的提交，请处理", "/conflicts/"));
  for (const one of done.sent) bar.append(line(one.words, one.link));
  if (drift && (drafts.length || writes)) bar.append(line(drift));
  bar.hidden = !bar.childElementCount;
  bar.dataset.waiting = waits.length;
};
const waiting = async () => (await mine()).filter((draft) => draft.state !== "wrong");
export const { round: sendAll, anew } = makeRounds({ waiting, send, show });

// Kept pages are the service worker's; here it is told which. What was sent changes a kept page: it is fetched anew.
const ask = async (wish, ports = []) => (await navigator.serviceWorker.ready).active.postMessage({ user, ...wish }, ports);
let fresh = 0;
const keepSoon = () => {
  clearTimeout(fresh);
  if (!marked || !("serviceWorker" in navigator)) return;
  fresh = setTimeout(async () => {
    const shown = (await own()).filter((draft) => draft.state === SENT && draft.page === here);
    const channel = new MessageChannel();
    channel.port1.onmessage = async ({ data }) => {
      if (data.kept) for (const draft of shown) await settle(draft);
    };
    await ask({ keep: here }, [channel.port2]);
  }, 2000);
};

// A form that went the usual way is forgotten as half typed once it led elsewhere.
export const POSTED = "posted";
const forget = async () => {
  const [address, key] = JSON.parse(sessionStorage.getItem(POSTED) || "[]");
  if (!key || address === here) return;
  await drop(key);
  sessionStorage.removeItem(POSTED);
};

// for the scripts of single pages
const opened = (drafts) => Promise.all(drafts.map(async (draft) => {
  const { fields, answer } = await contentOf(draft);
  return { key: draft.key, form: draft.form, action: draft.action, state: draft.state, note: draft.note, fields, answer };
}));
const api = {
  queue: async (form, key, fields, more = {}) => {
    await keep({ key, form, state: "", quiet: true, kept: Boolean(marked), ...more }, { fields, photos: [] });
    sendAll();
  },
  waiting: async () => opened(await mine()),
  recent: async () => opened((await own()).filter((draft) => draft.state === SENT)),
  discard: async (key) => {
    await drop(key);
    await show();
  },
};

// Leaving: nothing goes from the phone before the server has answered; then the kept pages and the key, never a draft.
const leave = document.querySelector('form[action="/logout/"]');
const stay = (words) => {
  bar.prepend(line(words));
  bar.hidden = false;
  bar.scrollIntoView();
};
const onLeave = async (event) => {
  event.preventDefault();
  const left = (await unsent()).length;
  if (left && !confirm(`还有 ${left} 件没有发送或没有写完，会加密留在这台手机上，别人打不开；您下次登录后接着发送。确定退出吗？`)) return;
  let answer;
  try {
    answer = await fetch("/logout/", { method: "POST", headers: { "X-CSRFToken": csrf() } });
  } catch {
    return stay("没有网络，还没有退出；没有发送的都在手机上。有网络时再点“退出”。");
  }
  if (!answer.ok) return leave.submit();
  tell("left", {});
  await lock();
  if (window.caches) for (const name of await caches.keys()) if (name.startsWith("pages")) await caches.delete(name);
  location.href = "/login/";
};

if (able) {
  leave?.addEventListener("submit", onLeave);
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js");
    if (!navigator.serviceWorker.controller && (marked || writes)) ask({ keep: here });
    addEventListener("load", () => setTimeout(() => ask({ stock: true }).catch(() => {}), REST));
  }
  personKey().catch(() => {});
  window.xiangzhi = api;
  addEventListener("online", anew);
  forget().catch(() => {});
  show().then(sendAll);
}
