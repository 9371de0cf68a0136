import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the dashboard's own process (`rewind ui`). */
const dashboard = process.env['REWIND_DASHBOARD'] ?? 'http://127.0.0.1:8765';

/** What the page's code and styles may weigh, compressed: a page on the next desk opens at once. */
const MOST_BYTES = 400_000;

/** Fails a build that is too heavy. */
const budget: Plugin = {
  name: 'budget',
  writeBundle(_, bundle) {
    const weights = Object.values(bundle).map((file) => {
      const content = file.type === 'chunk' ? file.code : file.source;
      return /\.(js|css|html)$/.test(file.fileName) ? gzipSync(content).length : 0;
    });
    const weight = weights.reduce((sum, bytes) => sum + bytes, 0);
    if (weight > MOST_BYTES) {
      this.error(`the page weighs ${weight} bytes compressed, more than ${MOST_BYTES}`);
    }
  },
};

export default defineConfig({
  plugins: [budget],
  build: {
    outDir: '../rewind/web/static',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and icons stay files: the page's policy allows `font-src 'self'` and no more.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/api': dashboard,
      '/socket.io': { target: dashboard, ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'] },
});
