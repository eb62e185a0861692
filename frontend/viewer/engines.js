// Which engine shows what: pictures drawn by the server (stills) are always to be had; the others are loaded where they are used.
import { StillsPane } from './stills/pane.js';

let radiology = null;

// The engine with what its panes share; begun once for a page.
function loadRadiology(say) {
  if (!radiology) {
    radiology = import('./radiology/index.js').then(({ RadiologyPane, Toolbox, startCornerstone }) => {
      const engine = startCornerstone({ cpu: new URLSearchParams(window.location.search).get('cpu') === '1' });
      return { Pane: RadiologyPane, shared: { engine, toolbox: new Toolbox({ engine, say }) } };
    });
    radiology.catch(() => { radiology = null; });
  }
  return radiology;
}

// {Pane, shared} for a source of series.json or slides.json.
export async function engineFor(source, { say, stills }) {
  if (source.dicom && !stills) return loadRadiology(say);
  return { Pane: StillsPane, shared: {} };
}

export const STILLS = { Pane: StillsPane, shared: {} };
