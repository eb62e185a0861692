// What is written over a picture: where in the series, how it was taken, the window, the patient's sides, a scale.
import { edgeLetters, scaleBar } from '../camera.js';
import { showLetters } from '../frame.js';
import { short } from '../numbers.js';
import { number } from './source.js';

export function techniqueOf(header, say) {
  const units = [
    ['00180050', (one) => say('technique.thickness', { n: short(one) })],
    ['00180060', (one) => `${short(one)} kV`],
    ['00181151', (one) => `${short(one)} mA`],
    ['00180080', (one) => `TR ${short(one)}`],
    ['00180081', (one) => `TE ${short(one)}`],
  ];
  return units.map(([tag, words]) => [number(header, tag), words]).filter(([one]) => one !== null && one > 0).map(([one, words]) => words(one)).join(' · ');
}

export function drawTexts(parts, { source, picture, index, count, window, zoom, say, loaded }) {
  const { header } = picture;
  parts.title.textContent = [source.title, source.study_date].filter(Boolean).join(' · ');
  const place = number(header, '00201041');
  const words = say('viewer.position', { n: index + 1, total: count });
  parts.position.textContent = place === null ? words : `${words} · ${short(place, 5)} mm`;
  parts.technique.textContent = techniqueOf(header, say);
  const numbers = window ? say('window.now', { width: short(window.width), center: short(window.center) }) : '';
  parts.window.textContent = [numbers, zoom ? `${Math.round(zoom * 100)}%` : ''].filter(Boolean).join(' · ');
  parts.progress.hidden = loaded >= count;
  parts.progress.textContent = say('viewer.loaded', { n: loaded, total: count });
}

export function drawPlace(parts, camera, { position, spacing }) {
  showLetters(parts.marks, position ? edgeLetters(camera) : null);
  parts.scale.hidden = !spacing;
  if (!spacing) return;
  const { mm, share } = scaleBar(camera);
  parts.scale.style.height = `${share * 100}%`;
  parts.scale.firstElementChild.textContent = mm >= 10 ? `${mm / 10} cm` : `${mm} mm`;
}
