// The way to the server: a form by its own UUID, its photos in parts, round after round.
import { bytesOf } from "./seal.js";

const PART = 128 * 1024, FIRST = 1000, SLOWEST = 30000, LONGEST = 60000, REFUSED = [400, 404, 413, 422];
export const STOP = "stop";  // of a round: no other draft would go either
export const csrf = () => (document.cookie.match(/csrftoken=([^;]+)/) || [])[1] || "";

// A line that is dead without saying so is given up. The server refuses what one person wrote in the session of another.
const ask = (path, writer, asked = {}) => {
  const headers = { ...asked.headers, "X-Draft-User": String(writer) };
  return fetch(path, { ...asked, headers, signal: AbortSignal.timeout(LONGEST) });
};

// A photo is there when the server says `ready`: "" then, "later" while it is on its way, else why it never will be.
const sendPhoto = async (owner, photo, writer) => {
  const bytes = bytesOf(photo.data);
  const path = `/photos/part/${photo.key}/`;
  const begun = await ask(path, writer);
  if (!begun.ok) return "later";
  let { received, state } = await begun.json();
  for (let tries = 0; state === "coming" && tries < 2 * Math.ceil(bytes.length / PART) + 2; tries += 1) {
    const query = new URLSearchParams({ owner, size: photo.size, sha256: photo.sha256, offset: received });
    const answer = await ask(`${path}?${query}`, writer, {
      method: "PUT", body: bytes.subarray(received, received + PART),
      headers: { "X-CSRFToken": csrf(), "Content-Type": "application/octet-stream" },
    });
    if (REFUSED.includes(answer.status)) return (await answer.json().catch(() => ({}))).detail || "服务器没有收下。";
    if (!answer.ok) return "later";
    ({ received, state } = await answer.json());
  }
  return state === "ready" ? "" : state === "broken" ? "照片无法读取。" : "later";
};
// What is left of a draft's photos: still on their way, and by name why others never will be there.
const sendPhotos = async (owner, photos, writer) => {
  const lost = [];
  for (const [number, photo] of photos.entries()) {
    const fault = await sendPhoto(owner, photo, writer);
    if (fault === "later") return { later: true, lost };
    if (fault) lost.push(`照片“${photo.name || `第 ${number + 1} 张`}”没有存下：${fault}`);
  }
  return { later: false, lost };
};

// What became of a draft by the server's status: `wrong` waits for its writer, `fault` and `later` are tried again.
const WRONG = {
  400: "服务器看不懂这一件，没有收下。请打开核对，再点一次保存。",
  403: "服务器没有收下。请打开这一件，再点一次保存。",
  404: "没有收下：这一件现在不归您办，或者已经不在了。请打开核对，内容可以抄到别处再删除。",
  409: "没有收下：这张表之前收到过，这次内容不一样。请打开核对。",
  413: "没有收下：内容或照片太大。请打开，减少照片再保存。",
  422: "没有收下，请打开核对。",
};
const FAULT = "系统出错，还没有收下。内容在手机上，会自动再发；多次不行请告诉镇工作人员。";
export const outcomeOf = (status, detail, code) => {
  if (status === 401) return { state: code === "other" ? "other" : "login", note: detail || "请重新登录，登录后自动发送。" };
  if (WRONG[status]) return { state: "wrong", note: detail || WRONG[status] };
  if (status === 500) return { state: "fault", note: FAULT };
  return { state: "later" };
};

// A form of a page of its own goes to that page's address, with the UUID as its one-use key; the rest to /log/send/.
const asForm = (draft, fields) => {
  const body = new URLSearchParams({ once: draft.key });
  for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) body.append(name, value);
  return [draft.action, { body }];
};
const asJson = (draft, fields, clock) => ["/log/send/", {
  body: JSON.stringify({ form: draft.form, key: draft.key, fields, ...clock }),
  headers: { "Content-Type": "application/json" },
}];
// `heard` is told the server's time.
export const sendDraft = async (draft, content, heard = () => {}) => {
  const clock = { written_at: new Date(draft.at).toISOString(), sent_at: new Date().toISOString() };
  const [address, request] = draft.form === "page" ? asForm(draft, content.fields) : asJson(draft, content.fields, clock);
  const headers = { ...request.headers, "X-CSRFToken": csrf(), "X-Draft": draft.quiet ? "quiet" : "1" };
  const response = await ask(address, draft.user, { method: "POST", ...request, headers });
  const answer = await response.json().catch(() => ({}));
  heard(Date.parse(response.headers.get("Date")));
  if (response.status === 409 && draft.form !== "page") return { state: "conflict" };
  if (!response.ok) return outcomeOf(response.status, answer.detail, answer.code);
  const { later, lost } = await sendPhotos(draft.key, content.photos, draft.user);
  if (later) return { state: "photos", note: `内容已收到（${answer.number}），照片还在发送` };
  if (lost.length) return { state: "wrong", photos: [], note: `内容已收到（${answer.number}），但${lost.join("")}请换一张再点发送。` };
  return { state: "sent", answer };
};

// One tab at a time. Who was put to sleep in its round is not waited for for ever: the server makes each draft once.
export const alone = (name) => (work) => navigator.locks.request(name, { signal: AbortSignal.timeout(LONGEST) }, work)
  .catch((error) => error.name === "TimeoutError" ? work() : Promise.reject(error));

// Never two rounds at once, `inTurn` with those of other tabs; while something waits the next one comes by itself, ever more slowly
// where nothing got through.
export const makeRounds = ({ waiting, send, show, inTurn = (work) => work() }) => {
  let busy = false, again = false, timer = 0, wait = FIRST, tried = 0;
  // One that fails does not hold up the others, as long as there is a line.
  const unheard = () => navigator.onLine ? "" : STOP;
  const pass = async () => {
    const drafts = await waiting();
    tried = drafts.length;
    for (const draft of drafts) if ((await send(draft).catch(unheard)) === STOP) return;
  };
  const round = async () => {
    again = busy;
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      do {
        again = false;
        await inTurn(pass);
      } while (again);
    } catch { /* the next round tries again */ } finally { busy = false; }
    const left = (await waiting()).length;
    if (left < tried) wait = FIRST;
    if (left) {
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
