// What lies on a burned CD, known by its DICOMDIR: images and papers are sent, the viewer beside them is not (mdt/rules/discs.py).
const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path) => path.slice(0, path.lastIndexOf('/') + 1);
const isDirectory = (path) => nameOf(path).toLowerCase() === 'dicomdir';

function extensionOf(path) {
  const name = nameOf(path);
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}

// The folder just below the disc's own in which a file lies, or nothing.
function topOf(path, root) {
  const rest = path.slice(root.length);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '';
}

// items: {path}. Gives {wanted, left}: items in the order to be sent, directories last; those of a disc get `disc`.
export function planDisc(items, { programs, papers }) {
  const roots = items.map((item) => item.path).filter(isDirectory).map(folderOf).sort((one, other) => other.length - one.length);
  const rootOf = (item) => roots.find((root) => item.path.startsWith(root));
  const place = (item) => `${rootOf(item)}\n${topOf(item.path, rootOf(item))}`;
  const onDisc = items.filter((item) => rootOf(item) !== undefined);
  const viewers = new Set(onDisc.filter((item) => topOf(item.path, rootOf(item)) && programs.includes(extensionOf(item.path))).map(place));
  const isViewers = (item) => programs.includes(extensionOf(item.path)) || (viewers.has(place(item)) && papers.includes(extensionOf(item.path)));
  for (const item of onDisc) item.disc = true;
  const left = onDisc.filter(isViewers);
  const wanted = items.filter((item) => !left.includes(item));
  return { wanted: [...wanted.filter((item) => !isDirectory(item.path)), ...wanted.filter((item) => isDirectory(item.path))], left };
}
