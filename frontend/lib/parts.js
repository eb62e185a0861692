// Replaces parts of the page by fresh markup from our own server, keeping the focus where it was.
export function replaceParts(parts) {
  for (const [id, markup] of Object.entries(parts)) {
    const old = document.getElementById(id);
    if (!old) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
    const holder = document.createElement('template');
    holder.innerHTML = markup;
    const fresh = holder.content.firstElementChild;
    if (!fresh) continue;
    old.replaceWith(fresh);
    fresh.dispatchEvent(new CustomEvent('content-added', { bubbles: true }));
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  }
}

// Fetches this page again and puts in anew what it now says in these parts. Throws where the line is down.
export async function refreshParts(ids) {
  const page = await (await fetch(window.location.href, { credentials: 'same-origin' })).text();
  const whole = new DOMParser().parseFromString(page, 'text/html');
  for (const id of ids) {
    const fresh = whole.getElementById(id);
    if (fresh) replaceParts({ [id]: fresh.outerHTML });
  }
}
