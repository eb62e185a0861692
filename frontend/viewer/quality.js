// Whether a line bears the full viewer, and in which order drawn pictures (stills) are fetched over a thin one. Pure but for `whyThinHere`.

// A slice in full has about 120 kB and the viewer itself 1 MB: below these, drawn pictures of a fifth of that are quicker. (Chromium
// guesses 1.5 Mbit/s and 100 ms before it has seen anything.)
export const LEAST_KBITS = 1000;
export const MOST_DELAY = 500;
// What came of fewer bytes says more of the delay than of the line.
export const LEAST_BYTES = 20000;
export const STRIDE = 16;
const SLOW = ['slow-2g', '2g', '3g'];

// {bytes, ms} of a fetch -> kbit/s; null where it says nothing.
export function kbitsOf(measured) {
  if (!measured || !(measured.ms > 0) || !(measured.bytes >= LEAST_BYTES)) return null;
  return (measured.bytes * 8) / measured.ms;
}

// The fastest of what a page has fetched (its resource timings), as a measurement; null before anything came over the line. From its
// first byte on: how long the server took to draw it says nothing of the line, nor does a busy moment of this PC.
export function measuredOf(entries) {
  const came = entries
    .filter((one) => one.transferSize >= LEAST_BYTES && one.responseEnd > one.responseStart)
    .map((one) => ({ bytes: one.transferSize, ms: one.responseEnd - one.responseStart }));
  came.sort((one, other) => kbitsOf(other) - kbitsOf(one));
  return came[0] || null;
}

// Why drawn pictures are the better choice: 'saving' (the reader asks the browser to save data), 'line', or null.
//   connection  navigator.connection, where there is one
//   measured    {bytes, ms} of something fetched just before: it goes before what the browser guesses
export function whyThin({ connection = null, measured = null } = {}) {
  if (connection && connection.saveData) return 'saving';
  const kbits = kbitsOf(measured);
  if (kbits !== null) return kbits < LEAST_KBITS ? 'line' : null;
  if (!connection) return null;
  const thin = SLOW.includes(connection.effectiveType) || connection.downlink * 1000 < LEAST_KBITS || connection.rtt > MOST_DELAY;
  return thin ? 'line' : null;
}

export function whyThinHere() {
  return whyThin({ connection: navigator.connection || null, measured: measuredOf(performance.getEntriesByType('resource')) });
}

// Places (0-based) of a series in the order in which they are fetched: where one begins, key images, every n-th, then what lies
// between, halving the gaps each time.
export function orderOf(count, { start = 0, keys = [], stride = STRIDE } = {}) {
  const wanted = [start, ...keys];
  for (let step = stride; step >= 1; step = Math.floor(step / 2)) {
    for (let place = 0; place < count; place += step) wanted.push(place);
  }
  return [...new Set(wanted)].filter((place) => place >= 0 && place < count);
}
