// textarea[data-autosize] grows with its text, so that nobody reads a case through a slit.
function fit(field) {
  field.style.height = 'auto';
  if (field.scrollHeight) field.style.height = `${field.scrollHeight + 2}px`;
}

export function start(root) {
  for (const field of root.querySelectorAll('textarea[data-autosize]')) {
    for (const kind of ['input', 'value-set']) field.addEventListener(kind, () => fit(field));
    fit(field);
  }
}
