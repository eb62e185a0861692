// What a field holds once a text was put in below what it has; the same where the text stands there already.
export function withInserted(value, text) {
  const before = value.replace(/\s+$/, '');
  if (before.includes(text)) return value;
  return before ? `${before}\n${text}` : text;
}
