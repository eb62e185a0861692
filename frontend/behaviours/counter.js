// textarea[data-counter=MOST]: says how many characters are left in [data-counter-for=ID].
import { characters } from '../lib/count.js';
import { word } from '../lib/words.js';

function show(field, slot) {
  const left = Number(field.dataset.counter) - characters(field.value);
  slot.textContent = left >= 0 ? word('counter.left', { n: left }) : word('counter.over', { n: -left });
  slot.classList.toggle('over', left < 0);
}

export function start(root) {
  for (const field of root.querySelectorAll('[data-counter]')) {
    const slot = document.querySelector(`[data-counter-for="${field.id}"]`);
    if (!slot) continue;
    for (const kind of ['input', 'value-set']) field.addEventListener(kind, () => show(field, slot));
    show(field, slot);
  }
}
