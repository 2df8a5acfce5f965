// The way to the server: a form by its own UUID, its photos in parts, round after round.
import { bytesOf } from "./seal.js";

const PART = 128 * 1024, FIRST = 1000, SLOWEST = 30000;
const csrf = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1] || "";

const sendPhoto = async (owner, photo) => {
  const bytes = bytesOf(photo.data);
  const path = `/photos/part/${photo.key}/`;
  const begun = await fetch(path);
  if (!begun.ok) return false;
  let { received } = await begun.json();
  for (let tries = 0; received < bytes.length && tries < 2 * Math.ceil(bytes.length / PART) + 2; tries += 1) {
    const query = new URLSearchParams({ owner, size: photo.size, sha256: photo.sha256, offset: received });
    const answer = await fetch(`${path}?${query}`, {
      method: "PUT", body: bytes.subarray(received, received + PART),
      headers: { "X-CSRFToken": csrf(), "Content-Type": "application/octet-stream" },
    });
    if (answer.status === 422) return true;
    if (!answer.ok) return false;
    received = (await answer.json()).received;
  }
  return received >= bytes.length;
};

// What became of a draft: sent with an answer, or login, wrong, conflict, photos (still on their way), later.
export const sendDraft = async (draft, content) => {
  const response = await fetch("/log/send/", {
    method: "POST", body: JSON.stringify({ form: draft.form, key: draft.key, fields: content.fields }),
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
  });
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) return { state: "login", note: answer.detail };
  if (response.status === 422 || response.status === 400) return { state: "wrong", note: answer.detail };
  if (response.status === 409) return { state: "conflict" };
  if (!response.ok) return { state: "later" };
  for (const photo of content.photos) {
    if (!(await sendPhoto(draft.key, photo))) return { state: "photos", note: `已登记 ${answer.number}，照片还在发送` };
  }
  return { state: "sent", answer };
};

// Never two rounds at once; while something waits the next one comes by itself, ever more slowly.
export const makeRounds = ({ waiting, send, show }) => {
  let busy = false, again = false, timer = 0, wait = FIRST;
  const round = async () => {
    again = busy;
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        for (const draft of await waiting()) await send(draft);
      } while (again);
    } catch { /* no signal: the next round tries again */ } finally { busy = false; }
    if ((await waiting()).length) {
      timer = setTimeout(round, wait);
      wait = Math.min(wait * 2, SLOWEST);
    }
    await show();
  };
  const anew = () => {
    wait = FIRST;
    return round();
  };
  return { round, anew };
};
