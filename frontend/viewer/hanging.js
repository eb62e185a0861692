// How mammograms hang: RCC and LCC above, RMLO and LMLO below, the backs together, as the reader is used to.
export const PLACES = ['RCC', 'LCC', 'RMLO', 'LMLO'];

// Codes of the view where the position is not written out (DICOM PS3.16 CID 4014).
const CODES = { 'R-10242': 'CC', 399162004: 'CC', 'R-10226': 'MLO', 399368009: 'MLO' };

function first(header, tag) {
  const found = header[tag];
  return found && found.Value ? found.Value[0] : undefined;
}

// Which view a picture is: RCC, LCC, RMLO, LMLO, or nothing.
export function viewOf(header) {
  const side = first(header, '00200062') || first(header, '00200060');
  const code = first(header, '00540220');
  const view = first(header, '00185101') || (code && CODES[first(code, '00080100')]);
  const name = `${side || ''}${view || ''}`.trim().toUpperCase();
  return PLACES.includes(name) ? name : null;
}

// Whether a picture must be mirrored so that the back of the right breast is on the right, that of the left one on the left.
export function mirroredView(header, view) {
  const along = String(first(header, '00200020') || '').charAt(0);
  if (along !== 'A' && along !== 'P') return false;
  return (view.charAt(0) === 'R') === (along === 'A');
}

// On which side of its pane the back is: 1 right, -1 left.
export function backOf(view) {
  return view.charAt(0) === 'R' ? 1 : -1;
}

// `series` as [{id, headers: [...]}] in the order of their pictures: what hangs where, {view, series, index, mirrored}, or nothing.
export function hang(series) {
  const found = new Map();
  for (const { id, headers } of series) {
    headers.forEach((header, index) => {
      const view = viewOf(header);
      if (view && !found.has(view)) found.set(view, { view, series: id, index, mirrored: mirroredView(header, view) });
    });
  }
  return PLACES.map((view) => found.get(view) || null);
}

async function json(url) {
  const answer = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/dicom+json, application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Of the examination that is looked at.
export async function hangingOf(lightbox, caseId) {
  const { source } = lightbox.current;
  const all = await json(`/cases/${caseId}/series.json`);
  const own = all.filter(({ modality, study_date: day }) => modality === 'MG' && day === source.study_date);
  const sources = (await Promise.all(own.map(({ id }) => lightbox.sourceOf(id)))).filter(({ dicom }) => dicom);
  return hang(await Promise.all(sources.map(async ({ id, dicom }) => ({ id, headers: await json(`${dicom}/metadata`) }))));
}
