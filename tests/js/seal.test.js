import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf, importKey, photoOf, seal, textOf, unseal } from "../../static/offline/seal.js";

const KEY = textOf(new Uint8Array(32).fill(7));

test("it reads what it sealed, and nobody reads it without the key", async () => {
  const key = await importKey(KEY), content = { fields: { text: "院口电线垂下来了" }, photos: [] };
  const sealed = await seal(key, content);
  assert.deepEqual(await unseal(key, sealed), content);
  assert.equal(Buffer.from(sealed.data).includes("电线"), false);
  await assert.rejects(unseal(await importKey(textOf(new Uint8Array(32))), sealed));
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});

test("it never seals twice the same way", async () => {
  const key = await importKey(KEY);
  const [one, other] = [await seal(key, {}), await seal(key, {})];
  assert.notDeepEqual(one.iv, other.iv);
});

test("it refuses what was changed on the phone", async () => {
  const key = await importKey(KEY), sealed = await seal(key, { fields: {} });
  new Uint8Array(sealed.data)[0] ^= 1;
  await assert.rejects(unseal(key, sealed));
});

test("it takes a photo apart and together again", async () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, place) => place % 251);
  const photo = await photoOf(bytes);
  assert.deepEqual(bytesOf(photo.data), bytes);
  assert.equal(photo.size, 100_000);
  assert.match(photo.sha256, /^[0-9a-f]{64}$/);
  assert.notEqual((await photoOf(bytes)).key, photo.key);
});
