// Steps that one tap does, also without signal: a form marked data-tap="name" goes into the phone's queue with its data-values
// (data-tap="page": to its own address, with its own fields), and its place says so. A link marked so does it only without signal, for on line it opens a form. See docs/decisions/0010-offline.md.
import { able } from "./main.js";
import { actionOf, addressOf, personKey } from "./store.js";

const taps = [...document.querySelectorAll("[data-tap]")];
const keys = new Map();  // UUID → form or link
const here = addressOf(location);
let leaving = false;  // somebody is on the way to another page

export const sameStep = (values, fields) => Object.entries(values).every(([name, value]) => fields[name] === String(value));
const valuesOf = (tap) => JSON.parse(tap.dataset.values);
const isPage = (tap) => tap.dataset.tap === "page";
const fieldsOf = (tap) => {
  if (isPage(tap)) return Object.fromEntries([...new FormData(tap)].filter(([name]) => !["csrfmiddlewaretoken", "once"].includes(name)));
  const texts = Object.entries(valuesOf(tap)).map(([name, value]) => [name, String(value)]);
  return { saved_at: new Date().toISOString(), ...Object.fromEntries(texts) };
};
const isOf = (tap, draft) => tap.dataset.tap === draft.form &&
  (isPage(tap) ? actionOf(tap) === draft.action : sameStep(valuesOf(tap), draft.fields));
const say = (tap, words, tone) => {
  tap.said ||= tap.parentElement.insertBefore(document.createElement("span"), tap);
  tap.said.className = `tag ${tone}`;
  tap.said.textContent = words;
  tap.hidden = tone !== "late";
};
const mark = (tap, key, state, note) => {
  keys.set(key, tap);
  if (state === "wrong") say(tap, note, "late");
  else say(tap, `已记下“${tap.textContent.trim()}”，待发送`, "waiting");
};

const take = async (tap) => {
  const key = crypto.randomUUID();
  tap.inert = true;
  try {
    await window.xiangzhi.queue(tap.dataset.tap, key, fieldsOf(tap), isPage(tap) ? { action: actionOf(tap) } : {});
    mark(tap, key, "", "");
  } catch {
    say(tap, "本机存不下，请有网络时再点。", "late");
  }
  tap.inert = false;
};
const onTap = (event) => {
  const tap = event.currentTarget;
  if (event.type === "click" && (navigator.onLine || !confirm(tap.dataset.confirm))) return;
  event.preventDefault();
  take(tap);
};

// The page as it is after what was sent: its own words, without what somebody may be typing elsewhere.
const onSent = ({ detail }) => {
  const tap = keys.get(detail.key);
  if (!keys.delete(detail.key)) return;
  if (isPage(tap)) {
    tap.said.setAttribute("role", "status");
    return say(tap, detail.answer.words, "good");
  }
  if (!keys.size && navigator.onLine && !leaving) location.replace(`${here}${here.includes("?") ? "&" : "?"}new=1`);
};
const onWrong = ({ detail }) => {
  const tap = keys.get(detail.key);
  if (tap) say(tap, detail.note, "late");
};
const restore = async () => {
  for (const draft of await window.xiangzhi.waiting()) {
    const tap = taps.find((one) => isOf(one, draft));
    if (tap) mark(tap, draft.key, draft.state, draft.note);
  }
};

if (able && taps.length) {
  for (const tap of taps) tap.addEventListener(tap.tagName === "A" ? "click" : "submit", onTap);
  addEventListener("beforeunload", () => { leaving = true; });
  document.addEventListener("xiangzhi:sent", onSent);
  document.addEventListener("xiangzhi:wrong", onWrong);
  personKey().then(restore).catch(() => {});
}
