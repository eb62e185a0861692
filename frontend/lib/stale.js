// Somebody else saved first: only where both texts differ does a person have to choose.
export function conflicts(mine, theirs) {
  return Object.keys(mine)
    .filter((name) => name in theirs && JSON.stringify(mine[name]) !== JSON.stringify(theirs[name]))
    .map((name) => ({ name, mine: mine[name], theirs: theirs[name] }));
}
