// Notices at the top: closed by their button; scripts add one by announce(). Errors stay, the rest leaves by itself.
const STAYS = 8000;

function show({ message, tone }) {
  const region = document.querySelector('[data-flashes]');
  if (!region) return;
  const flash = document.createElement('div');
  const words = document.createElement('span');
  flash.className = `flash tone-${tone}`;
  flash.dataset.flash = '';
  words.textContent = message;
  flash.append(words);
  region.append(flash);
  if (tone !== 'stop') window.setTimeout(() => flash.remove(), STAYS);
}

export function start(root) {
  if (root !== document) return;
  document.addEventListener('announce', (event) => show(event.detail));
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-flash-close]');
    if (button) button.closest('[data-flash]').remove();
  });
  const summary = document.querySelector('[data-error-summary]');
  if (summary) summary.focus();
}
