// [data-shortcut=KEY] (a link, button or field) is used by its key; "?" lists all of the page. Keys: "n", "ctrl+enter".
// [data-shortcut-note="Ctrl ↑"] only stands in the list: keys that something else on the page listens to.
import { isTyping, keyName } from '../lib/keys.js';

function keyMark(key) {
  const holder = document.createElement('dt');
  for (const part of key.split('+')) {
    const mark = document.createElement('kbd');
    mark.textContent = part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1);
    holder.append(mark, ' ');
  }
  return holder;
}

function openList() {
  const dialog = document.querySelector('[data-shortcuts-dialog]');
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector('[data-shortcuts-list]');
  for (const old of list.querySelectorAll('[data-own]')) old.remove();
  for (const target of document.querySelectorAll('[data-shortcut]')) {
    const row = document.createElement('div');
    const words = document.createElement('dd');
    row.dataset.own = 'yes';
    words.textContent = target.dataset.shortcutLabel || target.getAttribute('aria-label') || target.textContent.trim();
    row.append(keyMark(target.dataset.shortcut), words);
    list.append(row);
  }
  for (const note of document.querySelectorAll('[data-shortcut-note]')) {
    const row = document.createElement('div');
    const words = document.createElement('dd');
    row.dataset.own = 'yes';
    words.textContent = note.textContent;
    row.append(keyMark(note.dataset.shortcutNote.split(' ').join('+')), words);
    list.append(row);
  }
  dialog.showModal();
}

function use(target) {
  if (['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) target.focus();
  else target.click();
}

function press(event) {
  const key = keyName(event);
  const typing = isTyping(event.target);
  if (event.isComposing || (typing && !key.includes('+')) || document.querySelector('dialog[open]')) return;
  if (key === '?') {
    openList();
    return;
  }
  const target = [...document.querySelectorAll('[data-shortcut]')].find((one) => one.dataset.shortcut === key && !one.disabled);
  if (!target) return;
  event.preventDefault();
  use(target);
}

export function start(root) {
  if (root !== document) return;
  document.addEventListener('keydown', press);
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-shortcuts-open]')) openList();
  });
}
