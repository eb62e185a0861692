// Files of a drop, with those of folders inside folders. Their paths may carry a patient's name: they are never sent.
const paths = new WeakMap();

// Where a chosen or dropped file lay in its folder.
export function pathOf(file) {
  return paths.get(file) || file.webkitRelativePath || file.name;
}

function readEntries(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function readFile(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await readFile(entry);
    paths.set(file, entry.fullPath.replace(/^\//, ''));
    return [file];
  }
  const reader = entry.createReader();
  const files = [];
  // A reader gives at most a hundred entries at a time, and an empty list at the end.
  for (let entries = await readEntries(reader); entries.length; entries = await readEntries(reader)) {
    for (const child of entries) files.push(...(await filesOf(child)));
  }
  return files;
}

export async function droppedFiles(transfer) {
  const items = [...(transfer.items || [])].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  for (const entry of entries) files.push(...(await filesOf(entry)));
  return files;
}
