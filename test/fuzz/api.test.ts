/**
 * The API, asked by Schemathesis with what its own document allows and forbids: nothing makes it fail, and every answer
 * is as documented. Needs the command `schemathesis` (see `SCHEMATHESIS` below); `FUZZ_SEED` and `FUZZ_EXAMPLES` go
 * further than the few cases of a test run.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OWNER_TOKEN, type RunningPlatform, startPlatform } from '../e2e/platform.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, unknown> }>>>>;
}

const CONFIG = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const SEED = process.env['FUZZ_SEED'] ?? '1';
const EXAMPLES = process.env['FUZZ_EXAMPLES'] ?? '15';
const RUN_MS = Number(EXAMPLES) * 12_000;
const LIMITS = ['addressRate', 'addressBurst', 'principalRate', 'principalBurst', 'refusedRate', 'refusedBurst'];

/** An endless answer, and what ends the credential that the fuzzer asks with. */
const NEVER = ['getLive', 'deleteSession', 'deleteIdentityTokensSelf', 'deleteIdentityTokensAccessor'];
/** Right input would reach beyond this machine, run a program or write a file anywhere: they get wrong input only. */
const ONLY_WRONG = ['postBackups', 'postChecks', 'postChecksIdRun', 'postNotificationsContactsIdTest', 'postScans'];

const fuzzer = findFuzzer();
if (fuzzer === undefined)
  process.stderr.write('The API is not fuzzed: there is no command schemathesis (version 4).\n');

describe.skipIf(fuzzer === undefined)('the API', () => {
  let platform: RunningPlatform;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'undercroft-fuzz-'));
    platform = await startPlatform({ args: LIMITS.flatMap((limit) => ['--set', `http.limits.${limit}=1000000`]) });
    const document = withoutCatchAlls(await platform.api<Document>('GET', '/openapi.json'));
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  }, 90_000);
  afterAll(async () => {
    await platform?.stop();
    platform?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is never broken, and as its document says', { timeout: RUN_MS }, async () => {
    await fuzz([...NEVER, ...ONLY_WRONG].flatMap((id) => ['--exclude-operation-id', id]));
  });

  it('refuses wrong input where right input is not tried', { timeout: RUN_MS }, async () => {
    await fuzz(['--mode', 'negative', ...ONLY_WRONG.flatMap((id) => ['--include-operation-id', id])]);
  });

  it('has known the fuzzer to the end', async () => {
    await platform.api('GET', '/session');
    const { status } = await platform.api<{ status: string }>('GET', '/health');
    expect([status, platform.output().match(/.*"level":"error".*"module":"http".*/)?.[0]]).toEqual(['ok', undefined]);
  });

  async function fuzz(args: readonly string[]): Promise<void> {
    const { failed, output } = await run(fuzzer as string, [
      ...['--config-file', CONFIG, '--no-color', 'run', join(folder, 'openapi.json')],
      ...['--url', `${platform.url}/platform/v1`, '--header', `Authorization: Bearer ${OWNER_TOKEN}`],
      ...['--phases', 'fuzzing', '--max-examples', EXAMPLES, '--seed', SEED, '--checks', 'all'],
      ...['--generation-database', 'none', '--generation-with-security-parameters', 'false'],
      ...['--suppress-health-check', 'all', '--request-timeout', '30', '--warnings', 'off', '--continue-on-failure'],
      ...args,
    ]);
    expect(failed ? output : '').toBe('');
  }

  function run(program: string, args: readonly string[]): Promise<{ failed: boolean; output: string }> {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, COLUMNS: '200' } };
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        resolve({ failed: error !== null, output: `${stdout}\n${stderr}`.slice(-50_000) });
      });
    });
  }
});

/** Without the answers that would excuse every other, so that each status must be named. */
function withoutCatchAlls(document: Document): Document {
  for (const { responses } of Object.values(document.paths).flatMap((item) => Object.values(item))) {
    delete responses['default'];
    delete responses['500'];
  }
  return document;
}

function findFuzzer(): string | undefined {
  const named = process.env['SCHEMATHESIS'];
  return [...(named === undefined ? [] : [named]), 'schemathesis', 'st'].find((program) =>
    /^(st|schemathesis), version 4\./.test(spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout ?? ''),
  );
}
