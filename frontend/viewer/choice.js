// Pictures drawn by the server (stills), or the real pixels: by hand, remembered; always where the browser is too old; by itself
// where the line is thin (quality.js).
import { whyThinHere } from './quality.js';

const KEPT = 'mdt-stills';
// WebAssembly under a content security policy ('wasm-unsafe-eval').
const LEAST_CHROMIUM = 97;

export function chromiumOf(agent) {
  const found = /Chrom(?:e|ium)\/(\d+)/.exec(agent);
  return found ? Number(found[1]) : null;
}

// Why drawn pictures are shown: 'asked', 'kept', 'old', 'line', 'saving', or nothing.
export function whyStills({ search, kept, agent, wasm, thin = null }) {
  const asked = new URLSearchParams(search).get('stills');
  if (asked === '1') return 'asked';
  const version = chromiumOf(agent);
  if (!wasm || (version !== null && version < LEAST_CHROMIUM)) return 'old';
  if (asked === '0') return null;
  if (kept === '1') return 'kept';
  return kept === '0' ? null : thin;
}

// In a cookie: signing out empties every other storage, and the line is the same afterwards.
export function keptIn(cookies) {
  const found = new RegExp(`(?:^|; )${KEPT}=([01])`).exec(cookies);
  return found ? found[1] : null;
}

export function keepChoice(stills) {
  const safe = window.location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `${KEPT}=${stills ? 1 : 0}; path=/; max-age=31536000; samesite=lax${safe}`;
}

export function whyStillsHere() {
  return whyStills({
    search: window.location.search,
    kept: keptIn(document.cookie),
    agent: navigator.userAgent,
    wasm: typeof WebAssembly === 'object',
    thin: whyThinHere(),
  });
}
