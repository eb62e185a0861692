// Characters as a person counts them: one for a rare character that takes two code units.
export function characters(text) {
  return [...text].length;
}
