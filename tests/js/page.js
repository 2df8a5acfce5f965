// A page on which nobody is signed in, and a server that answers what it is told: the modules touch both when they load.
import { mock } from "node:test";

const nothing = { querySelector: () => null, getElementById: () => null, addEventListener: () => {}, dispatchEvent: () => true };
globalThis.document = { ...nothing, body: { dataset: {} }, cookie: "csrftoken=token" };
globalThis.location = new URL("http://phone.test/log/");
globalThis.window = globalThis;

// `answers`: for each request in turn [status, body], or an error to throw. The requests made are returned.
export const serve = (answers) => {
  const requests = [];
  mock.method(globalThis, "fetch", async (path, options = {}) => {
    requests.push({ path: String(path), ...options });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    const [status, body] = answer;
    return new Response(body === undefined ? "" : JSON.stringify(body), { status, headers: { Date: "Sun, 29 Nov 2026 08:00:00 GMT" } });
  });
  return requests;
};
