// A notice in the region that screen readers follow; behaviours/flash.js shows it.
export function announce(message, tone = 'info') {
  document.dispatchEvent(new CustomEvent('announce', { detail: { message, tone } }));
}
