// form[action="/sign-out"]: what this tab kept for the person (unsent messages, a half-typed opinion) goes with them.
function forget(event) {
  if (new URL(event.target.action, window.location.href).pathname === '/sign-out') window.sessionStorage.clear();
}

export function start(root) {
  if (root === document) document.addEventListener('submit', forget);
}
