// 户月评 on one thumb: the card shows one household after the other, each judgement goes into the queue of offline.js.
// Without this script (or without that queue) the list below the card leads to plain forms.
(() => {
  const card = document.getElementById("check-card");
  const queue = window.xiangzhi;
  if (!card || !queue) return;
  const REST = 300;  // a second tap on the same spot must not judge the next household
  const part = (name) => document.getElementById(`check-${name}`);
  const rows = [...document.querySelectorAll("#check-list a[data-household]")];
  const buttons = [...card.querySelectorAll("[data-item]")];
  const taps = [part("save"), part("same"), part("skip"), part("back")];
  const keys = new Map();  // row → UUID of its form in the queue
  const was = [];  // rows in the order in which they were opened
  let row = null, faults = {}, resting = 0;

  const parsed = (text) => JSON.parse(text || "{}");
  const mark = (one, state, words, tone) => {
    const tag = one.querySelector(".tag");
    one.dataset.state = state;
    tag.textContent = words;
    tag.className = `tag ${tone}`;
  };
  const TONES = { 清洁: "good", 比较清洁: "near", 不清洁: "late" };

  // --- what is shown ---------------------------------------------------------------------------------------------------
  const count = () => {
    const waits = rows.filter((one) => ["waiting", "wrong"].includes(one.dataset.state)).length;
    const done = rows.filter((one) => one.dataset.state && one.dataset.state !== "wrong").length;
    part("done").textContent = done;
    part("progress").value = done;
    part("waiting").textContent = `待发送 ${waits}`;
    part("waiting").dataset.waiting = waits;
    part("waiting").hidden = !waits;
  };
  const draw = () => {
    for (const button of buttons) {
      const cases = faults[button.dataset.item] || 0;
      const { most, words, unit } = button.dataset;
      button.setAttribute("aria-pressed", String(cases > 0));
      button.querySelector("small").textContent = !cases ? words : most === "1" ? "✓" : `${cases} ${unit}`;
    }
    const some = Object.keys(faults).length > 0 || part("note").value.trim() !== "";
    part("save").textContent = some ? "记下，下一户" : "没有问题";
  };
  const say = () => {
    const { state } = row.dataset;
    part("said").textContent = state === "done" ? `本月已评：${row.querySelector(".tag").textContent}。再记为更正。`
      : state === "waiting" ? "已记下，待发送。" : state === "wrong" ? row.title : "";
  };
  const open = (one) => {
    row = one;
    card.hidden = !row;
    part("finished").hidden = Boolean(row);
    for (const other of rows) other.toggleAttribute("aria-current", other === row);
    if (!row) return;
    const { name, place, last, again, refusal, state, note } = row.dataset;
    part("name").textContent = name;
    part("place").textContent = place;
    part("last").textContent = last || "上月没有评";
    say();
    part("refusal").textContent = refusal;
    part("refusal").hidden = !refusal;
    part("faults").hidden = Boolean(refusal);
    part("save").hidden = Boolean(refusal);
    part("same").hidden = Boolean(refusal) || !again;
    part("back").hidden = !was.length;
    part("drop").hidden = state !== "wrong";
    faults = parsed(row.dataset.faults);
    part("note").value = note;
    draw();
  };
  const rest = () => {
    clearTimeout(resting);
    for (const button of taps) button.disabled = true;
    resting = setTimeout(() => { for (const button of taps) button.disabled = false; }, REST);
  };
  const onward = () => {
    const from = rows.indexOf(row);
    const after = [...rows.slice(from + 1), ...rows.slice(0, from + 1)];
    was.push(row);
    rest();
    open(after.find((one) => one !== row && !one.dataset.state && !one.dataset.refusal) || null);
  };

  const refused = (one, words) => {
    one.title = words;
    mark(one, "wrong", "没有收下", "late");
    count();
    if (one === row) open(one);
  };

  // --- judging -----------------------------------------------------------------------------------------------------------
  // On to the next household only when this one is safe on the phone.
  const judge = async (found) => {
    const one = row, note = part("note").value.trim(), kept = JSON.stringify(found);
    const key = keys.get(one) || crypto.randomUUID();
    const fields = { household: one.dataset.household, month: card.dataset.month, note };
    for (const [item, cases] of Object.entries(found)) fields[`fault-${item}`] = String(cases);
    rest();
    keys.set(one, key);
    one.dataset.faults = kept;
    one.dataset.note = note;
    try {
      await queue.queue("check", key, fields);
    } catch {
      return refused(one, "本机存不下，请有网络时再记。");
    }
    mark(one, "waiting", "待发送", "waiting");
    count();
    onward();
  };
  const tap = (button) => {
    const cases = ((faults[button.dataset.item] || 0) + 1) % (Number(button.dataset.most) + 1);
    if (cases) faults[button.dataset.item] = cases;
    else delete faults[button.dataset.item];
    draw();
  };
  card.addEventListener("click", (event) => {
    const button = event.target.closest("[data-item]");
    if (button) tap(button);
  });
  part("note").addEventListener("input", draw);
  part("save").addEventListener("click", () => judge(faults));
  part("same").addEventListener("click", () => judge(parsed(row.dataset.again)));
  part("skip").addEventListener("click", onward);
  part("drop").addEventListener("click", async () => {
    if (!confirm("放弃这一户没有收下的评分？")) return;
    const one = row;
    await queue.discard(keys.get(one));
    keys.delete(one);
    one.dataset.faults = one.dataset.note = "";
    mark(one, "", "未评", "");
    onward();
    count();
  });
  part("back").addEventListener("click", () => { rest(); open(was.pop()); });
  for (const one of rows) {
    one.addEventListener("click", (event) => {
      event.preventDefault();
      if (row) was.push(row);
      open(one);
      card.scrollIntoView({ block: "start" });
    });
  }

  // --- what became of it -------------------------------------------------------------------------------------------------
  const rowOf = (key) => rows.find((one) => keys.get(one) === key);
  document.addEventListener("xiangzhi:sent", ({ detail }) => {
    const one = rowOf(detail.key);
    if (!one) return;
    keys.delete(one);
    mark(one, "done", detail.answer.plate, TONES[detail.answer.plate] || "");
    if (one === row) say();
    count();
    if (one === row) say();
  });
  document.addEventListener("xiangzhi:wrong", ({ detail }) => {
    const one = rowOf(detail.key);
    if (one) refused(one, detail.note);
  });
  const restore = async () => {
    for (const draft of [...(await queue.recent()), ...(await queue.waiting())]) {
      const { household, month, note, ...said } = draft.fields;
      const one = rows.find((other) => other.dataset.household === household);
      if (draft.form !== "check" || month !== card.dataset.month || !one) continue;
      const found = Object.entries(said).map(([name, cases]) => [name.replace("fault-", ""), Number(cases)]);
      one.dataset.faults = JSON.stringify(Object.fromEntries(found));
      one.dataset.note = note;
      if (draft.state === "sent") {
        mark(one, "done", draft.answer.plate, TONES[draft.answer.plate] || "");
        continue;
      }
      keys.set(one, draft.key);
      mark(one, "waiting", "待发送", "waiting");
      if (draft.state === "wrong") refused(one, draft.note);
    }
  };
  // A draft that was refused is opened by its key in the address.
  const asked = () => rowOf(location.hash.slice(1));
  addEventListener("hashchange", () => { if (asked()) open(asked()); });
  const now = new Date();
  const month = `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}`;
  part("stale").hidden = !("current" in card.dataset) || card.dataset.month === month;
  restore().catch(() => {}).then(() => {
    count();
    open(asked() || rows.find((one) => !one.dataset.state && !one.dataset.refusal) || null);
  });
})();
