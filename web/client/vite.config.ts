import { defineConfig } from 'vite';

// Everything the page needs is bundled: nothing is fetched from outside at run time.
export default defineConfig({
  base: '/playground/',
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    modulePreload: { polyfill: false },
    reportCompressedSize: false, // gzip of 6 MB only to print a number
    chunkSizeWarningLimit: 6_000, // the editor (monaco) is one big chunk, loaded after the first paint
  },
});
