import assert from "node:assert/strict";
import { test } from "node:test";
import "./page.js";

const { lackOfPhotos } = await import("../../static/offline/photos.js");
const photos = (number, size) => Array.from({ length: number }, (_, at) => ({ name: `${at}.heic`, size }));

test("it says before sending how many are too many, and which is too large", () => {
  assert.equal(lackOfPhotos(photos(9, 1000)), "");
  assert.match(lackOfPhotos(photos(12, 1000)), /最多 9 张照片，现在选了 12 张，请去掉 3 张/);
  assert.match(lackOfPhotos(photos(1, 21 * 1024 * 1024)), /照片“0.heic”超过 20 MB/);
});
