// The page brings its words, so that scripts speak its language.
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

// A function that says the words of the page's JSON element `id` by their keys; where it has none, the key itself.
export function wordsOf(id) {
  let words = null;
  return (key, values) => {
    if (words === null) {
      const source = document.getElementById(id);
      words = source ? JSON.parse(source.textContent) : {};
    }
    return fill(key in words ? words[key] : key, values);
  };
}

// Of every page (components/_words.html).
export const word = wordsOf('words');
