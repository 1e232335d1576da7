import vue from '@vitejs/plugin-vue';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** While pages are being written their files keep their names, so that a built program finds the next ones too. */
const named = process.env.LINLI_DEV === '1';
/** `npm run budget` measures the built pages; every other run tests the source. */
const budget = process.env.LINLI_BUDGET === '1';

export default defineConfig({
  base: '/',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
  },
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    assetsDir: 'assets',
    // Nothing becomes a data: address or an inline script: the page's policy allows neither.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Browsers of domestic desktops and the web views of older phones.
    target: ['chrome87', 'safari14'],
    cssTarget: ['chrome87', 'safari14'],
    rollupOptions: {
      output: named
        ? {
            entryFileNames: 'assets/[name].js',
            chunkFileNames: 'assets/[name].js',
            assetFileNames: 'assets/[name][extname]',
          }
        : {},
      input: {
        hall: here('./hall.html'),
        work: here('./work.html'),
        console: here('./console.html'),
        site: here('./site/site.ts'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: budget ? ['test/budget.ts'] : ['src/**/*.test.ts', 'site/**/*.test.ts', 'test/**/*.test.ts'],
  },
});
