// The page brings its words (components/_words.html), so that scripts speak its language.
let words = null;

export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function word(key, values) {
  if (words === null) {
    const source = document.getElementById('words');
    words = source ? JSON.parse(source.textContent) : {};
  }
  return fill(key in words ? words[key] : key, values);
}
