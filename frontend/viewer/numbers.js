export function rounded(value, places) {
  const factor = 10 ** places;
  return Math.round(value * factor) / factor || 0;
}

// As many figures as one reads, without zeros behind them.
export function short(value, figures = 4) {
  return String(Number(value.toPrecision(figures)));
}
