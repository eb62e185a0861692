// Many small files as one blob, made without reading them: a tar of `names.json` and `0`, `1`, ... (mdt/adapters/archives.py).
const BLOCK = 512;

function field(header, text, offset, length) {
  for (let index = 0; index < text.length && index < length; index += 1) header[offset + index] = text.charCodeAt(index);
}

function octal(number, digits) {
  return number.toString(8).padStart(digits, '0');
}

// The 512 bytes before a member (POSIX ustar): its name, its size, and the sum of all bytes, in which the sum itself counts as blanks.
export function tarHeader(name, size) {
  const header = new Uint8Array(BLOCK);
  field(header, name, 0, 100);
  field(header, '0000600\0', 100, 8);
  field(header, '0000000\0', 108, 8);
  field(header, '0000000\0', 116, 8);
  field(header, `${octal(size, 11)}\0`, 124, 12);
  field(header, '00000000000\0', 136, 12);
  field(header, '        ', 148, 8);
  field(header, '0', 156, 1);
  field(header, 'ustar\x0000', 257, 8);
  const sum = header.reduce((total, byte) => total + byte, 0);
  field(header, `${octal(sum, 6)}\0 `, 148, 8);
  return header;
}

export function bundle(items) {
  const names = new Blob([JSON.stringify(items.map((item) => item.name))]);
  const members = [['names.json', names], ...items.map((item, index) => [String(index), item.file])];
  const parts = [];
  for (const [name, content] of members) {
    parts.push(tarHeader(name, content.size), content, new Uint8Array((BLOCK - (content.size % BLOCK)) % BLOCK));
  }
  return new Blob([...parts, new Uint8Array(2 * BLOCK)]);
}
