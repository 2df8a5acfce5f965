// Days and times on a phone: a kept page is older than the day, and a phone's clock may be wrong by days.
const DAY = 86_400_000, NEAR = ["今天", "昨天", "前天"], MOST_OFF = 10 * 60_000;
const CLOCK = "clock";  // how far the phone is ahead of the server, in milliseconds; nothing personal
const pad = (number) => String(number).padStart(2, "0");
// The township's own time, whatever zone the phone is set to.
const parts = (at) => new Date(at + 8 * 3_600_000);
export const dayOf = (at) => parts(at).toISOString().slice(0, 10);
export const minuteOf = (at) => parts(at).toISOString().slice(0, 16);
const dayWords = (day) => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;
export const spoken = (at) => `${dayWords(dayOf(at))} ${pad(parts(at).getUTCHours())}:${pad(parts(at).getUTCMinutes())}`;

const drift = () => Number(globalThis.localStorage?.getItem(CLOCK)) || 0;
export const noteClock = (serverAt) => {
  if (serverAt) localStorage.setItem(CLOCK, String(Date.now() - serverAt));
};
export const trueNow = () => Date.now() - drift();
export const keptWords = (at) => `没有连上网络。这一页是 ${spoken(at - drift())} 存下的，之后的变化这里看不到。`;
export const offWords = (ahead) => {
  if (Math.abs(ahead) < MOST_OFF) return "";
  const days = Math.floor(Math.abs(ahead) / DAY), hours = Math.floor((Math.abs(ahead) % DAY) / 3_600_000);
  const size = days ? `${days} 天` : hours ? `${hours} 小时` : `${Math.round(Math.abs(ahead) / 60_000)} 分钟`;
  return `手机时间比实际${ahead > 0 ? "快" : "慢"} ${size}，请校准；记下的时间已按实际时间算。`;
};
export const driftWords = () => offWords(drift());

// The days to choose from on a page made on `made`, opened on `today`: those since then are put first, and each is named anew.
export const daysSince = (values, made, today) => {
  const days = [];
  for (let at = Date.parse(today); at > Date.parse(made); at -= DAY) days.push(new Date(at).toISOString().slice(0, 10));
  return [...days, ...values].map((day) => {
    const back = Math.round((Date.parse(today) - Date.parse(day)) / DAY);
    return [day, `${NEAR[back] || ""} ${dayWords(day)}`.trim()];
  });
};
// A day or time that the server preset as now is preset as now again, not as the day on which the page was kept.
const refreshSelect = (select, made, today) => {
  const [first] = select.options;
  if (first?.value !== made) return;
  const wasNow = select.options[select.selectedIndex]?.value === made;
  const choices = daysSince([...select.options].map((option) => option.value), made, today);
  const chosen = wasNow ? today : select.value;
  select.replaceChildren(...choices.map(([value, words]) => new Option(words, value, value === chosen, value === chosen)));
};
export const refreshDays = (form, madeAt, now) => {
  const made = dayOf(madeAt), today = dayOf(now);
  for (const field of form.elements) {
    if (field.tagName === "SELECT") refreshSelect(field, made, today);
    else if (field.type === "date" && field.defaultValue === made) field.value = field.defaultValue = today;
    else if (field.type === "datetime-local" && field.defaultValue.startsWith(made)) field.value = field.defaultValue = minuteOf(now);
  }
};
