// Two people edited the same field: both texts stand side by side and the reader chooses; nothing is lost.
import { conflicts } from '../lib/stale.js';
import { named } from '../lib/fields.js';
import { word } from '../lib/words.js';

function part(tag, text, className) {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className) element.className = className;
  return element;
}

// Choices are codes; people see the label beside them.
function readable(form, name, value) {
  const elements = named(form, name);
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => {
    const [first] = elements;
    const option = first && first.options && [...first.options].find((entry) => entry.value === one);
    if (option) return option.text;
    const choice = elements.find((element) => element.value === one && element.labels && element.labels.length);
    return choice && ['radio', 'checkbox'].includes(choice.type) ? choice.labels[0].textContent.trim() : String(one === null ? '' : one);
  }).join(' ');
}

function box(form, conflict, choose) {
  const element = part('div', '', 'stale-box');
  element.setAttribute('role', 'alert');
  const list = document.createElement('dl');
  for (const side of ['mine', 'theirs']) {
    const column = document.createElement('div');
    column.append(part('dt', word(`stale.${side}`)), part('dd', readable(form, conflict.name, conflict[side])));
    list.append(column);
  }
  const buttons = part('div', '', 'btn-group-plain');
  for (const choice of ['keep', 'take']) {
    const button = part('button', word(`stale.${choice}`), 'btn btn-sm btn-secondary');
    button.type = 'button';
    button.addEventListener('click', () => choose(choice, element));
    buttons.append(button);
  }
  element.append(part('strong', word('stale.title')), list, buttons);
  return element;
}

export function showConflicts(form, mine, theirs, { take, done }) {
  const open = new Set();
  for (const conflict of conflicts(mine, theirs)) {
    const field = [...form.querySelectorAll('[data-field]')].find((element) => element.dataset.field === conflict.name);
    if (!field) continue;
    const shown = box(form, conflict, (choice, element) => {
      if (choice === 'take') take(conflict.name, conflict.theirs);
      element.remove();
      open.delete(element);
      if (open.size === 0) done();
    });
    open.add(shown);
    field.append(shown);
  }
  if (open.size === 0) done();
  else [...open][0].scrollIntoView({ block: 'center' });
}
