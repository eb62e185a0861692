// [data-dialog-open=ID] opens the dialog of that id; [data-dialog-close] inside closes it; so does a click beside it.
// dialog[data-dialog-shown] opens with the page.
function openNamed(event) {
  const opener = event.target.closest('[data-dialog-open]');
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog && !dialog.open) dialog.showModal();
    return;
  }
  const closer = event.target.closest('[data-dialog-close]');
  if (closer) closer.closest('dialog').close();
  else if (event.target.tagName === 'DIALOG' && event.target.dataset.dialogLight !== undefined) event.target.close();
}

export function start(root) {
  if (root === document) document.addEventListener('click', openNamed);
  const shown = root.querySelector('dialog[data-dialog-shown]');
  if (shown && !shown.open) shown.showModal();
}
