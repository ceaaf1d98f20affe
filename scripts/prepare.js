// After `npm ci`: builds, so that `npm start` is fast. Without the build tools it says so and leaves it.

import { requireNode24 } from '../apps/undercroft/bin/node24.js';
import { build, canBuild } from './build.js';

if (!canBuild()) {
  console.log('undercroft: build tools are not installed; it runs from source, without the console');
} else {
  requireNode24();
  const startMs = performance.now();
  await build();
  console.log(`undercroft: built in ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
}
