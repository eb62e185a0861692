// form[data-show-parts]: parts that belong to one answer ([data-show-for="name=value value"]) are shown when it is chosen.
import { valueOf } from '../lib/fields.js';

// Reasons of another answer cannot be chosen, nor stay chosen.
function offer(group) {
  const select = group.closest('select');
  group.disabled = group.hidden;
  if (group.hidden && [...group.children].some((option) => option.selected)) select.value = '';
}

export function showParts(form) {
  for (const part of form.querySelectorAll('[data-show-for]')) {
    const [name, values] = part.dataset.showFor.split('=');
    part.hidden = !values.split(' ').includes(valueOf(form, name));
    if (part.tagName === 'OPTGROUP') offer(part);
  }
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-show-parts]')) {
    form.addEventListener('change', () => showParts(form));
    showParts(form);
  }
}
