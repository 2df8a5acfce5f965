// The list of what this phone has not sent: opened, sent again or deleted by its writer.
import { spoken } from "./clock.js";
import { able, anew, changed, pageOf } from "./main.js";
import { contentOf, drop, TYPING, unsent } from "./store.js";

const list = document.getElementById("drafts");
const NAMES = { case: "记一件事", visit: "记走访", service: "点单", care: "联系帮扶对象", check: "户月评", score: "督查评分", round: "专项探访", "service-step": "跑单", page: "表单" };
const stateOf = (draft) => draft.state === TYPING ? "写了一半" : draft.note || "等网络，自动发送";
const element = (name, text, className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
};
const remove = async (draft) => {
  if (!confirm("删除后找不回来。确定删除这一件吗？")) return;
  await drop(draft.key);
  await changed();
};
const rowOf = async (draft) => {
  const row = element("li", "", "panel"), actions = element("p", "", "actions");
  const content = await contentOf(draft).catch(() => null);
  row.append(element("p", content?.title || NAMES[draft.form], "big"));
  row.append(element("p", `${spoken(draft.at)} 写，${content ? stateOf(draft) : "这一件是用以前的密钥存的，打不开"}`, "hint"));
  if (content?.words?.length) row.append(element("p", content.words.join("；")));
  const open = element("a", "打开", "btn btn-primary"), away = element("button", "删除", "btn btn-outline-danger");
  open.href = pageOf(draft);
  away.type = "button";
  away.addEventListener("click", () => remove(draft));
  if (content) actions.append(open);
  actions.append(away);
  row.append(actions);
  return row;
};
const redraw = async () => {
  const rows = await Promise.all((await unsent()).map(rowOf));
  list.replaceChildren(...rows);
  document.getElementById("no-drafts").hidden = rows.length > 0;
};
let drawn = Promise.resolve(), due = false;
const draw = () => {
  if (!due) drawn = drawn.then(() => {
    due = false;
    return redraw();
  });
  due = true;
};
if (able && list) {
  const button = document.getElementById("send-drafts");
  button.hidden = false;
  button.addEventListener("click", () => anew().then(draw));
  for (const name of ["sent", "changed"]) document.addEventListener(`xiangzhi:${name}`, draw);
  draw();
}
