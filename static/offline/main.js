// What waits on this phone: sent, shown, locked away on leaving; which pages are kept. See docs/decisions/0010-offline.md.
import { driftWords, keptWords, noteClock } from "./clock.js";
import { unseal } from "./seal.js";
import { alone, csrf, makeRounds, STOP, sendDraft } from "./send.js";
import { addressOf, contentOf, drop, found, keep, lock, mine, own, personKey, SENT, sealed, settle, TYPING, unsent, user } from "./store.js";

export const able = Boolean(window.indexedDB && window.crypto?.subtle && user);
export const done = { sent: [], conflicts: false };  // since this page was opened
const marked = document.querySelector("[data-keep]");
const writes = document.querySelector("form[data-offline]");
const here = addressOf(location);
const REST = 2000;  // the page itself first

// What happens to the queue in one tab is heard in all of this person's.
const tabs = able ? new BroadcastChannel("xiangzhi") : null;
let loggedOut = false;
const hear = (name, detail) => {
  const { key, answer, quiet } = detail;
  if (name === "sent" && !quiet) done.sent.push({ key, words: answer.words || `已登记 ${answer.number || ""}`, link: answer.link });
  if (name === "sent") keepSoon();
  if (name === "conflict") done.conflicts = true;
  if (name === "left") loggedOut = true;
  document.dispatchEvent(new CustomEvent(`xiangzhi:${name}`, { detail }));
};
const tell = (name, detail = {}) => {
  hear(name, detail);
  tabs.postMessage({ user, name, detail });
};
export const changed = async () => {
  tell("changed");
  await show();
};

const UNREADABLE = "有一件是用以前的密钥存的，打不开，发不出去。请在“没有发送的”里删除，重新记一件。";
const send = async ({ key }) => {
  const personal = await personKey().catch(() => null), draft = await found(key);
  if (!personal) return STOP;
  loggedOut = false;
  if (!draft || ["wrong", SENT, TYPING].includes(draft.state)) return "";  // settled meanwhile, maybe in another tab
  const content = await unseal(personal, draft).catch(() => null);
  if (!content) return settle(draft, { state: "wrong", note: UNREADABLE });
  const outcome = await sendDraft(draft, content, noteClock);
  await take(draft, content, outcome);
  return ["login", "other"].includes(outcome.state) ? STOP : "";
};
const take = async (draft, content, { state, note, answer, photos }) => {
  const { key, form } = draft;
  if (state === "later") return;
  if (state === "conflict") {
    if (await settle(draft)) tell("conflict");
    return;
  }
  if (state !== SENT) {
    const left = photos && await sealed({ ...content, photos });
    const same = await settle(draft, { state, note, ...left });
    if (same && state === "wrong") tell("wrong", { key, form, note });
    if (note !== draft.note) tell("changed");
    return;
  }
  const kept = draft.kept && { state, note: "", ...(await sealed({ ...content, answer })) };
  if (!(await settle(draft, kept).catch(() => settle(draft)))) return;  // a full phone has no place for what is done
  tell("sent", { key, form, answer, quiet: draft.quiet });
  if (form === "page" && !draft.quiet) ask({ keep: draft.page }).catch(() => {});
};

// what the user sees
const bar = document.getElementById("queue");
const LEFT = "已在另一页退出登录。存在手机上的都还在，您重新登录后接着写、接着发送。";
const line = (text, link) => {
  const item = document.createElement(link ? "a" : "span");
  item.textContent = text;
  if (link) item.href = link;
  const row = document.createElement("p");
  row.append(item);
  return row;
};
export const pageOf = (draft) => `${draft.page || "/log/"}#${encodeURIComponent(draft.key)}`;
const linkOf = (draft) => draft.state === "login" ? `/login/?next=${encodeURIComponent(here)}`
  : draft.state === "wrong" ? pageOf(draft) : "";
const waitingWords = (number) => navigator.onLine ? `${number} 件已存在手机上，正在发送` : `待发送 ${number} 件（没有网络，有网络时自动发送）`;
export const show = async () => {
  const waits = await mine();
  const drafts = waits.filter((draft) => draft.note || !(draft.quiet && draft.page === here));
  const coming = drafts.filter((draft) => draft.state !== "wrong").length;
  const drift = driftWords();
  bar.replaceChildren();
  if (loggedOut) bar.append(line(LEFT, `/login/?next=${encodeURIComponent(here)}`));
  if (document.body.dataset.keptAt) bar.append(line(keptWords(Number(document.body.dataset.keptAt))));
  if (coming) bar.append(line(waitingWords(coming), "/drafts/"));
  const notes = new Map(drafts.filter((one) => one.note).map((draft) => [draft.note + linkOf(draft), draft]));
  for (const draft of notes.values()) bar.append(line(draft.note, linkOf(draft)));
  if (done.conflicts) bar.append(line("有内容不一致的提交，请处理", "/conflicts/"));
  for (const one of done.sent) bar.append(line(one.words, one.link));
  if (drift && (drafts.length || writes)) bar.append(line(drift));
  bar.hidden = !bar.childElementCount;
  bar.dataset.waiting = waits.length;
};
const waiting = async () => (await mine()).filter((draft) => draft.state !== "wrong");
export const { round: sendAll, anew } = makeRounds({ waiting, send, show, inTurn: alone(`sending of ${user}`) });

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
    changed().then(sendAll);
  },
  waiting: async () => opened(await mine()),
  recent: async () => opened((await own()).filter((draft) => draft.state === SENT)),
  discard: async (key) => {
    await drop(key);
    await changed();
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
  tell("left");
  await lock();
  if (window.caches) for (const name of await caches.keys()) if (name.startsWith("pages")) await caches.delete(name);
  location.href = "/login/";
};

// What another tab did. Who logged out there is logged out here, too; what stands on this page stays.
const onTab = ({ data: { user: whose, name, detail } }) => {
  if (whose !== user) return;
  hear(name, detail);
  show();
};

if (able) {
  tabs.addEventListener("message", onTab);
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
