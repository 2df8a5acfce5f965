// Rows on the phone: drafts {key, user, at, form, page, quiet, kept, state, note, iv, data}, keys {user, key}. Each person's drafts are
// sealed under that person's own key; the key leaves the phone on logging out, the sealed drafts stay.
import { openDB } from "../vendor/idb/index.js";
import { importKey, seal, unseal } from "./seal.js";

// Why nothing can be kept under this person's key; the words are for the page.
export class NoKey extends Error {}
const OUT = "已经退出登录，这里写的没有存在手机上。先不要离开这一页，点发送时再登录一次。";
export const OTHER = "这台手机上现在登录的是另一个账号，这里写的没有存下，也没有发送。先不要离开这一页，用您自己的账号登录后再点发送。";

// TYPING: half written. SENT: the server has it, the kept page does not show it yet.
export const TYPING = "typing", SENT = "sent";
export const user = Number(document.body.dataset.user);

// A page's address with all that it is about; `new` only says what was just done.
export const addressOf = ({ pathname, search }) => {
  const query = new URLSearchParams(search);
  query.delete("new");
  return pathname + (String(query) && `?${query}`);
};

export const actionOf = (form) => addressOf(new URL(form.getAttribute("action") || location.href, location.href));

let opened = null;
const base = () => {
  opened ||= openDB("xiangzhi", 1, {
    upgrade(made) {
      made.createObjectStore("drafts", { keyPath: "key" });
      made.createObjectStore("keys", { keyPath: "user" });
    },
    terminated() { opened = null; },
  }).catch((error) => { opened = null; throw error; });
  return opened;
};
export const drop = async (key) => (await base()).delete("drafts", key);

// Fetched once, while on line, and kept until logging out. Somebody else may have logged in beside this page: their key is not this person's.
export const personKey = async () => {
  const kept = await (await base()).get("keys", user);
  if (kept) return kept.key;
  const answer = await fetch("/log/key/", { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new NoKey(OUT);
  const given = await answer.json();
  if (given.user !== user) throw new NoKey(OTHER);
  const key = await importKey(given.key);
  await (await base()).put("keys", { user: given.user, key });
  return key;
};
export const lock = async () => (await base()).delete("keys", user);
export const sealed = async (content) => seal(await personKey(), content);
export const contentOf = async (draft) => unseal(await personKey(), draft);

// `at` is when it was written first, by the phone's clock.
export const keep = async (draft, content) => {
  const before = await (await base()).get("drafts", draft.key), cipher = await sealed(content);
  const page = addressOf(location);
  await (await base()).put("drafts", { user, at: before?.at || Date.now(), page, note: "", ...draft, ...cipher });
};
export const found = async (key) => (await base()).get("drafts", key);
// Change or drop a draft, unless it was replaced meanwhile.
export const settle = async (draft, change) => {
  const deal = (await base()).transaction("drafts", "readwrite");
  const kept = await deal.store.get(draft.key);
  const same = Boolean(kept) && String(kept.iv) === String(draft.iv);
  const changed = same && (change ? deal.store.put({ ...draft, ...change }) : deal.store.delete(draft.key));
  await Promise.all([changed, deal.done]);
  return same;
};

export const own = async () =>
  (await (await base()).getAll("drafts")).filter((draft) => draft.user === user).sort((a, b) => (a.at || 0) - (b.at || 0));
export const unsent = async () => (await own()).filter((draft) => draft.state !== SENT);
export const mine = async () => (await unsent()).filter((draft) => draft.state !== TYPING);
