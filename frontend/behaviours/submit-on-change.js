// select[data-submit-on-change]: what the rest of the form offers depends on it; the server draws the form anew.
export function start(root) {
  for (const select of root.querySelectorAll('select[data-submit-on-change]')) {
    select.addEventListener('change', () => select.form.requestSubmit());
  }
}
