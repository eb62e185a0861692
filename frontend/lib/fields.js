// Reading and writing form fields by name, and the error beside them.
const IGNORED = new Set(['submit', 'button', 'reset', 'file', 'image']);

export function named(form, name) {
  return [...form.elements].filter((element) => element.name === name);
}

export function isField(element) {
  return Boolean(element.name) && element.name !== 'csrf_token' && !IGNORED.has(element.type);
}

// Text for most; the chosen value of radio buttons; a list for several checkboxes or a multiple select; true or false for one.
export function valueOf(form, name) {
  const elements = named(form, name);
  const [first] = elements;
  if (!first) return null;
  if (first.type === 'radio') {
    const chosen = elements.find((element) => element.checked);
    return chosen ? chosen.value : '';
  }
  if (first.type === 'checkbox') {
    const list = elements.length > 1 || first.closest('fieldset.choices');
    return list ? elements.filter((element) => element.checked).map((element) => element.value) : first.checked;
  }
  if (first.type === 'select-multiple') return [...first.selectedOptions].map((option) => option.value);
  return first.value;
}

export function setValue(form, name, value) {
  for (const element of named(form, name)) {
    if (element.type === 'radio') element.checked = element.value === value;
    else if (element.type === 'checkbox') element.checked = Array.isArray(value) ? value.includes(element.value) : Boolean(value);
    else if (element.type === 'select-multiple') for (const option of element.options) option.selected = value.includes(option.value);
    else element.value = value === null ? '' : value;
    element.dispatchEvent(new CustomEvent('value-set', { bubbles: true }));
  }
}

// What a field is called on the page, and the element to lead to.
export function placeOf(form, name) {
  const [element] = named(form, name);
  if (!element) return null;
  const field = element.closest('[data-field]');
  const label = field && field.querySelector('.field-label');
  const words = label && label.firstChild ? label.firstChild.textContent.trim() : name;
  return { words, element };
}

export function setWarnings(form, warnings) {
  for (const slot of form.querySelectorAll('[data-warning-for]')) {
    slot.textContent = warnings[slot.dataset.warningFor] || '';
    slot.hidden = !slot.textContent;
  }
}

export function setError(form, name, message) {
  const slot = [...form.querySelectorAll('[data-error-for]')].find((element) => element.dataset.errorFor === name);
  if (!slot) return;
  slot.textContent = message || '';
  slot.hidden = !message;
  const field = slot.closest('.field');
  if (field) field.classList.toggle('has-error', Boolean(message));
  for (const element of named(form, name)) element.setAttribute('aria-invalid', message ? 'true' : 'false');
}
