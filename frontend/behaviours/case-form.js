// form[data-case-form]: fields that the server filled in are shown, the group is derived while one chooses, codes are listed.
import { named, setValue, setWarnings, valueOf } from '../lib/fields.js';

const STAGE = /^(staging_table|[tnm]|factor\..+)$/;

// The server read a text, an identity number, or somebody else typed: not into the field where the cursor is.
function adopt(form, fields) {
  for (const [name, value] of Object.entries(fields || {})) {
    const busy = named(form, name).some((element) => element === document.activeElement && element.type !== 'radio');
    if (!busy) setValue(form, name, value);
  }
}

function stageQuery(form) {
  const query = new URLSearchParams();
  for (const element of form.elements) {
    if (STAGE.test(element.name)) query.set(element.name === 'staging_table' ? 'table' : element.name, valueOf(form, element.name));
  }
  return query;
}

async function derive(form) {
  const query = stageQuery(form);
  if (!query.get('table')) return;
  let answer;
  try {
    answer = await fetch(`/staging/derive.json?${query}`, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  } catch {
    return;
  }
  if (!answer.ok || String(stageQuery(form)) !== String(query)) return;
  const { words } = await answer.json();
  const slot = document.querySelector('#stage-result .stage-group');
  if (slot) slot.textContent = words;
}

export async function listCodes(field) {
  const list = field.list;
  if (!list || list.options.length || list.dataset.asked) return;
  list.dataset.asked = 'yes';
  const answer = await fetch(field.dataset.icd10, { credentials: 'same-origin' });
  if (!answer.ok) return;
  const options = document.createDocumentFragment();
  for (const [code, ...names] of await answer.json()) {
    const option = document.createElement('option');
    option.value = code;
    option.label = names.join(' / ');
    options.append(option);
  }
  list.append(options);
}

function addLine(button) {
  const field = document.querySelector(`[name="${button.dataset.addLine}"]`);
  const lines = field.value.split('\n').filter((line) => line.trim());
  const text = button.textContent.trim();
  if (lines.includes(text)) return;
  field.value = [...lines, text].join('\n');
  for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

function mount(form) {
  form.addEventListener('autosaved', (event) => {
    adopt(form, event.detail.fields);
    setWarnings(form, event.detail.warnings || {});
    for (const part of form.querySelectorAll('[data-deviation]')) part.hidden = !event.detail.deviates;
  });
  form.addEventListener('change', (event) => {
    if (STAGE.test(event.target.name) && event.target.name !== 'staging_table') derive(form);
  });
  form.addEventListener('focusin', (event) => {
    if (event.target.dataset.icd10) listCodes(event.target);
  });
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-add-line]');
    if (button) addLine(button);
  });
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-case-form]')) mount(form);
}
