import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{apps,engines,sources,platform,scripts}/**/*.test.ts',
      'test/**/*.test.ts',
      'apps/console/src/**/*.test.tsx',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['scripts/wasm-setup.js'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A shared machine stalls now and then; at a desk a test that fails is looked at.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
