/** The public captures beside a checkout, for tests that read them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @returns the folder of captures, or null where there is none: such tests are skipped with a notice */
export function captureFolder(): string | null {
  const folder =
    process.env['UNDERCROFT_CAPTURES'] ?? fileURLToPath(new URL('../../../../../shared/captures/', import.meta.url));
  return existsSync(folder) ? folder : null;
}
