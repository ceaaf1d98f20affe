import { readFileSync } from 'node:fs';
import { configReference } from '@undercroft/kernel/runtime';
import { expect, it } from 'vitest';
import { MODULES } from './modules.ts';

it('has a page of every setting that is up to date (undercroft config reference > docs/configuration.md)', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  expect(page).toBe(configReference(MODULES));
});
