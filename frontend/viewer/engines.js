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

let slides = null;

function loadSlides() {
  if (!slides) {
    slides = import('./slides/pane.js').then(({ SlidePane }) => ({ Pane: SlidePane, shared: {} }));
    slides.catch(() => { slides = null; });
  }
  return slides;
}

// What a source is called among all that a pane may show: a series by its number, a slide as `slide:3`. Of a state, too.
export function keyOf({ slide, series }) {
  return slide ? `slide:${slide}` : series;
}

// The same of an entry of series.json or slides.json; and out of the text of a list's choice.
export function keyOfSource({ slide, id }) {
  return keyOf({ slide, series: id });
}

export function keyFrom(text) {
  return text.startsWith('slide:') ? text : Number(text);
}

// Where the server describes it, below the case.
export function pathOf(key) {
  return typeof key === 'string' ? `slides/${key.split(':')[1]}` : `series/${key}`;
}

// {Pane, shared} for a source of series.json or slides.json.
export async function engineFor(source, { say, stills }) {
  // Its tiles are pictures drawn by the server, on a poor line, too.
  if (source.tiles) return loadSlides();
  if (source.dicom && !stills) return loadRadiology(say);
  return { Pane: StillsPane, shared: {} };
}

export const STILLS = { Pane: StillsPane, shared: {} };
