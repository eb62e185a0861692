// .choice holds a radio button or a checkbox: the chosen one is framed (old browsers can't say so in CSS).
function mark(set) {
  for (const choice of set.querySelectorAll('.choice')) {
    const input = choice.querySelector('input');
    choice.classList.toggle('is-chosen', Boolean(input && input.checked));
  }
}

export function start(root) {
  for (const set of root.querySelectorAll('.choice-row')) {
    for (const kind of ['change', 'value-set']) set.addEventListener(kind, () => mark(set));
    mark(set);
  }
}
