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

function keptChoice() {
  try {
    return window.localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

export function keepChoice(stills) {
  try {
    window.localStorage.setItem(KEPT, stills ? '1' : '0');
  } catch {
    // Chosen anew next time.
  }
}

export function whyStillsHere() {
  return whyStills({
    search: window.location.search,
    kept: keptChoice(),
    agent: navigator.userAgent,
    wasm: typeof WebAssembly === 'object',
    thin: whyThinHere(),
  });
}
