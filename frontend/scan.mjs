// The bundler lowers syntax, never a missing function: this refuses what Chromium 90 does not know in what was built.
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

function scan(folder) {
  let bad = 0;
  for (const name of readdirSync(folder)) {
    const kind = name.split('.').pop();
    if (!(kind in FORBIDDEN)) continue;
    for (const found of findings(kind, readFileSync(`${folder}/${name}`, 'utf8'))) {
      console.error(`${name}: ${found} is newer than the oldest browser that mdt supports`);
      bad += 1;
    }
  }
  return bad;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = scan(fileURLToPath(new URL('../mdt/static/build/assets', import.meta.url))) ? 1 : 0;
}
