// form[data-plan-form]: rows of steps and of dissent that are added, moved and taken out; parts that belong to one outcome.
// Every change goes out through the form's autosave: typing into a new row makes it, `steps.K` empty takes it out, `steps.order` moves.
import { named, setValue } from '../lib/fields.js';
import { withInserted } from '../lib/insert.js';
import { newKey } from '../lib/rows.js';
import { showParts } from './show-for.js';

function told(form, name, value) {
  let field = named(form, name)[0];
  if (!field) {
    field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    form.append(field);
  }
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

function rowsOf(form, list) {
  return form.querySelector(`[data-rows="${list}"]`);
}

function renew(rows) {
  rows.querySelector('[data-rows-empty]').hidden = Boolean(rows.querySelector('[data-row]'));
}

function add(form, button) {
  const list = button.dataset.rowAdd;
  const rows = rowsOf(form, list);
  const key = newKey();
  const pattern = rows.querySelector('[data-row-pattern]');
  const holder = document.createElement('template');
  holder.innerHTML = pattern.innerHTML.replace(/KEY/g, key);
  const row = holder.content.firstElementChild;
  rows.querySelector('[data-rows-list]').append(row);
  row.dispatchEvent(new CustomEvent('content-added', { bubbles: true }));
  const values = button.dataset.rowValues ? JSON.parse(button.dataset.rowValues) : {};
  const fields = [...row.querySelectorAll('[name]')];
  for (const field of fields) {
    field.value = values[field.name.split('.')[2]] || '';
    if (field.value) field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  if (!Object.keys(values).length) fields[0].dispatchEvent(new Event('input', { bubbles: true }));
  renew(rows);
  (fields.find((field) => !field.value) || fields[0]).focus();
}

function remove(form, row) {
  const rows = row.closest('[data-rows]');
  const next = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  told(form, `${rows.dataset.rows}.${row.dataset.row}`, '');
  renew(rows);
  const focus = next ? next.querySelector('[data-row-remove]') : form.querySelector(`[data-row-add="${rows.dataset.rows}"]`);
  if (focus) focus.focus();
}

function move(form, row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  const rows = row.closest('[data-rows]');
  const order = [...rows.querySelectorAll('[data-row]')].map((one) => one.dataset.row);
  told(form, `${rows.dataset.rows}.order`, order.join(','));
  row.querySelector(`[data-row-move="${step}"]`).focus();
}

// What a reader said goes into the opinion as if it had been typed.
function insert(form, button) {
  const [field] = named(form, button.dataset.insertInto);
  const value = withInserted(field.value, button.dataset.insertText);
  if (value !== field.value) {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.focus();
}

function pressed(form, event) {
  const button = event.target.closest('button');
  if (!button) return;
  const row = button.closest('[data-row]');
  if (button.dataset.insertInto) insert(form, button);
  else if (button.dataset.rowAdd) add(form, button);
  else if (button.dataset.rowRemove !== undefined) remove(form, row);
  else if (button.dataset.rowMove) move(form, row, Number(button.dataset.rowMove));
}

function adopt(form, others) {
  for (const [name, value] of Object.entries(others || {})) if (typeof value === 'string') setValue(form, name, value);
  showParts(form);
}

export function start(root) {
  for (const form of root.querySelectorAll('form[data-plan-form]')) {
    form.addEventListener('click', (event) => pressed(form, event));
    form.addEventListener('autosaved', (event) => adopt(form, event.detail.others));
    form.addEventListener('submit', (event) => event.preventDefault());
  }
}
