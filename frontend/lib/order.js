// A list with the item at `from` moved to `to`; the list itself when the place is outside.
export function moved(list, from, to) {
  if (from < 0 || from >= list.length || to < 0 || to >= list.length) return list;
  const copy = list.slice();
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}
