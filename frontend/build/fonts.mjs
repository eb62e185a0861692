// Copies the fonts of the PDF to where the PDF writer looks for them: Chinese first, then the two that hold characters
// of rare names which it lacks.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
const target = `${top}mdt/adapters/fonts`;

mkdirSync(target, { recursive: true });
for (const script of ['SC', 'JP', 'HK']) {
  const source = `${top}node_modules/@expo-google-fonts/noto-sans-${script.toLowerCase()}`;
  for (const [weight, name] of [['400Regular', 'Regular'], ['700Bold', 'Bold']]) {
    copyFileSync(`${source}/${weight}/NotoSans${script}_${weight}.ttf`, `${target}/NotoSans${script}-${name}.ttf`);
  }
}
