// A key of what is sent: where it is sent again, the same key lets the server do it once.
export function onceKey(length = 16) {
  return [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
