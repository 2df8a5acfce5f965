import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { lackOf, startsChecked, textsOf } = await import("../../static/offline/form.js");
const CASE = { category: "1", unit: "2", text: "水管漏水", client: "", phone: "" };

test("it says what a form lacks, the first thing first", () => {
  assert.equal(lackOf("case", CASE, "event"), "");
  assert.equal(lackOf("case", {}, undefined), "请选类别。");
  assert.equal(lackOf("visit", {}, undefined), "请选地方。");
  assert.equal(lackOf("case", { ...CASE, unit: "" }, "event"), "请选地方。");
  assert.equal(lackOf("case", { ...CASE, text: "  " }, "event"), "请写一句话说明情况。");
  assert.equal(lackOf("visit", { unit: "2", seen: "老人身体还好" }, undefined), "");
});

test("it asks for the client of an errand only", () => {
  assert.equal(lackOf("case", CASE, "errand"), "请写委托人姓名和联系电话。");
  assert.equal(lackOf("case", { ...CASE, client: "张三" }, "errand"), "请写委托人姓名和联系电话。");
  assert.equal(lackOf("case", { ...CASE, client: "张三", phone: "15400000001" }, "errand"), "");
});

test("it keeps texts, not files, not what belongs to the page", () => {
  const entries = [["text", "水管漏水"], ["photos", new Blob()], ["csrfmiddlewaretoken", "x"], ["once", "z"], ["client_key", "y"]];
  assert.deepEqual(textsOf(entries), { text: "水管漏水" });
  assert.deepEqual(textsOf([["item", "1"], ["item", "2"], ["item", "3"]]), { item: ["1", "2", "3"] });
});

test("it puts a radio back to its default after a form is kept", () => {
  assert.equal(startsChecked({ value: "well", dataset: { default: "well" } }), true);
  assert.equal(startsChecked({ value: "urgent", dataset: { default: "well" } }), false);
  assert.equal(startsChecked({ value: "12", dataset: {} }), false);
});
