// Waiting times in milliseconds between tries: doubled up to a limit, spread so that a hospital's PCs don't return at once.
export function backoff(attempt, { first = 1000, most = 30000, random = Math.random } = {}) {
  const wait = Math.min(most, first * 2 ** attempt);
  return Math.round(wait * (0.75 + random() * 0.5));
}

// Resolves after so many milliseconds, or as soon as the line is back.
export function waitForLine(milliseconds) {
  return new Promise((resolve) => {
    const goOn = () => {
      window.clearTimeout(timer);
      window.removeEventListener('online', goOn);
      resolve();
    };
    const timer = window.setTimeout(goOn, milliseconds);
    window.addEventListener('online', goOn);
  });
}
