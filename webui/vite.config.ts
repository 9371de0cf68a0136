import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds the dashboard's own process (`rewind ui`). */
const dashboard = process.env['REWIND_DASHBOARD'] ?? 'http://127.0.0.1:8765';

export default defineConfig({
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
