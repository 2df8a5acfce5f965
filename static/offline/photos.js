// Photos in any form: made small as soon as they are chosen, each under its own name; what cannot go is said at once.
const LONGEST = 1600, PHOTOS = 9, BYTES = 20 * 1024 * 1024;

const drawn = async (file) => {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((give) => canvas.toBlob(give, "image/jpeg", 0.8));
};
// What the phone cannot draw (HEIC on many) goes as it is.
const shrink = async (file) => {
  const blob = await drawn(file).catch(() => null);
  return blob ? new File([blob], file.name, { type: "image/jpeg" }) : file;
};

// Why these cannot all go, "" where they can; `most` is how many one form takes.
export const lackOfPhotos = (files, most = PHOTOS) => {
  if (files.length > most) return `一件最多 ${most} 张照片，现在选了 ${files.length} 张，请去掉 ${files.length - most} 张。`;
  const large = files.filter((file) => file.size > BYTES).map((file) => `“${file.name}”`);
  return large.length ? `照片${large.join("、")}超过 20 MB，手机又改不小，请换一张。` : "";
};

const pending = new Map();
// One after another: several large ones at once are more than a phone holds.
const make = async (input) => {
  const small = new DataTransfer();
  for (const file of [...input.files]) small.items.add(await shrink(file));
  return small.files;
};
const begin = (input) => {
  const work = make(input).then((files) => {
    if (pending.get(input) === work) input.files = files;
  }, () => {}).finally(() => { if (pending.get(input) === work) pending.delete(input); });
  pending.set(input, work);
};
// The photos of an input once they are small.
export const photosOf = async (input) => {
  if (!input) return [];
  while (pending.has(input)) await pending.get(input);
  return [...input.files];
};

const onSubmit = async (event) => {
  const form = event.target, input = form.querySelector?.('input[type="file"][accept^="image/"]');
  if (!input || "offline" in form.dataset || !pending.has(input)) return;
  event.preventDefault();
  await photosOf(input);
  form.requestSubmit(event.submitter);
};
document.addEventListener("change", (event) => {
  if (event.target.type === "file" && event.target.accept.startsWith("image/")) begin(event.target);
});
document.addEventListener("submit", onSubmit);
