import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const COMPRESSIBLE = /\.(js|css|html|svg|json)$/;
const PRELOADED_FONTS = /geist(-mono)?-latin-wght-normal[^/]*\.woff2$/;

export default defineConfig({
  base: '/app/',
  plugins: [react(), preloadFonts(), precompress()],
  build: {
    target: ['chrome125', 'firefox128', 'safari18'],
    manifest: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            {
              name: 'tanstack',
              test: /node_modules\/@tanstack\/(react-router|router-core|history|react-query|query-core|react-store|store)\//,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: { port: 7610, proxy: { '/platform': 'http://127.0.0.1:7600' } },
});

/** The two faces that every page shows start loading with the page, so that no text moves when they arrive. */
function preloadFonts(): Plugin {
  return {
    name: 'undercroft-preload-fonts',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        return Object.keys(bundle ?? {})
          .filter((file) => PRELOADED_FONTS.test(file))
          .map((file) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/app/${file}`, crossorigin: '' },
            injectTo: 'head' as const,
          }));
      },
    },
  };
}

/** Brotli and gzip of every text file beside it: the server sends them as they are. */
function precompress(): Plugin {
  return {
    name: 'undercroft-precompress',
    apply: 'build',
    enforce: 'post',
    async writeBundle(options) {
      const { readdir, readFile, writeFile } = await import('node:fs/promises');
      const { join } = await import('node:path');
      const folder = options.dir ?? 'dist';
      const names = (await readdir(folder, { recursive: true })).filter((name) => COMPRESSIBLE.test(name));
      for (const name of names) {
        const file = join(folder, name);
        const data = await readFile(file);
        const brotli = brotliCompressSync(data, {
          params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length },
        });
        await writeFile(`${file}.br`, brotli);
        await writeFile(`${file}.gz`, gzipSync(data, { level: 9 }));
      }
    },
  };
}
