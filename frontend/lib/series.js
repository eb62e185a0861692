// Paging through a series of images.
export function clamp(index, count) {
  return Math.max(0, Math.min(count - 1, index));
}

// What to load next, nearest first, a little more in the direction of travel.
export function neighbours(index, count, direction, ahead = 6, behind = 2) {
  const wanted = [];
  for (let step = 1; step <= ahead; step += 1) {
    wanted.push(index + step * direction);
    if (step <= behind) wanted.push(index - step * direction);
  }
  return wanted.filter((place) => place >= 0 && place < count);
}

// The letters of a picture (0-based); none where its direction is not known.
export function lettersAt(marks, place) {
  return marks && !(marks.without || []).includes(place) ? marks : null;
}

// The address of an image in a window; no window leaves the server's own choice.
export function windowed(url, preset) {
  if (!preset || preset.center === undefined || preset.center === null) return url;
  const mark = url.includes('?') ? '&' : '?';
  return `${url}${mark}center=${encodeURIComponent(preset.center)}&width=${encodeURIComponent(preset.width)}`;
}

export const STEPS = {
  ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity,
};
