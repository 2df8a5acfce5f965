import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { dayOf, daysSince, minuteOf, offWords, refreshDays, spoken } = await import("../../static/offline/clock.js");
const at = (text) => Date.parse(`${text}+08:00`);
const DAY = 86_400_000;

test("it speaks the township's time, whatever zone the phone is in", () => {
  assert.equal(dayOf(at("2026-11-30T00:10")), "2026-11-30");
  assert.equal(minuteOf(at("2026-11-30T00:10")), "2026-11-30T00:10");
  assert.equal(spoken(at("2026-11-09T08:05")), "11月9日 08:05");
});

test("it names the days anew on a page that was kept three days ago", () => {
  assert.deepEqual(daysSince(["2026-11-29", "2026-11-28"], "2026-11-29", "2026-12-02"), [
    ["2026-12-02", "今天 12月2日"], ["2026-12-01", "昨天 12月1日"], ["2026-11-30", "前天 11月30日"], ["2026-11-29", "11月29日"], ["2026-11-28", "11月28日"]]);
});

class Options {
  constructor(value, days) {
    this.tagName = "SELECT";
    this.replaceChildren(...days.map((day) => ({ value: day, words: "", selected: day === value })));
  }
  replaceChildren(...options) { this.options = options; }
  get selectedIndex() { return this.options.findIndex((option) => option.selected); }
  get value() { return this.options[this.selectedIndex].value; }
}
globalThis.Option = function (words, value, _, selected) { Object.assign(this, { words, value, selected }); };
const formOf = () => ({ elements: [
  new Options("2026-11-29", ["2026-11-29", "2026-11-28"]), new Options("2026-11-28", ["2026-11-29", "2026-11-28"]),
  { type: "date", value: "2026-11-29", defaultValue: "2026-11-29" }, { type: "date", value: "", defaultValue: "" },
  { type: "datetime-local", value: "2026-11-29T09:00", defaultValue: "2026-11-29T09:00" },
] });

for (const off of [0, 2 * DAY, -2 * DAY]) {
  test(`it presets the day on which the form is opened, the phone's clock ${off / DAY} days off`, () => {
    const made = at("2026-11-29T09:00"), opened = at("2026-12-02T15:20"), form = formOf();
    // the phone kept the page at made + off by its own clock, and opens it at opened + off
    const ahead = made + off - made;
    refreshDays(form, made, opened + off - ahead);
    assert.deepEqual(form.elements.map((field) => field.value), ["2026-12-02", "2026-11-28", "2026-12-02", "", "2026-12-02T15:20"]);
    assert.equal(form.elements[0].options[3].words, "11月29日");
  });
}

test("it says how wrong a phone's clock is, beyond ten minutes", () => {
  assert.equal(offWords(9 * 60_000), "");
  assert.match(offWords(2 * DAY), /快 2 天/);
  assert.match(offWords(-3 * 3_600_000), /慢 3 小时/);
  assert.match(offWords(-20 * 60_000), /慢 20 分钟/);
});
