// At once, then at most every `wait` milliseconds, and always the last one.
export function throttle(act, wait, { now = Date.now, later = setTimeout } = {}) {
  let last = -Infinity;
  let timer = null;
  let latest = [];
  const run = () => {
    timer = null;
    last = now();
    act(...latest);
  };
  return (...values) => {
    latest = values;
    if (timer !== null) return;
    const left = last + wait - now();
    if (left <= 0) run();
    else timer = later(run, left);
  };
}
