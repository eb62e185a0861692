// Small elements without a framework. Text is always text: nothing that people write becomes markup.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

export function find(selector, root = document) {
  return root.querySelector(selector);
}

// New content for a list; the focus stays with the same control, known by its data-key.
export function replaceContent(root, children) {
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  root.replaceChildren(...children);
  const again = focused && [...root.querySelectorAll('[data-key]')].find((one) => one.dataset.key === focused);
  if (again) again.focus();
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
