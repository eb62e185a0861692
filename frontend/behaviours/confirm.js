// form[data-confirm] or a submit button with it: asks once, naming the effect, in our own dialog.
// Also data-confirm-title, data-confirm-label (the button), data-confirm-tone="danger".
import { word } from '../lib/words.js';

const agreed = new WeakSet();

function ask(dialog, source, fallback) {
  const { confirm, confirmTitle, confirmLabel, confirmTone } = source.dataset;
  const yes = dialog.querySelector('[data-confirm-yes]');
  dialog.querySelector('[data-confirm-title-slot]').textContent = confirmTitle || word('confirm.title');
  dialog.querySelector('[data-confirm-text-slot]').textContent = confirm;
  yes.textContent = confirmLabel || fallback || yes.textContent;
  yes.classList.toggle('btn-danger', confirmTone === 'danger');
  yes.classList.toggle('btn-primary', confirmTone !== 'danger');
  dialog.returnValue = '';
  dialog.showModal();
  dialog.querySelector('[data-confirm-no]').focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

// requestSubmit keeps the button, whose name and value the server may need.
function submitAgain(form, button) {
  agreed.add(form);
  if (button) button.click();
  else form.requestSubmit();
}

async function hold(event) {
  const form = event.target;
  const button = event.submitter || null;
  const source = button && button.dataset.confirm ? button : form;
  const dialog = document.querySelector('[data-confirm-dialog]');
  if (!source.dataset.confirm || !dialog) return;
  if (agreed.has(form)) {
    agreed.delete(form);
    return;
  }
  event.preventDefault();
  if (await ask(dialog, source, button ? button.textContent.trim() : '')) submitAgain(form, button);
  else if (button) button.focus();
}

export function start(root) {
  // In the capture phase, so that other listeners see whether the form really goes.
  if (root === document) document.addEventListener('submit', hold, true);
}
