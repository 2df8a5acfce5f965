// Forms marked data-offline, pages marked data-keep, window.xiangzhi: see docs/decisions/0010-offline.md.
(() => {
  const PART = 128 * 1024, LONGEST = 1600, FIRST = 1000, SLOWEST = 30000;
  const CSRF = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1] || "";

  // the store: drafts {key, user, at, form, page, quiet, kept, state, note, iv, data}, keys {user, key}
  const open = () => new Promise((done, fail) => {
    const asked = indexedDB.open("xiangzhi", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("drafts", { keyPath: "key" });
      asked.result.createObjectStore("keys", { keyPath: "user" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const store = async (name, mode, act) => {
    const db = await open();
    try {
      return await new Promise((done, fail) => {
        const asked = act(db.transaction(name, mode).objectStore(name));
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => fail(asked.error);
      });
    } finally { db.close(); }
  };
  const put = (name, row) => store(name, "readwrite", (rows) => rows.put(row));
  const drop = (name, key) => store(name, "readwrite", (rows) => rows.delete(key));
  const all = (name) => store(name, "readonly", (rows) => rows.getAll());
  // Change or drop a draft, unless it was replaced meanwhile.
  const settle = async (draft, change) => {
    const db = await open();
    try {
      return await new Promise((done, fail) => {
        const deal = db.transaction("drafts", "readwrite");
        const rows = deal.objectStore("drafts"), asked = rows.get(draft.key);
        let same = false;
        asked.onsuccess = () => {
          same = Boolean(asked.result) && String(asked.result.iv) === String(draft.iv);
          if (same && change) rows.put({ ...draft, ...change });
          else if (same) rows.delete(draft.key);
        };
        deal.oncomplete = () => done(same);
        deal.onerror = () => fail(deal.error);
      });
    } finally { db.close(); }
  };

  // the key: fetched while on line, kept as a key that no script can read out
  const user = Number(document.body.dataset.user);
  const fetchKey = async () => {
    const answer = await fetch("/log/key/", { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const given = await answer.json();
    const raw = Uint8Array.from(atob(given.key), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    raw.fill(0);
    await put("keys", { user: given.user, key });
    return key;
  };
  // Drafts would be lost with an older key.
  const sessionKey = async () => {
    const kept = (await all("keys")).find((row) => row.user === user);
    return kept ? kept.key : fetchKey();
  };
  const seal = async (content) => {
    const key = await sessionKey();
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(content)));
    return { iv, data };
  };
  const unseal = async (draft) => {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: draft.iv }, await sessionKey(), draft.data);
    return JSON.parse(new TextDecoder().decode(plain));
  };
  // Sent: the server has it, the kept page does not show it yet.
  const TYPING = "typing", SENT = "sent";
  const own = async () => (await all("drafts")).filter((draft) => draft.user === user).sort((a, b) => (a.at || 0) - (b.at || 0));
  const mine = async () => (await own()).filter((draft) => ![TYPING, SENT].includes(draft.state));

  // photos
  const shrink = async (file) => {
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob((blob) => done(blob || file), "image/jpeg", 0.8));
    } catch { return file; }
  };
  const base64 = (bytes) => {
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  };
  const photoOf = async (file) => {
    const bytes = new Uint8Array(await (await shrink(file)).arrayBuffer());
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const sha256 = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { key: crypto.randomUUID(), sha256, size: bytes.length, data: base64(bytes) };
  };

  // sending
  const post = (path, body) => fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRFToken": CSRF() },
  });
  const sendPhoto = async (owner, photo) => {
    const bytes = Uint8Array.from(atob(photo.data), (letter) => letter.charCodeAt(0));
    const path = `/photos/part/${photo.key}/`;
    const asked = await fetch(path);
    if (!asked.ok) return false;
    let { received } = await asked.json();
    for (let tries = 0; received < bytes.length && tries < 2 * Math.ceil(bytes.length / PART) + 2; tries += 1) {
      const query = new URLSearchParams({ owner, size: photo.size, sha256: photo.sha256, offset: received });
      const answer = await fetch(`${path}?${query}`, {
        method: "PUT", body: bytes.subarray(received, received + PART),
        headers: { "X-CSRFToken": CSRF(), "Content-Type": "application/octet-stream" },
      });
      if (answer.status === 422) return true;
      if (!answer.ok) return false;
      received = (await answer.json()).received;
    }
    return received >= bytes.length;
  };
  const note = (draft, state, words) => settle(draft, { state, note: words });
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`xiangzhi:${name}`, { detail }));
  const send = async (draft) => {
    const content = await unseal(draft);
    const answer = await post("/log/send/", { form: draft.form, key: draft.key, fields: content.fields });
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 401) return note(draft, "login", said.detail);
    if (answer.status === 422 || answer.status === 400) {
      if (await note(draft, "wrong", said.detail)) tell("wrong", { key: draft.key, form: draft.form, note: said.detail });
      return;
    }
    if (answer.status === 409) {
      await settle(draft);
      conflicts = true;
      return;
    }
    if (!answer.ok) return;
    for (const photo of content.photos) {
      if (!(await sendPhoto(draft.key, photo))) return note(draft, "photos", `已登记 ${said.number}，照片还在发送`);
    }
    const done = draft.kept && { state: SENT, note: "", ...(await seal({ ...content, answer: said })) };
    if (!(await settle(draft, done))) return;
    if (draft.quiet) tell("sent", { key: draft.key, form: draft.form, answer: said });
    else sent.push({ number: said.number, link: said.link });
    keepSoon();
  };
  let busy = false, again = false, conflicts = false;
  const sent = [];
  let timer = 0, wait = FIRST;
  const sendAll = async () => {
    if (!user) return;
    again = busy;
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        for (const draft of await mine()) {
          if (draft.state !== "wrong") await send(draft);
        }
      } while (again);
    } catch { /* no signal: the next round tries again, ever more slowly */ } finally { busy = false; }
    if ((await mine()).some((draft) => draft.state !== "wrong")) {
      timer = setTimeout(sendAll, wait);
      wait = Math.min(wait * 2, SLOWEST);
    }
    await show();
  };
  const backOnLine = () => { wait = FIRST; sendAll(); };

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
  const show = async () => {
    if (!bar || !user) return;
    const waits = await mine();
    const drafts = waits.filter((draft) => draft.note || !(draft.quiet && draft.page === location.pathname));
    bar.replaceChildren();
    if (drafts.length) bar.append(line(`待发送 ${drafts.length} 件${navigator.onLine ? "" : "（没有网络，有网络时自动发送）"}`));
    for (const draft of drafts.filter((one) => one.note)) {
      bar.append(line(draft.note, draft.state === "login" ? `/login/?next=${location.pathname}`
        : draft.state === "wrong" ? `${draft.page || "/log/"}#${draft.key}` : ""));
    }
    if (conflicts) bar.append(line("有内容不一致的提交，请处理", "/conflicts/"));
    for (const one of sent) bar.append(line(`已登记 ${one.number}`, one.link));
    bar.hidden = !bar.childElementCount;
    bar.dataset.waiting = waits.length;
  };

  // the forms
  const form = document.querySelector("form[data-offline]"), marked = document.querySelector("[data-keep]");
  const fieldsOf = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !["csrfmiddlewaretoken", "client_key"].includes(name)) fields[name] = value;
    }
    return fields;
  };
  const fill = (fields) => {
    for (const field of form.elements) {
      if (!(field.name in fields) || field.type === "file") continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === fields[field.name];
      else field.value = fields[field.name];
    }
  };
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
  const missing = (fields) => {
    if (!["case", "visit"].includes(form.dataset.offline)) return form.reportValidity() ? "" : "请先填好标出的地方。";
    if (form.dataset.offline === "case" && !fields.category) return "请选类别。";
    if (!fields.unit) return "请选地方。";
    if (!(fields.text || fields.seen || "").trim()) return "请写一句话说明情况。";
    const kind = (form.querySelector('[name="category"]:checked') || { dataset: {} }).dataset.kind;
    if (kind === "errand" && !(fields.client.trim() && fields.phone.trim())) return "请写委托人姓名和联系电话。";
    return "";
  };
  const keep = async (name, key, state, content, quiet = false) => put("drafts", {
    key, user, at: Date.now(), form: name, page: location.pathname, quiet, kept: quiet && Boolean(marked), state,
    note: "", ...(await seal(content)),
  });
  // What is typed survives a reload.
  const typingKey = () => `${TYPING}:${user}:${form.dataset.offline}:${location.pathname}`;
  let pause = 0;
  const typing = () => {
    clearTimeout(pause);
    const content = { fields: fieldsOf(), photos: [] };
    pause = setTimeout(() => keep(form.dataset.offline, typingKey(), TYPING, content).catch(() => {}), 600);
  };
  let kept = [];
  const submit = async (event) => {
    event.preventDefault();
    const button = event.submitter;
    const fields = fieldsOf();
    const lack = missing(fields);
    if (lack) return complain(lack);
    if (button) button.disabled = true;
    try {
      const chosen = form.elements.photos ? [...form.elements.photos.files] : [];
      const photos = [...kept, ...(await Promise.all(chosen.slice(0, 9).map(photoOf)))];
      await keep(form.dataset.offline, keyField().value, "", { fields, photos });
      clearTimeout(pause);
      await drop("drafts", typingKey());
    } catch {
      if (button) button.disabled = false;
      if (!navigator.onLine) return complain("没有网络，本机也存不下，请先不要离开这一页，有网络时再点发送。");
      form.removeEventListener("submit", submit);
      return form.requestSubmit(button);
    }
    const key = keyField().value;
    await sendAll();
    const left = (await mine()).find((one) => one.key === key);
    if (left && left.state === "wrong") {
      if (button) button.disabled = false;
      return complain(left.note);
    }
    const last = sent[sent.length - 1];
    if (!left && (last || conflicts)) {
      location.href = last ? `${last.link}?new=1` : "/conflicts/";
      return;
    }
    form.reset();
    kept = [];
    keyField().value = crypto.randomUUID();
    if (button) button.disabled = false;
    for (const field of form.querySelectorAll("input[type=radio], textarea")) {
      if (field.type === "radio") field.checked = false; else field.value = "";
    }
    count();
    window.scrollTo(0, 0);
    await show();
  };
  const count = () => {
    const place = document.getElementById("photo-count");
    const files = form.elements.photos ? form.elements.photos.files.length + kept.length : 0;
    if (place) place.textContent = files ? `已选 ${files} 张` : "";
  };
  // A refused draft is opened by its key in the address.
  const reopen = async () => {
    if ("bound" in form.dataset) return;
    keyField().value = crypto.randomUUID();  // a page from the cache brings an old one
    const drafts = (await own()).filter((one) => one.form === form.dataset.offline);
    const draft = drafts.find((one) => one.key === location.hash.slice(1));
    const typed = drafts.find((one) => one.key === typingKey());
    if (!draft && typed && !location.search) fill((await unseal(typed)).fields);
    if (!draft) return;
    const content = await unseal(draft);
    fill(content.fields);
    kept = content.photos;
    keyField().value = draft.key;
    count();
    if (draft.note) complain(draft.note);
  };
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

  // kept pages, page scripts
  const keepPage = async () => {
    if (!form && !marked) return;
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
  const queue = async (name, key, fields) => {
    await keep(name, key, "", { fields, photos: [] }, true);
    sendAll();
  };
  const opened = (drafts) => Promise.all(drafts.map(async ({ key, form: name, state, note: words, ...draft }) => {
    const { fields, answer } = await unseal(draft);
    return { key, form: name, state, note: words, fields, answer };
  }));
  const waiting = async () => opened(await mine());
  const recent = async () => opened((await own()).filter((draft) => draft.state === SENT));
  const discard = async (key) => {
    await drop("drafts", key);
    await show();
  };

  // leaving
  const wipe = async () => {
    for (const draft of await own()) await drop("drafts", draft.key);
    await drop("keys", user);
    if (window.caches) for (const name of await caches.keys()) await caches.delete(name);
  };
  const leave = document.querySelector('form[action="/logout/"]');
  if (leave) leave.addEventListener("submit", async (event) => {
    event.preventDefault();
    const left = (await mine()).length;
    if (left && !confirm(`还有 ${left} 件没有发送，退出后会丢失。确定退出吗？`)) return;
    await wipe();
    leave.submit();
  });

  if (!window.indexedDB || !window.crypto || !crypto.subtle || !user) return;
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register("/sw.js");
    // Another user gets pages of their own.
    const changed = async () => (await all("keys")).some((row) => row.user !== user) && caches.delete("pages");
    navigator.serviceWorker.ready.then(changed).then(keepPage).catch(() => {});
  }
  if (form) {
    form.addEventListener("submit", submit);
    form.addEventListener("change", (event) => {
      if (event.target.name === "photos") count();
      if (event.target.name === "category" || event.target.name === "unit") alike();
    });
    form.addEventListener("input", typing);
    locate();
    reopen().catch(() => {});
  }
  if (form || marked) sessionKey().catch(() => {});
  window.xiangzhi = { queue, waiting, recent, discard };
  addEventListener("online", backOnLine);
  show().then(sendAll);
})();
