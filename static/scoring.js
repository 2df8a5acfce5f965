// The score form: one section at a time, counting by thumb, the reason asked as soon as the figure is left. Each section is
// saved by itself through the phone's queue (offline.js) and only with the lines that were changed, so that two who score
// one village do not undo each other. Without this script all sections stand below each other and post as usual.
(() => {
  const form = document.getElementById("score");
  // Who may not score any more still finds what this phone could not send.
  const refused = document.getElementById("score-kept");
  const offer = async () => {
    const drafts = await window.xiangzhi.waiting();
    refused.hidden = !drafts.some((draft) => draft.form === "score" && draft.fields.card === refused.dataset.card);
    refused.hash = location.hash;
  };
  if (refused && window.xiangzhi) offer().catch(() => {});
  if (!form) return;
  const tabs = [...form.querySelectorAll(".tabs a")];
  const sections = [...form.querySelectorAll(".tabbed")];
  const user = document.body.dataset.user;
  const place = `score:${user}:${location.pathname}`, typedPlace = `typed:${user}:${location.pathname}`;
  const savedPlace = `saved:${user}:${location.pathname}`;
  const card = form.elements.card ? form.elements.card.value : "";

  // --- one section at a time --------------------------------------------------------------------------------------------
  const open = (id) => {
    const shown = sections.find((section) => section.id === id) || sections[0];
    for (const section of sections) section.hidden = section !== shown;
    for (const tab of tabs) {
      if (tab.hash === `#${shown.id}`) {
        tab.setAttribute("aria-current", "true");
        tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 16;
      } else tab.removeAttribute("aria-current");
    }
    sessionStorage.setItem(place, shown.id);
  };
  sections.forEach((section, number) => {
    const next = section.querySelector("[data-next]");
    if (number + 1 < sections.length) {
      next.hidden = false;
      next.hash = `#${sections[number + 1].id}`;
    }
  });
  form.addEventListener("click", (event) => {
    const link = event.target.closest(".tabs a, [data-next]");
    if (!link) return;
    event.preventDefault();
    open(link.hash.slice(1));
    form.querySelector(".tabs").scrollIntoView();
  });
  const faulty = form.querySelector(".scoreline .error");
  const asked = location.hash.slice(1);
  open(faulty ? faulty.closest(".tabbed").id : sections.some((one) => one.id === asked) ? asked : sessionStorage.getItem(place));

  // --- lines ------------------------------------------------------------------------------------------------------------
  const linesOf = (part) => [...part.querySelectorAll(".scoreline")];
  const fieldsOf = (line) => [...line.querySelectorAll("input[name]")];
  const isSaid = (field) => (field.type !== "radio" && field.type !== "checkbox") || field.checked;
  const said = (line, part) => {
    const field = fieldsOf(line).find((one) => one.name.startsWith(`${part}_`) && isSaid(one));
    return field ? field.value.trim() : "";
  };
  // A form that came back with an error shows what was typed, and all of it is sent again.
  const bound = "bound" in form.dataset;
  const changed = (field) => field.type === "radio" || field.type === "checkbox"
    ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const isChanged = (line) => bound || fieldsOf(line).some(changed);
  const differs = (line) => "proposal" in line.dataset && (said(line, "na") !== "" ||
    (said(line, "item") !== "" && Number(said(line, "item")) !== Number(line.dataset.proposal)));
  // A figure with too few records says nothing: whoever judges nevertheless says on what it rests.
  const baseless = (line) => "thin" in line.dataset && said(line, "na") === "" && said(line, "item") !== "";
  const look = () => {
    for (const line of linesOf(form)) {
      const reason = line.querySelector(".reason");
      if (reason) reason.hidden = !differs(line) && !baseless(line);
    }
    for (const tab of tabs) {
      const section = document.getElementById(tab.hash.slice(1));
      tab.classList.toggle("unsaved", !bound && linesOf(section).some(isChanged));
    }
  };
  const set = (line, value) => {
    const fields = fieldsOf(line).filter((field) => field.name.startsWith("item_"));
    for (const field of fields) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const step = (button) => {
    const line = button.closest(".scoreline");
    set(line, String(Math.max(0, (Number(said(line, "item")) || 0) + Number(button.dataset.step))));
  };
  const clear = (section) => {
    for (const line of linesOf(section)) {
      if (countable(line) && !said(line, "na") && !said(line, "item")) set(line, "0");
    }
  };
  const countable = (line) => ["each", "whole", "veto"].includes(line.dataset.kind) && !("thin" in line.dataset);
  for (const button of form.querySelectorAll("[data-step], [data-clear]")) {
    button.hidden = "clear" in button.dataset && !linesOf(button.closest(".tabbed")).some(countable);
    button.addEventListener("click", () => ("step" in button.dataset ? step(button) : clear(button.closest(".tabbed"))));
  }
  form.addEventListener("formdata", (event) => {
    for (const line of linesOf(form)) {
      if (!isChanged(line)) for (const field of fieldsOf(line)) event.formData.delete(field.name);
    }
  });

  // --- what is typed survives a reload; it is forgotten with the tab and on logging out -----------------------------------
  const changes = (part) => {
    const fields = {};
    for (const line of linesOf(part).filter(isChanged)) {
      for (const field of fieldsOf(line)) if (isSaid(field)) fields[field.name] = field.value;
    }
    return fields;
  };
  const fill = (fields) => {
    for (const line of linesOf(form)) {
      if (!fieldsOf(line).some((field) => field.name in fields)) continue;
      for (const field of fieldsOf(line)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = fields[field.name] === field.value;
        else if (field.name in fields) field.value = fields[field.name];
      }
    }
  };
  form.addEventListener("input", (event) => {
    const line = event.target.closest(".scoreline");
    if (line) for (const old of line.querySelectorAll(".error")) old.remove();
    look();
    sessionStorage.setItem(typedPlace, JSON.stringify(changes(form)));
  });
  const forget = () => { for (const name of [typedPlace, savedPlace]) sessionStorage.removeItem(name); };
  if (window.xiangzhi) document.addEventListener("xiangzhi:left", forget);
  else document.querySelector('form[action="/logout/"]')?.addEventListener("submit", forget);
  const typed = JSON.parse(sessionStorage.getItem(typedPlace) || "{}");

  // --- saving a section through the queue ---------------------------------------------------------------------------------
  const keys = {};  // section → UUID of what waits or was refused
  const waits = {};  // UUID → fields
  const sectionOf = (section) => section.id.slice("section-".length);
  const report = (section, text, isFault) => {
    const place = section.querySelector("[data-state]");
    place.textContent = text;
    place.classList.toggle("error", Boolean(isFault));
    if (isFault && keys[sectionOf(section)]) place.append(" ", dropping(section));
  };
  // The way out for what the server will never take.
  const dropping = (section) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-outline-primary";
    button.textContent = "放弃这次改动";
    button.addEventListener("click", async () => {
      await window.xiangzhi.discard(keys[sectionOf(section)]);
      sessionStorage.removeItem(typedPlace);
      location.reload();
    });
    return button;
  };
  const complain = (line, text) => {
    const words = document.createElement("p");
    words.className = "error";
    words.setAttribute("role", "alert");
    words.textContent = text;
    (line.querySelector(".reason") || line.querySelector(".pair, .stepper")).before(words);
    words.scrollIntoView({ block: "center" });
  };
  // The same as the server asks, so that a form is not refused hours later.
  const faultOf = (line) => {
    const value = said(line, "item"), number = Number(value);
    if (said(line, "na") === "" && value !== "" && !(number >= 0 && number <= (line.dataset.kind === "band" ? 100 : 9999))) {
      return line.dataset.kind === "band" ? "请填 0 到 100 的数。" : "请填数字。";
    }
    if (said(line, "na") === "" && value === "") {
      const before = fieldsOf(line).some((field) => field.name.startsWith("item_") && field.type !== "radio" && field.defaultValue);
      if ("judged" in line.dataset || (before && !("proposal" in line.dataset))) return "评过的不能清空；没有问题的填 0。";
      const needs = line.dataset.kind && line.dataset.kind !== "note" && !("proposal" in line.dataset);
      if (needs && said(line, "note")) return "写了现场情况，还没有评。";
    }
    if (differs(line) && !said(line, "reason")) return "与实测不同，请写明理由。";
    if (baseless(line) && !said(line, "reason")) return "实测样本不足，请写明评分依据，或选“不适用”。";
    if (line.dataset.kind === "veto" && number > 0 && card && !said(line, "note").includes("确认")) {
      return "一票否决会使全村等次为“差”。请在现场情况里写明事由，并写上“确认”二字。";
    }
    return "";
  };
  const check = (section) => {
    for (const old of section.querySelectorAll(".error[role]")) old.remove();
    const faults = linesOf(section).filter(isChanged).map((line) => [line, faultOf(line)]).filter(([, text]) => text);
    for (const [line, text] of faults.reverse()) complain(line, text);
    return !faults.length;
  };
  const save = async (section) => {
    const fields = changes(section);
    if (!Object.keys(fields).length) return report(section, "没有改动，都已保存过。");
    const name = sectionOf(section);
    keys[name] ||= crypto.randomUUID();
    const key = keys[name];
    waits[key] = fields;
    await window.xiangzhi.queue("score", key, { card, section: name, ...fields });
    report(section, navigator.onLine ? "正在发送……" : "已存在本机，有网络时自动发送。");
  };
  form.addEventListener("submit", async (event) => {
    const section = event.submitter?.closest(".tabbed");
    if (!section || !card || !window.xiangzhi || bound) return;
    event.preventDefault();
    if (!check(section)) return;
    try { await save(section); } catch {
      if (navigator.onLine) form.submit();
      else report(section, "没有网络，本机也存不下，请先不要离开这一页。", true);
    }
  });
  // What the server has is no change any more.
  const accept = (fields) => {
    for (const line of linesOf(form)) {
      if (!fieldsOf(line).some((field) => field.name in fields)) continue;
      for (const field of fieldsOf(line)) {
        if (field.type === "radio" || field.type === "checkbox") field.defaultChecked = fields[field.name] === field.value;
        else if (field.name in fields) field.defaultValue = fields[field.name];
      }
    }
  };
  // The page that opens without signal may be older than what was sent from it.
  const saved = () => JSON.parse(sessionStorage.getItem(savedPlace) || "[]").filter((one) => one.at >= Number(form.dataset.made));
  const sectionFor = (key) => sections.find((section) => keys[sectionOf(section)] === key);
  document.addEventListener("xiangzhi:sent", (event) => {
    const { key, answer } = event.detail, section = sectionFor(key);
    if (!section) return;
    accept(waits[key]);
    const kept = [...saved(), { at: answer.at, fields: waits[key] }];
    sessionStorage.setItem(savedPlace, JSON.stringify(kept));
    delete keys[sectionOf(section)];
    delete waits[key];
    report(section, "已保存。");
    const left = document.getElementById("left");
    if (left && "left" in answer) left.textContent = answer.left ? `还有 ${answer.left} 条没有评。` : "都评了，点最下面的“评完”。";
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("xiangzhi:wrong", (event) => {
    const section = sectionFor(event.detail.key);
    if (section) report(section, event.detail.note, true);
  });
  // What still waits on this phone stands in the form again, and what was typed after it.
  const restore = async () => {
    if (bound) return sessionStorage.removeItem(typedPlace);
    for (const one of saved()) {
      fill(one.fields);
      accept(one.fields);
    }
    const drafts = card && window.xiangzhi ? await window.xiangzhi.waiting() : [];
    for (const draft of drafts.filter((one) => one.form === "score" && one.fields.card === card)) {
      const section = document.getElementById(`section-${draft.fields.section}`);
      if (!section) continue;
      keys[draft.fields.section] = draft.key;
      waits[draft.key] = draft.fields;
      fill(draft.fields);
      report(section, draft.note || "已存在本机，有网络时自动发送。", Boolean(draft.note));
      if (asked === draft.key) open(section.id);
    }
    fill(typed);
    look();
  };
  look();
  restore().catch(() => {});
})();
