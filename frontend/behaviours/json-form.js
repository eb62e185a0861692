// form[data-json-form]: sends its named fields as JSON to its address and shows the page anew at the same place. Fields with data-number are numbers (none: null);
// [data-json-keyed] adds a key, so that a form that is sent twice acts once. What is refused stands in [data-json-error].
import { messageOf, postJson } from '../lib/http.js';
import { onceKey } from '../lib/once.js';
import { word } from '../lib/words.js';

function valuesOf(form) {
  const values = {};
  for (const field of form.elements) {
    if (field.name) values[field.name] = 'number' in field.dataset ? (field.value ? Number(field.value) : null) : field.value;
  }
  if ('jsonKeyed' in form.dataset) {
    form.dataset.key = form.dataset.key || onceKey();
    values.key = form.dataset.key;
  }
  return values;
}

function refusalOf(body) {
  const fields = Object.values((body.error && body.error.fields) || {});
  return fields[0] || messageOf(body) || word('form.failed');
}

async function send(form) {
  const error = form.querySelector('[data-json-error]');
  const button = form.querySelector('button');
  button.disabled = true;
  error.hidden = true;
  let refused = null;
  try {
    const { status, body } = await postJson(form.getAttribute('action'), valuesOf(form));
    if (status !== 200) refused = refusalOf(body);
  } catch {
    refused = word('form.failed');
  }
  if (refused === null) {
    window.location.reload();
    return;
  }
  button.disabled = false;
  error.textContent = refused;
  error.hidden = false;
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-json-form]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      send(form);
    });
  }
}
