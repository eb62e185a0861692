// Copies the Chinese font that the PDF needs to the place where the PDF writer looks for it.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
const source = `${top}node_modules/@expo-google-fonts/noto-sans-sc`;
const target = `${top}mdt/adapters/fonts`;

mkdirSync(target, { recursive: true });
for (const [weight, name] of [['400Regular', 'Regular'], ['700Bold', 'Bold']]) {
  copyFileSync(`${source}/${weight}/NotoSansSC_${weight}.ttf`, `${target}/NotoSansSC-${name}.ttf`);
}
