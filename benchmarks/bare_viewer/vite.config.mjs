import { fileURLToPath } from 'node:url';

export default { root: fileURLToPath(new URL('.', import.meta.url)), base: '/bare/', worker: { format: 'es' }, build: { target: 'es2022', chunkSizeWarningLimit: 6000 } };
