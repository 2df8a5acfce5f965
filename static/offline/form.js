// A form marked data-offline: kept on the phone before it is sent; what is typed survives a reload. A form without context begins blank
// after each sending; one that is about something (data-about, or a page of its own: data-offline="page") is closed.
import { refreshDays, trueNow } from "./clock.js";
import { able, changed, done, POSTED, sendAll, show } from "./main.js";
import { lackOfPhotos, photosOf } from "./photos.js";
import { photoOf } from "./seal.js";
import { actionOf, addressOf, contentOf, drop, keep, mine, NoKey, OTHER, own, TYPING, user } from "./store.js";

const PAUSE = 300, PATIENCE = 800;
const TOKENS = ["csrfmiddlewaretoken", "once", "client_key"];
const form = document.querySelector("form[data-offline]");
let kept = [];  // photos of a refused draft that was opened again

// photos
const prepared = async (file) => ({ name: file.name, ...await photoOf(new Uint8Array(await file.arrayBuffer())) });
const count = () => {
  const place = document.getElementById("photo-count");
  const files = form.elements.photos ? form.elements.photos.files.length + kept.length : 0;
  if (place) place.textContent = files ? `已选 ${files} 张` : "";
};

// fields: a name that stands several times has a list
export const textsOf = (entries) => {
  const texts = {};
  for (const [name, value] of entries) {
    if (typeof value !== "string" || TOKENS.includes(name)) continue;
    texts[name] = name in texts ? [texts[name], value].flat() : value;
  }
  return texts;
};
// What a case or a visit lacks; `kind` is the kind of the chosen category.
export const lackOf = (name, fields, kind) => {
  if (name === "case" && !fields.category) return "请选类别。";
  if (!fields.unit) return "请选地方。";
  if (!(fields.text || fields.seen || "").trim()) return "请写一句话说明情况。";
  if (kind === "errand" && !(fields.client.trim() && fields.phone.trim())) return "请写委托人姓名和联系电话。";
  return "";
};
const isPage = form?.dataset.offline === "page";
const repeats = !isPage || "again" in form.dataset;  // a second one may be written while the first waits
const about = isPage ? addressOf(location) : form?.dataset.about || "";
const fieldsOf = () => textsOf(new FormData(form));
const missing = (fields) => {
  const name = form.dataset.offline;
  if (isPage && navigator.onLine) return "";  // the page says it at its fields
  if (!["case", "visit"].includes(name)) return form.reportValidity() ? "" : "请先填好标出的地方。";
  return lackOf(name, fields, form.querySelector('[name="category"]:checked')?.dataset.kind);
};
const fill = (fields) => {
  for (const field of form.elements) {
    if (!field.name || TOKENS.includes(field.name) || ["file", "submit", "button"].includes(field.type)) continue;
    const values = [fields[field.name] ?? []].flat();
    if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
    else if (values.length) field.value = values[0];
  }
  sayPlace();
  form.dispatchEvent(new Event("change"));  // for the page's own script, which counts what is chosen
};
// In words, for the list of drafts: what was chosen and written.
const wordsOf = () => [...form.elements].filter((field) => field.name && !TOKENS.includes(field.name)).flatMap((field) => {
  if (field.type === "radio" || field.type === "checkbox") return field.checked ? [field.labels[0]?.textContent.trim() || ""] : [];
  if (field.tagName === "SELECT") return field.value ? [field.selectedOptions[0].textContent.trim()] : [];
  return ["hidden", "file", "submit"].includes(field.type) ? [] : [field.value.trim()];
}).filter(Boolean);

// A radio whose set has a default (`data-default`) goes back to it.
export const startsChecked = (field) => field.dataset.default === field.value;
const keyField = () => isPage ? form.elements.once : form.elements.client_key;
const note = (place, text, tone, role) => {
  const words = document.createElement("p");
  words.className = `alert ${tone}`;
  words.setAttribute("role", role);
  words.textContent = text;
  place.replaceChildren(words);
  place.scrollIntoView({ block: "center" });
  return words;
};
const complain = (text) => {
  let place = form.querySelector("[data-errors]");
  if (!place) {
    place = document.createElement("div");
    place.dataset.errors = "";
    form.prepend(place);
  }
  note(place, text, "alert-danger", "alert");
};

// keeping
const typingKey = `${TYPING}:${user}:${form?.dataset.offline}:${location.pathname}:${about}`;
const rowOf = (key, state) => ({ key, form: form.dataset.offline, action: isPage ? actionOf(form) : "", state, quiet: false, kept: false });
const keepAs = (key, state, content) => keep(rowOf(key, state), { ...content, title: document.title.split(" · ")[0], words: wordsOf() });
let half = "";  // the row of what is typed here: another tab with the same page has its own
let pause = 0, typed = Promise.resolve();
const nameHalf = (name) => {
  half = name;
  sessionStorage.setItem(typingKey, half);
};
// Said beside the button, where it moves nothing; while it stands, the page is not left without a question.
const UNKEPT = "没能存在手机上，手机可能存满了。先不要离开这一页：有网络就点下面的按钮，没有网络就先清出一些空间。";
let warning = null;
const calm = () => {
  warning?.remove();
  warning = null;
};
const warn = (words) => {
  if (!warning) {
    warning = Object.assign(document.createElement("p"), { className: "alert alert-danger", role: "alert" });
    form.querySelector("button:not([type=button])").parentElement.prepend(warning);
  }
  if (warning.textContent !== words) warning.textContent = words;
};
const settleTyping = () => {
  clearTimeout(pause);
  pause = 0;
};
const keepTyped = () => {
  settleTyping();
  if (!half) nameHalf(`${typingKey}:${keyField().value}`);
  const name = half, content = { fields: fieldsOf(), photos: [], once: keyField().value };
  typed = typed.then(() => keepAs(name, TYPING, content)).then(() => {
    if (!pause) delete form.dataset.unkept;
    calm();
  }).catch((error) => warn(error instanceof NoKey ? error.message : UNKEPT));
};
// Not put off by the next key: who types without a pause loses no more than the last moment.
const typing = () => {
  form.dataset.unkept = "";
  pause ||= setTimeout(keepTyped, PAUSE);
};
// Hidden fields survive `reset`: they go back to what the page brought.
const brought = new Map([...form?.elements || []].filter((field) => field.type === "hidden").map((field) => [field, field.value]));
const empty = () => {
  form.reset();
  kept = [];
  nameHalf("");
  for (const [field, value] of brought) field.value = value;
  keyField().value = crypto.randomUUID();
  for (const field of form.querySelectorAll("input[type=radio], textarea")) {
    if (field.type === "radio") field.checked = startsChecked(field); else field.value = "";
  }
  form.querySelector("[data-errors]")?.replaceChildren();
  document.getElementById("alike")?.replaceChildren();
  sayPlace();
  count();
};
const leadOf = (made) => isPage ? made : `${made}?new=1`;
// About something: what stands there was written down, the next one is opened anew.
const link = (words, address) => {
  const one = document.createElement("a");
  one.className = "btn btn-outline-primary";
  one.href = address;
  one.textContent = words;
  return one;
};
const closed = (key) => {
  const place = document.createElement("div");
  form.after(place);
  form.hidden = true;
  note(place, navigator.onLine ? "已存在手机上，正在发送。可以离开这一页。" : "已存在手机上，有网络时自动发送。可以离开这一页。", "alert-success", "status");
  const links = document.createElement("p");
  links.className = "actions";
  links.append(link("回首页", "/"), link("没有发送的", "/drafts/"));
  if (repeats) links.append(link("再记一件", addressOf(location)));
  place.append(links);
  document.addEventListener("xiangzhi:sent", ({ detail }) => {
    if (detail.key === key) location.href = leadOf(detail.answer.link);
  });
  document.addEventListener("xiangzhi:wrong", ({ detail }) => {
    if (detail.key !== key) return;
    place.remove();
    form.hidden = false;
    complain(detail.note);
  });
};
const store = async (fields) => {
  const photos = [...kept, ...(await Promise.all((await photosOf(form.elements.photos)).map(prepared)))];
  await keepAs(keyField().value, "", { fields, photos });
  await typed;
  if (half) await drop(half);
};
// Without a place on the phone, or where the page's own answer says more: as any form.
const post = (button) => {
  form.removeEventListener("submit", submit);
  calm();
  form.requestSubmit(button);
};
const submit = async (event) => {
  event.preventDefault();
  const button = event.submitter, fields = fieldsOf();
  const lack = missing(fields) || lackOfPhotos([...kept, ...(await photosOf(form.elements.photos))]);
  if (lack) return complain(lack);
  if ("saved_at" in fields) fields.saved_at = form.elements.saved_at.value ||= new Date().toISOString();
  const disable = (is) => { if (button) button.disabled = is; };
  disable(true);
  settleTyping();
  try { await store(fields); } catch (error) {
    disable(false);
    if (error.message === OTHER) return complain(OTHER);
    if (!navigator.onLine) return complain("没有网络，本机也存不下，请先不要离开这一页，有网络时再点发送。");
    return post(button);
  }
  const key = keyField().value;
  calm();
  await changed();
  await Promise.race([sendAll(), new Promise((over) => setTimeout(over, PATIENCE))]);
  disable(false);
  await after(key, button);
};
const after = async (key, button) => {
  const left = (await mine()).find((one) => one.key === key), sent = done.sent.find((one) => one.key === key);
  if (left?.state === "wrong" && isPage) {  // the page says at which field
    if (!half) nameHalf(`${typingKey}:${key}`);
    await keepAs(half, TYPING, { fields: fieldsOf(), photos: [] }).then(() => drop(key), () => {});
    sessionStorage.setItem(POSTED, JSON.stringify([addressOf(location), half]));
    return post(button);
  }
  if (left?.state === "wrong") return complain(left.note);
  const leads = sent ? leadOf(sent.link) : !left && done.conflicts ? "/conflicts/" : "";
  if (about) closed(key);
  else empty();
  if (leads) location.href = leads;
  else window.scrollTo(0, 0);
  await show();
};
// What was half typed on this page: as its address says, as this tab had it, or the newest.
const halfOf = (drafts, asked) => {
  const halves = drafts.filter((one) => `${one.key}:`.startsWith(`${typingKey}:`)), last = sessionStorage.getItem(typingKey);
  return halves.find((one) => one.key === asked) || halves.find((one) => one.key === last) || halves.at(-1);
};
// Somebody who opened the page just now has begun before this script was there: that stays. (On reloading the browser itself fills in.)
const isTouched = (field) => ["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked
  : ["text", "tel", "number", "textarea"].includes(field.type) && field.value !== field.defaultValue;
const begun = () => "unkept" in form.dataset ||
  (performance.getEntriesByType("navigation")[0].type === "navigate" && [...form.elements].some(isTouched));
// A refused draft is opened by its key in the address; what was half typed here comes back, under the key it was begun with.
const reopen = async () => {
  if ("bound" in form.dataset) {
    half = sessionStorage.getItem(typingKey) || "";
    return;
  }
  keyField().value = crypto.randomUUID();  // a page from the cache brings an old one
  const { keptAt, madeAt } = document.body.dataset;
  if (keptAt) refreshDays(form, Number(madeAt), trueNow());
  const drafts = (await own()).filter((one) => one.form === form.dataset.offline);
  const here = drafts.filter((one) => one.state !== TYPING && one.page === addressOf(location));
  const asked = decodeURIComponent(location.hash.slice(1)), before = halfOf(drafts, asked);
  const draft = here.find((one) => one.key === asked) || (repeats ? undefined : here[0]);
  if (!draft && begun()) return typing();
  if (!draft && before) {
    const content = await contentOf(before);
    nameHalf(before.key);
    fill(content.fields);
    if (content.once) keyField().value = content.once;
  }
  if (!draft) return;
  const content = await contentOf(draft);
  fill(content.fields);
  kept = content.photos;
  keyField().value = draft.key;
  count();
  complain(draft.note || "这一件已写好，还没有发送；改了再点一次保存，以后面的为准。");
};
const onHash = async () => {
  if ((await mine()).some((one) => one.key === location.hash.slice(1))) location.reload();
};

// hints
const sayPlace = () => {
  const words = document.getElementById("located"), { latitude, longitude } = form.elements;
  if (words && latitude) words.textContent = latitude.value ? `已记下位置（北纬 ${latitude.value}，东经 ${longitude.value}）` : "";
};
const locate = () => {
  const button = document.getElementById("locate");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
    form.elements.latitude.value = found.coords.latitude.toFixed(5);
    form.elements.longitude.value = found.coords.longitude.toFixed(5);
    sayPlace();
  }, () => { document.getElementById("located").textContent = "没有取得位置，可以不填"; }));
};
const alike = async () => {
  const place = document.getElementById("alike");
  const fields = fieldsOf();
  if (!place || !fields.category || !fields.unit || !navigator.onLine) return;
  try {
    const answer = await fetch(`/log/alike/?${new URLSearchParams({ ...fields, text: "" })}`);
    if (answer.ok) place.innerHTML = await answer.text();
  } catch { /* a hint only */ }
};

if (form && able) {
  form.addEventListener("submit", submit);
  form.addEventListener("change", (event) => {
    if (event.target.name === "photos") count();
    if (event.target.name === "category" || event.target.name === "unit") alike();
  });
  form.addEventListener("input", typing);
  addEventListener("hashchange", onHash);
  addEventListener("beforeunload", (event) => { if (warning) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && pause) keepTyped(); });
  locate();
  reopen().catch(() => {});
}
