// tr[data-row-link]: a click anywhere in the row follows its a.row-link; text can still be selected.
function follow(event) {
  const row = event.target.closest('tr[data-row-link]');
  if (!row || event.target.closest('a, button, input, label, select, summary, form')) return;
  if (String(window.getSelection())) return;
  const link = row.querySelector('a.row-link');
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
}

export function start(root) {
  if (root === document) document.addEventListener('click', follow);
}
