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

// What cannot be read (a damaged folder of a disc, no right to it) is named and keeps nothing else back.
async function gather(entry, found) {
  try {
    if (entry.isFile) await gatherFile(entry, found);
    else await gatherFolder(entry.createReader(), found);
  } catch {
    found.unread.push(entry.name);
  }
}

async function gatherFile(entry, found) {
  const file = await readFile(entry);
  paths.set(file, entry.fullPath.replace(/^\//, ''));
  found.files.push(file);
}

async function gatherFolder(reader, found) {
  // A reader gives at most a hundred entries at a time, and an empty list at the end.
  for (let entries = await readEntries(reader); entries.length; entries = await readEntries(reader)) {
    for (const child of entries) await gather(child, found);
  }
}

// {files, unread}: the files of a drop, and the names of what could not be read.
export async function droppedFiles(transfer) {
  const items = [...(transfer.items || [])].filter((item) => item.kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.length) return { files: [...transfer.files], unread: [] };
  const found = { files: [], unread: [] };
  for (const entry of entries) await gather(entry, found);
  return found;
}
