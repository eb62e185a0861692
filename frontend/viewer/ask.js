// Asks for a line of text in the light box's own dialog; nothing where it is left empty or closed.
export function askText({ title, value = '', optional = false }) {
  const dialog = document.querySelector('[data-ask-dialog]');
  const field = dialog.querySelector('input');
  dialog.querySelector('h2').textContent = title;
  field.value = value;
  field.required = !optional;
  dialog.returnValue = '';
  dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const text = field.value.trim();
      resolve(dialog.returnValue === 'yes' && (text || optional) ? text : null);
    }, { once: true });
  });
}
