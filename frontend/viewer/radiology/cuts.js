// The order in which a pane is cut: as it was taken, then axial, coronal, sagittal, and back. What can't be cut says why.
import { showNote } from '../frame.js';
import { CUTS, Reformat, whyNotHere } from './reformat.js';

const ALIKE = 0.5;

export async function nextCut(pane) {
  if (pane.cut) {
    const next = CUTS[CUTS.indexOf(pane.cut.plane) + 1];
    if (next) pane.cut.turnTo(next);
    else leaveCut(pane);
    return;
  }
  const why = whyNotHere(pane.view.pictures, pane.viewport.getCornerstoneImage().color);
  if (why) sayWhyNot(pane, why);
  else await beginCut(pane);
}

async function beginCut(pane) {
  pane.stopCine();
  const cut = new Reformat(pane);
  pane.cut = cut;
  try {
    await cut.open(CUTS[0], { window: pane.look().shown, invert: Boolean(pane.viewport.getProperties().invert) });
  } catch {
    if (pane.cut !== cut) return;
    pane.closeCut();
    sayWhyNot(pane, 'reformat.failed');
  }
}

function sayWhyNot(pane, key) {
  showNote(pane.parts.note, pane.say(key), { label: pane.say('reformat.close'), act: () => { pane.parts.note.hidden = true; pane.focus(); } });
}

// The window that was chosen stays.
function leaveCut(pane) {
  const { shown } = pane.look();
  const last = pane.closeCut();
  const moved = last && shown && (Math.abs(last.window.center - shown.center) > ALIKE || Math.abs(last.window.width - shown.width) > ALIKE);
  if (moved) pane.setWindow(last.window);
  pane.draw();
}
