// Which core disciplines are here, for the chips. What counts in the end is judged by the server (mdt/rules/quorum.py).
const COUNTING = new Set(['chair', 'expert']);

// [{discipline, by}]: `by` is the discipline that is here for it, its own or one that may stand in, or empty.
export function seats(core, people, fillers) {
  const here = people.filter((one) => COUNTING.has(one.role) && one.discipline);
  const taken = new Set();
  const found = new Map();
  const sit = (discipline, allowed) => {
    const person = here.find((one) => allowed.includes(one.discipline) && !taken.has(one.user));
    if (!person) return;
    taken.add(person.user);
    found.set(discipline, person.discipline);
  };
  for (const discipline of core) sit(discipline, [discipline]);
  for (const discipline of core) if (!found.has(discipline)) sit(discipline, fillers[discipline] || []);
  return core.map((discipline) => ({ discipline, by: found.get(discipline) || '' }));
}

// [{discipline, by, standing}]: 'here', 'was' (counts for the case that is on, and has gone) or 'missing'.
export function standings(core, people, fillers, quorum) {
  return seats(core, people, fillers).map(({ discipline, by }) => {
    if (by) return { discipline, by, standing: 'here' };
    const counted = quorum && !quorum.missing.includes(discipline);
    return counted ? { discipline, by: quorum.filled[discipline] || discipline, standing: 'was' } : { discipline, by: '', standing: 'missing' };
  });
}

export function disciplinesHere(people) {
  return new Set(people.filter((one) => COUNTING.has(one.role) && one.discipline).map((one) => one.discipline)).size;
}
