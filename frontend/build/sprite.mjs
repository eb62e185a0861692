// Makes one SVG sprite of the icons named in icons.json: an icon font would weigh thirty times as much.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
const names = JSON.parse(readFileSync(`${top}frontend/icons.json`, 'utf8'));

function symbol(name) {
  const text = readFileSync(`${top}node_modules/bootstrap-icons/icons/${name}.svg`, 'utf8');
  const inner = text.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '').replace(/\s*\n\s*/g, '');
  return `<symbol id="${name}" viewBox="0 0 16 16">${inner}</symbol>`;
}

const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join('')}</svg>\n`;
writeFileSync(`${top}mdt/static/build/icons.svg`, sprite);
