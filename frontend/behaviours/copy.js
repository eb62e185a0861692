// button[data-copy=TEXT] or button[data-copy-from=ID]: puts the text on the clipboard.
import { announce } from '../lib/announce.js';
import { word } from '../lib/words.js';

// The clipboard API exists on https only, and some hospitals run on plain http inside.
function copyOld(text) {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'visually-hidden';
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}

async function copyText(text) {
  if (!navigator.clipboard) return copyOld(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOld(text);
  }
}

async function copy(event) {
  const button = event.target.closest('[data-copy], [data-copy-from]');
  if (!button) return;
  const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
  const done = await copyText(source ? source.value || source.textContent.trim() : button.dataset.copy);
  announce(word(done ? 'copy.done' : 'copy.failed'), done ? 'ok' : 'stop');
}

export function start(root) {
  if (root === document) document.addEventListener('click', copy);
}
