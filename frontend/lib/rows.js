// Rows that a page adds by itself need a key that no other page makes.
const SIGNS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function newKey(length = 8) {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => SIGNS[byte % SIGNS.length]).join('');
}
