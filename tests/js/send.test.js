import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { serve } from "./page.js";
import { photoOf } from "../../static/offline/seal.js";
import { makeRounds, STOP, sendDraft } from "../../static/offline/send.js";

const WRITTEN = Date.parse("2026-11-27T09:20:00Z");
const DRAFT = { key: "0d", user: 7, form: "case", at: WRITTEN };
const PAGE = { key: "0e", user: 7, form: "page", action: "/return-visits/3/", at: WRITTEN };
const NONE = { fields: { text: "路灯不亮" }, photos: [] };
afterEach(() => mock.reset());

for (const [status, body, outcome] of [
  [201, { number: "SJ1" }, { state: "sent", answer: { number: "SJ1" } }],
  [401, { detail: "请重新登录" }, { state: "login", note: "请重新登录" }],
  [401, { detail: "另一个账号", code: "other" }, { state: "other", note: "另一个账号" }],
  [422, { detail: "请选地方" }, { state: "wrong", note: "请选地方" }],
  [409, {}, { state: "conflict" }],
  [429, {}, { state: "later" }],
  [502, undefined, { state: "later" }],
  [503, {}, { state: "later" }],
]) {
  test(`it takes ${status} for ${outcome.state}`, async () => {
    const requests = serve([[status, body]]);
    assert.deepEqual(await sendDraft(DRAFT, NONE), outcome);
    const { sent_at, ...said } = JSON.parse(requests[0].body);
    assert.deepEqual(said, { key: "0d", form: "case", fields: NONE.fields, written_at: "2026-11-27T09:20:00.000Z" });
    assert.ok(Math.abs(Date.parse(sent_at) - Date.now()) < 60_000);
    assert.equal(requests[0].headers["X-CSRFToken"], "token");
    assert.equal(requests[0].headers["X-Draft-User"], "7");
  });
}

// What will not come right by itself is said with what to do; only a fault of the server is tried again.
for (const draft of [DRAFT, PAGE]) for (const [status, state] of [[400, "wrong"], [403, "wrong"], [404, "wrong"], [413, "wrong"], [422, "wrong"], [500, "fault"]]) {
  test(`it says what to do about ${status} of ${draft.form}`, async () => {
    serve([[status, undefined]]);
    const outcome = await sendDraft(draft, NONE);
    assert.equal(outcome.state, state);
    assert.match(outcome.note, /没有收下.*(打开|会自动再发)/);
  });
}

test("it sends a form of a page to that page under its one-use key, a name several times", async () => {
  const requests = serve([[200, { link: "/cases/3/", words: "已保存。" }]]);
  const outcome = await sendDraft(PAGE, { fields: { note: "好转", item: ["1", "2"] }, photos: [] });
  assert.deepEqual(outcome, { state: "sent", answer: { link: "/cases/3/", words: "已保存。" } });
  assert.equal(requests[0].path, "/return-visits/3/");
  assert.deepEqual([...requests[0].body], [["once", "0e"], ["note", "好转"], ["item", "1"], ["item", "2"]]);
  assert.equal(requests[0].headers["X-Draft"], "1");
});

test("it asks about a page's form that came before with other content", async () => {
  serve([[409, { detail: "内容不一样" }]]);
  assert.deepEqual(await sendDraft(PAGE, NONE), { state: "wrong", note: "内容不一样" });
});

test("it hears the server's time", async () => {
  const heard = [];
  serve([[201, {}]]);
  await sendDraft(DRAFT, NONE, (at) => heard.push(at));
  assert.deepEqual(heard, [Date.parse("2026-11-29T08:00:00Z")]);
});

const large = async () => ({ fields: {}, photos: [await photoOf(new Uint8Array(300_000))] });

test("it sends a photo in parts, from where the server stands", async () => {
  const content = await large();
  const requests = serve([[201, {}], [200, { received: 131072, state: "coming" }],
    [200, { received: 262144, state: "coming" }], [200, { received: 300000, state: "ready" }]]);
  assert.equal((await sendDraft(DRAFT, content)).state, "sent");
  assert.ok(requests.every((one) => one.headers["X-Draft-User"] === "7" && one.signal instanceof AbortSignal));
  assert.deepEqual(requests.slice(2).map((one) => [new URLSearchParams(one.path.split("?")[1]).get("offset"), one.body.length]),
    [["131072", 131072], ["262144", 37856]]);
});

test("it keeps the draft while a photo is on its way", async () => {
  for (const answers of [[[500]], [[200, { received: 0, state: "coming" }], [500]]]) {
    serve([[201, { number: "SJ1" }], ...answers]);
    assert.deepEqual(await sendDraft(DRAFT, await large()), { state: "photos", note: "内容已收到（SJ1），照片还在发送" });
    mock.reset();
  }
});

test("it names a photo that the server will never take, and keeps the draft", async () => {
  for (const [answers, reason] of [
    [[[200, { received: 0, state: "coming" }], [422, { detail: "照片无法读取。" }]], "照片无法读取。"],
    [[[200, { received: 0, state: "coming" }], [413]], "服务器没有收下。"],
    [[[200, { received: 300000, state: "broken" }]], "照片无法读取。"],
  ]) {
    serve([[201, { number: "SJ1" }], ...answers]);
    const { state, note, photos } = await sendDraft(DRAFT, await large());
    assert.deepEqual([state, photos], ["wrong", []]);
    assert.match(note, new RegExp(`照片“第 1 张”没有存下：${reason}`));
    assert.doesNotMatch(note, /已登记/);
    mock.reset();
  }
});

test("it gives up for now where a photo does not get on", async () => {
  const stuck = Array.from({ length: 20 }, () => [200, { received: 0, state: "coming" }]);
  const requests = serve([[201, {}], ...stuck]);
  assert.equal((await sendDraft(DRAFT, await large())).state, "photos");
  assert.equal(requests.length, 2 + 8);
});

const phone = (drafts, send) => {
  const shown = [];
  const rounds = makeRounds({ waiting: async () => [...drafts], send, show: async () => shown.push(drafts.length) });
  return { ...rounds, shown };
};
const settled = () => new Promise((done) => setImmediate(done));

test("it comes back ever more slowly without signal, at once when it is back", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let tries = 0;
  const { round, anew, shown } = phone(["one"], async () => { tries += 1; throw new TypeError("no signal"); });
  await round();
  for (const [pause, so_far] of [[999, 1], [1, 2], [1999, 2], [1, 3], [3999, 3], [1, 4]]) {
    mock.timers.tick(pause);
    await settled();
    assert.equal(tries, so_far);
  }
  await anew();
  assert.equal(tries, 5);
  mock.timers.tick(1000);
  await settled();
  assert.equal(tries, 6);
  assert.equal(shown.length, 6);
});

test("it does not slow down while something gets through", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const drafts = ["one", "two", "three"];
  let tries = 0;
  const { round } = phone(drafts, async () => {
    tries += 1;
    if (tries > 3) drafts.shift();
    return STOP;
  });
  await round();
  for (const [pause, so_far] of [[1000, 2], [2000, 3], [4000, 4], [1000, 5], [1000, 6], [60000, 6]]) {
    mock.timers.tick(pause);
    await settled();
    assert.equal(tries, so_far);
  }
});

test("one that fails does not hold up the others, as long as there is a line", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  for (const [onLine, tried] of [[true, ["one", "two", "three"]], [false, ["one"]]]) {
    Object.defineProperty(navigator, "onLine", { value: onLine, configurable: true });
    const seen = [];
    await phone(["one", "two", "three"], async (draft) => { seen.push(draft); throw new TypeError("cut"); }).round();
    assert.deepEqual(seen, tried);
  }
});

test("it ends a round in which no other draft would go either", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const seen = [];
  await phone(["one", "two"], async (draft) => { seen.push(draft); return STOP; }).round();
  assert.deepEqual(seen, ["one"]);
});

test("it never sends two drafts at once, and looks again for what came meanwhile", async () => {
  const drafts = ["one"], sent = [];
  let together = 0;
  const { round } = phone(drafts, async (draft) => {
    together += 1;
    assert.equal(together, 1);
    await settled();
    together -= 1;
    sent.push(drafts.splice(drafts.indexOf(draft), 1)[0]);
  });
  const first = round();
  drafts.push("two");
  await Promise.all([first, round()]);
  assert.deepEqual(sent, ["one", "two"]);
});
