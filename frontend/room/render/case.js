// How a case is called in the room: short, and so that no two on an agenda read alike.
import { inLanguage, say } from '../words.js';

// Guests know the case by its whole number; beside a masked name its last part is enough.
export function shortName({ patient, number }) {
  return patient === number ? patient : `${patient} ${number.split('-').pop()}`;
}

export function sexAndAge(found) {
  const sex = ['1', '2'].includes(found.sex) ? say(`sex.${found.sex}`) : '';
  const age = found.age === null ? '' : say('summary.years', { n: found.age });
  return [sex, age].filter(Boolean).join(' ');
}

export function caseTitle(item) {
  return [shortName(item.case), inLanguage(item.case, 'tumour'), inLanguage(item.case, 'hospital')].filter(Boolean).join(' · ');
}

export function placeAndName(item) {
  return `${say('message.case', { n: item.position })} ${shortName(item.case)}`;
}
