// A form marked data-offline: kept on the phone before it is sent; what is typed survives a reload.
import { able, done, sendAll, show } from "./main.js";
import { photoOf } from "./seal.js";
import { contentOf, drop, keep, mine, own, TYPING, user } from "./store.js";

const LONGEST = 1600, PHOTOS = 9, PAUSE = 600;
const form = document.querySelector("form[data-offline]");
let kept = [];  // photos of a refused draft that was opened again

// photos
const shrink = async (file) => {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((give) => canvas.toBlob((blob) => give(blob || file), "image/jpeg", 0.8));
  } catch { return file; }
};
const prepared = async (file) => photoOf(new Uint8Array(await (await shrink(file)).arrayBuffer()));
const count = () => {
  const place = document.getElementById("photo-count");
  const files = form.elements.photos ? form.elements.photos.files.length + kept.length : 0;
  if (place) place.textContent = files ? `已选 ${files} 张` : "";
};

// fields
export const textsOf = (entries) => Object.fromEntries(
  [...entries].filter(([name, value]) => typeof value === "string" && !["csrfmiddlewaretoken", "once", "client_key"].includes(name)));
// What a case or a visit lacks; `kind` is the kind of the chosen category.
export const lackOf = (name, fields, kind) => {
  if (name === "case" && !fields.category) return "请选类别。";
  if (!fields.unit) return "请选地方。";
  if (!(fields.text || fields.seen || "").trim()) return "请写一句话说明情况。";
  if (kind === "errand" && !(fields.client.trim() && fields.phone.trim())) return "请写委托人姓名和联系电话。";
  return "";
};
const fieldsOf = () => textsOf(new FormData(form));
const missing = (fields) => {
  const name = form.dataset.offline;
  if (!["case", "visit"].includes(name)) return form.reportValidity() ? "" : "请先填好标出的地方。";
  return lackOf(name, fields, form.querySelector('[name="category"]:checked')?.dataset.kind);
};
const fill = (fields) => {
  for (const field of form.elements) {
    if (!(field.name in fields) || field.type === "file") continue;
    if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === fields[field.name];
    else field.value = fields[field.name];
  }
};
// A radio whose set has a default (`data-default`) goes back to it.
export const startsChecked = (field) => field.dataset.default === field.value;
const keyField = () => form.elements.client_key;
const complain = (text) => {
  const place = form.querySelector("[data-errors]");
  const words = document.createElement("p");
  words.className = "alert alert-danger";
  words.setAttribute("role", "alert");
  words.textContent = text;
  place.replaceChildren(words);
  place.scrollIntoView({ block: "center" });
};

// keeping
const typingKey = () => `${TYPING}:${user}:${form.dataset.offline}:${location.pathname}`;
const keepAs = (key, state, content) => keep({ key, form: form.dataset.offline, state, quiet: false, kept: false }, content);
let pause = 0;
const typing = () => {
  clearTimeout(pause);
  const content = { fields: fieldsOf(), photos: [] };
  pause = setTimeout(() => keepAs(typingKey(), TYPING, content).catch(() => {}), PAUSE);
};
const empty = () => {
  form.reset();
  kept = [];
  keyField().value = crypto.randomUUID();
  for (const field of form.querySelectorAll("input[type=radio], textarea")) {
    if (field.type === "radio") field.checked = startsChecked(field); else field.value = "";
  }
  count();
  window.scrollTo(0, 0);
};
const store = async (fields) => {
  const chosen = form.elements.photos ? [...form.elements.photos.files] : [];
  const photos = [...kept, ...(await Promise.all(chosen.slice(0, PHOTOS).map(prepared)))];
  await keepAs(keyField().value, "", { fields, photos });
  clearTimeout(pause);
  await drop("drafts", typingKey());
};
const submit = async (event) => {
  event.preventDefault();
  const button = event.submitter, fields = fieldsOf(), lack = missing(fields);
  if (lack) return complain(lack);
  const saved = form.elements.saved_at;
  if (saved) fields.saved_at = saved.value ||= new Date().toISOString();
  const disable = (is) => { if (button) button.disabled = is; };
  disable(true);
  try { await store(fields); } catch {
    disable(false);
    if (!navigator.onLine) return complain("没有网络，本机也存不下，请先不要离开这一页，有网络时再点发送。");
    form.removeEventListener("submit", submit);
    return form.requestSubmit(button);
  }
  const key = keyField().value;
  await sendAll();
  const left = (await mine()).find((one) => one.key === key), last = done.sent[done.sent.length - 1];
  if (left?.state === "wrong") {
    disable(false);
    return complain(left.note);
  }
  if (!left && (last || done.conflicts)) {
    location.href = last ? `${last.link}?new=1` : "/conflicts/";
    return;
  }
  empty();
  disable(false);
  await show();
};
// A refused draft is opened by its key in the address.
const reopen = async () => {
  if ("bound" in form.dataset) return;
  keyField().value = crypto.randomUUID();  // a page from the cache brings an old one
  const drafts = (await own()).filter((one) => one.form === form.dataset.offline);
  const draft = drafts.find((one) => one.key === location.hash.slice(1));
  const typed = drafts.find((one) => one.key === typingKey());
  if (!draft && typed && !location.search) fill((await contentOf(typed)).fields);
  if (!draft) return;
  const content = await contentOf(draft);
  fill(content.fields);
  kept = content.photos;
  keyField().value = draft.key;
  count();
  if (draft.note) complain(draft.note);
};

// hints
const locate = () => {
  const button = document.getElementById("locate");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
    form.elements.latitude.value = found.coords.latitude.toFixed(5);
    form.elements.longitude.value = found.coords.longitude.toFixed(5);
    document.getElementById("located").textContent = "已记下位置";
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
  locate();
  reopen().catch(() => {});
}
