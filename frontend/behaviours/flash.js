// Notices at the top are closed by their button. What scripts announce() stands at the lower edge, where it moves nothing;
// errors stay until closed, the rest leaves by itself.
const STAYS = 8000;

function show({ message, tone }) {
  const region = document.querySelector('[data-toasts]');
  const pattern = document.querySelector('[data-toast-pattern]');
  if (!region || !pattern) return;
  const toast = pattern.content.firstElementChild.cloneNode(true);
  toast.classList.add(`tone-${tone}`);
  toast.querySelector('span').textContent = message;
  region.append(toast);
  if (tone !== 'stop') window.setTimeout(() => toast.remove(), STAYS);
}

// After a form was refused the reader is led to what is wrong. It may lie in a tab or a dialog that is opened only now, so this waits
// until the page is put together; of several summaries the one that is shown counts.
function focusErrors() {
  window.requestAnimationFrame(() => {
    const summaries = [...document.querySelectorAll('[data-error-summary]')];
    const shown = summaries.find((summary) => summary.offsetParent !== null);
    if (shown) shown.focus();
  });
}

export function start(root) {
  if (root !== document) return;
  document.addEventListener('announce', (event) => show(event.detail));
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-flash-close]');
    if (button) button.closest('[data-flash]').remove();
  });
  focusErrors();
}
