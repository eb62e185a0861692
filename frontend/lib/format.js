// Amounts and times for people; units stand in the words of the page.
const UNITS = ['B', 'kB', 'MB', 'GB'];

export function bytes(amount) {
  let value = amount;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit < 2 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)}\u2009${UNITS[unit]}`;
}

// {unit, n} of the coarsest unit that still tells something; at least one second.
export function duration(seconds) {
  if (seconds < 90) return { unit: 'seconds', n: Math.max(1, Math.round(seconds)) };
  if (seconds < 90 * 60) return { unit: 'minutes', n: Math.round(seconds / 60) };
  return { unit: 'hours', n: Math.round(seconds / 3600) };
}

export function clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
