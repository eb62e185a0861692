import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compressed } from './frontend/build/compress.mjs';

const root = fileURLToPath(new URL('frontend', import.meta.url));
const pages = readdirSync(`${root}/pages`)
  .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))
  .map((name) => `${root}/pages/${name}`);

export default defineConfig({
  root,
  // The decoders ask for these where they run in Node.js, never in a browser.
  resolve: { alias: [{ find: /^(fs|path)$/, replacement: `${root}/build/nothing.mjs` }] },
  plugins: [compressed()],
  base: '/static/build/',
  publicDir: false,
  // Decoders run in workers of their own; they import each other.
  worker: { format: 'es' },
  build: {
    outDir: '../mdt/static/build',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'chrome86',
    cssTarget: 'chrome86',
    // A file of its own is cached and keeps the content security policy free of further data: sources.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The radiology engine, loaded by itself where images are read.
    chunkSizeWarningLimit: 4500,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: [`${root}/main.js`, `${root}/room/index.js`, `${root}/viewer/index.js`, ...pages],
    },
  },
});
