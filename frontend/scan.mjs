// The bundler lowers syntax, never a missing function: this refuses what Chromium 90 does not know in what was built. Left out is what only
// the radiology engine brings: it is loaded by engines from Chromium 97 on and nowhere else (viewer/choice.js); the rest goes by stills.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FORBIDDEN = {
  js: [
    /\bObject\.hasOwn\b/, /\.at\(/, /\bstructuredClone\b/, /\brandomUUID\b/, /\.findLast(Index)?\(/, /\.to(Sorted|Reversed|Spliced)\(/,
    /\bAbortSignal\.(any|timeout)\b/, /\bURL\.canParse\b/, /\bObject\.groupBy\b/, /\bPromise\.(any|withResolvers)\b/,
    /\bnew Function\b/, /\beval\(/,
  ],
  css: [/color-mix\(/, /oklch\(/, /:has\(/, /@container\b/, /@layer\b/, /\d[dsl]v[hw]\b/, /light-dark\(/, /[{;}]\s*&/, /@import\s+["']?https?:/],
};

export function findings(kind, text) {
  return FORBIDDEN[kind].filter((pattern) => pattern.test(text)).map((pattern) => pattern.exec(text)[0]);
}

const NEWER = 'viewer/radiology/index.js';
// What Chromium 97 lacks, for those parts.
const FORBIDDEN_97 = /\b(Object\.groupBy|Promise\.(withResolvers|try)|URL\.canParse|Array\.fromAsync|AbortSignal\.any)\b/;

// Files that come with a part of the manifest, through all that it imports but for `without`.
export function filesOf(manifest, keys, without = null) {
  const files = new Set();
  const waiting = [...keys];
  const seen = new Set(without === null ? [] : [without]);
  while (waiting.length) {
    const key = waiting.pop();
    const part = seen.has(key) ? null : manifest[key];
    seen.add(key);
    if (!part) continue;
    for (const file of [part.file, ...(part.css || []), ...(part.assets || [])]) files.add(file.replace(/^assets\//, ''));
    waiting.push(...(part.imports || []), ...(part.dynamicImports || []));
  }
  return files;
}

function scan(folder) {
  const manifest = JSON.parse(readFileSync(`${folder}/../manifest.json`, 'utf8'));
  const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
  const everywhere = filesOf(manifest, entries, NEWER);
  const newer = filesOf(manifest, [NEWER]);
  const newerText = [...newer].filter((name) => name.endsWith('.js') && !everywhere.has(name)).map((name) => readFileSync(`${folder}/${name}`, 'utf8')).join('\n');
  const names = readdirSync(folder);
  // Workers and what they import stand in no manifest: they are the engine's where it, or another of them, names them.
  const ofEngine = new Set([...newer].filter((name) => !everywhere.has(name)));
  let text = newerText;
  for (let found = true; found;) {
    const more = names.filter((name) => name.endsWith('.js') && !everywhere.has(name) && !ofEngine.has(name) && text.includes(name));
    for (const name of more) ofEngine.add(name);
    text = more.map((name) => readFileSync(`${folder}/${name}`, 'utf8')).join('\n');
    found = more.length > 0;
  }
  let bad = 0;
  const refuse = (name, what) => {
    console.error(`${name}: ${what} is newer than the oldest browser that loads it`);
    bad += 1;
  };
  for (const name of names) {
    const kind = name.split('.').pop();
    if (!(kind in FORBIDDEN)) continue;
    const content = readFileSync(`${folder}/${name}`, 'utf8');
    if (!ofEngine.has(name)) findings(kind, content).forEach((found) => refuse(name, found));
    else if (FORBIDDEN_97.test(content)) refuse(name, FORBIDDEN_97.exec(content)[0]);
  }
  return bad;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = scan(fileURLToPath(new URL('../mdt/static/build/assets', import.meta.url))) ? 1 : 0;
}
