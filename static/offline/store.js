// Rows on the phone: drafts {key, user, at, form, page, quiet, kept, state, note, iv, data}, keys {user, key}.
import { openDB } from "../vendor/idb/index.js";
import { importKey, seal, unseal } from "./seal.js";

// SENT: the server has it, the kept page does not show it yet.
export const TYPING = "typing", SENT = "sent";
export const user = Number(document.body.dataset.user);

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
export const drop = async (name, key) => (await base()).delete(name, key);
export const ofOthers = async () => (await (await base()).getAll("keys")).some((row) => row.user !== user);

// Drafts would be lost with an older key, so it is fetched only once, while on line.
export const sessionKey = async () => {
  const kept = await (await base()).get("keys", user);
  if (kept) return kept.key;
  const answer = await fetch("/log/key/", { headers: { Accept: "application/json" } });
  if (!answer.ok) return null;
  const given = await answer.json();
  const key = await importKey(given.key);
  await (await base()).put("keys", { user: given.user, key });
  return key;
};
export const sealed = async (content) => seal(await sessionKey(), content);
export const contentOf = async (draft) => unseal(await sessionKey(), draft);

export const keep = async (draft, content) =>
  (await base()).put("drafts", { user, at: Date.now(), page: location.pathname, note: "", ...draft, ...(await sealed(content)) });
// Change or drop a draft, unless it was replaced meanwhile.
export const settle = async (draft, change) => {
  const deal = (await base()).transaction("drafts", "readwrite");
  const kept = await deal.store.get(draft.key);
  const same = Boolean(kept) && String(kept.iv) === String(draft.iv);
  if (same) await (change ? deal.store.put({ ...draft, ...change }) : deal.store.delete(draft.key));
  await deal.done;
  return same;
};

export const own = async () =>
  (await (await base()).getAll("drafts")).filter((draft) => draft.user === user).sort((a, b) => (a.at || 0) - (b.at || 0));
export const mine = async () => (await own()).filter((draft) => ![TYPING, SENT].includes(draft.state));
export const wipe = async () => {
  for (const draft of await own()) await drop("drafts", draft.key);
  await drop("keys", user);
};
