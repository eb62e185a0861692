// button[data-unmask-url]: asks the server for what is masked; the server records that it was shown.
// Reads {values: {field: text}} and fills every [data-unmask-field=FIELD] of the page.
import { announce } from '../lib/announce.js';
import { postJson } from '../lib/http.js';
import { word } from '../lib/words.js';

function reveal(button, values) {
  for (const slot of document.querySelectorAll('[data-unmask-field]')) {
    const sameCase = slot.dataset.unmaskOf === button.dataset.unmaskOf;
    if (sameCase && slot.dataset.unmaskField in values) slot.textContent = values[slot.dataset.unmaskField];
  }
  for (const other of document.querySelectorAll('[data-unmask-url]')) {
    if (other.dataset.unmaskUrl === button.dataset.unmaskUrl) other.hidden = true;
  }
}

async function unmask(event) {
  const button = event.target.closest('[data-unmask-url]');
  if (!button) return;
  button.disabled = true;
  try {
    const { status, body } = await postJson(button.dataset.unmaskUrl, {});
    if (status === 200) reveal(button, body.values || {});
    else announce(word('unmask.failed'), 'stop');
  } catch {
    announce(word('unmask.failed'), 'stop');
  }
  button.disabled = false;
}

export function start(root) {
  if (root === document) document.addEventListener('click', unmask);
}
