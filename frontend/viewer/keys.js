// Keys of the pane that has the focus; buttons have their own (data-shortcut).
import { STEPS } from '../lib/series.js';

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

// What a key press asks of a pane: {command, value}, or nothing.
export function commandOf({ key, ctrlKey, shiftKey, altKey, metaKey }) {
  if (altKey || metaKey) return null;
  const arrow = ARROWS[key];
  if (arrow && ctrlKey) return { command: 'shift-window', value: [0 - arrow[1], arrow[0]] };
  if (arrow && shiftKey) return { command: 'move', value: arrow };
  if (ctrlKey || shiftKey || !(key in STEPS)) return null;
  return { command: 'step', value: STEPS[key] };
}
