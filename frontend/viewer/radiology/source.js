// A series out of DICOMweb: its headers, and an image id for each of its pictures in the order of the server.
import { core, wadors } from './cornerstone.js';

const known = new Map();

export function value(header, tag, place = 0) {
  const found = header[tag];
  return found && found.Value ? found.Value[place] : undefined;
}

export function number(header, tag, place = 0) {
  const found = value(header, tag, place);
  return found === undefined || found === null || found === '' || Number.isNaN(Number(found)) ? null : Number(found);
}

export class NoHeaders extends Error {}

// {pictures: [{uid, frame, id, header}]}; fetched once, forgotten where it failed.
export function headersOf(url) {
  if (!known.has(url)) {
    const asked = ask(url);
    known.set(url, asked);
    asked.catch(() => known.delete(url));
  }
  return known.get(url);
}

// Cornerstone cannot do without these, and old or converted objects lack them.
const NEEDED = { '00080060': { vr: 'CS', Value: ['OT'] }, '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY'] } };

function complete(header) {
  for (const [tag, content] of Object.entries(NEEDED)) if (value(header, tag) === undefined || value(header, tag) === null) header[tag] = content;
}

async function ask(url) {
  const answer = await fetch(`${url}/metadata`, { credentials: 'same-origin', headers: { Accept: 'application/dicom+json' } });
  if (!answer.ok) throw new NoHeaders(String(answer.status));
  const pictures = [];
  for (const header of await answer.json()) {
    if (number(header, '00280010') === null) continue;
    const uid = value(header, '00080018');
    complete(header);
    for (let frame = 1; frame <= (number(header, '00280008') || 1); frame += 1) {
      const id = `wadors:${window.location.origin}${url}/instances/${uid}/frames/${frame}`;
      wadors.metaDataManager.add(id, header);
      pictures.push({ uid, frame, id, header });
    }
  }
  // Colours of more than eight bits come out white: drawn by the server they are right.
  if (!pictures.length || pictures.some(({ header }) => number(header, '00280002') > 1 && number(header, '00280100') > 8)) throw new NoHeaders('none');
  return { pictures };
}

// Where a picture lies in the patient; without position or spacing `known` says so.
export function planeOf(id) {
  const plane = core.metaData.get('imagePlaneModule', id) || {};
  const spacing = [plane.columnPixelSpacing || 1, plane.rowPixelSpacing || 1];
  return {
    origin: [...(plane.imagePositionPatient || [0, 0, 0])],
    row: [...(plane.rowCosines || [1, 0, 0])],
    column: [...(plane.columnCosines || [0, 1, 0])],
    spacing,
    columns: plane.columns,
    rows: plane.rows,
  };
}

// Whether its header says where in the patient a picture lies, and what a pixel measures.
export function placed({ header, frame }) {
  const position = of(header, frame, '00200032', '00209113') && of(header, frame, '00200037', '00209116');
  const spacing = of(header, frame, '00280030', '00289110');
  return { position, spacing: spacing || Boolean(header['00181164']), world: position && spacing };
}

// At the top of the header, or in the groups that frames of enhanced objects have in common or each for itself.
function of(header, frame, tag, group) {
  if (value(header, tag) !== undefined) return true;
  const own = value(header, '52009230', frame - 1);
  const common = value(header, '52009229');
  return [own, common].some((one) => Boolean(one && value(one, group)) && value(value(one, group), tag) !== undefined);
}

export function millisecondsPerFrame(header) {
  const time = number(header, '00181063');
  const rate = number(header, '00082144') || number(header, '00180040');
  return time && time >= 10 ? time : rate ? 1000 / rate : 1000 / 12;
}
