// The box of a pane, the same for every engine: the picture, what is written over it, pointers, and a sentence where something is wrong.
import { h } from '../room/dom.js';

export function paneFrame(element) {
  const part = (name, properties = {}) => h('div', { class: `pane-${name}`, ...properties });
  const parts = {
    picture: part('picture'),
    title: part('text is-title'), position: part('text is-position num', { 'data-series-position': true, 'aria-live': 'off' }),
    technique: part('text is-technique'), window: part('text is-window num'),
    marks: part('letters', { 'data-series-marks': true, 'aria-hidden': 'true', hidden: true }),
    scale: part('scale', { 'aria-hidden': 'true', hidden: true }),
    pointers: h('div', { class: 'pointers', 'data-pointers': true, 'aria-hidden': 'true' }),
    progress: part('progress', { hidden: true }),
    note: h('p', { class: 'pane-note', role: 'status', hidden: true }),
  };
  for (const edge of ['top', 'right', 'bottom', 'left']) parts.marks.append(h('span', { 'data-edge': edge }));
  parts.scale.append(h('span'));
  element.replaceChildren(...Object.values(parts));
  return parts;
}

export function showLetters(layer, letters) {
  layer.hidden = !letters;
  if (letters) for (const one of layer.children) one.textContent = letters[one.dataset.edge];
}

export function showNote(note, text, action = null) {
  note.hidden = !text;
  note.replaceChildren(text || '');
  if (text && action) note.append(' ', h('button', { type: 'button', class: 'btn btn-sm btn-secondary', on: { click: action.act } }, action.label));
}
