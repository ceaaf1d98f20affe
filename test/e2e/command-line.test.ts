/** The command as a stranger tries it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BIN } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'undercroft-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...env },
  });
  return { status, stdout, stderr };
}

describe('undercroft', () => {
  it('says what it is', () =>
    expect(run(['--version'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^undercroft \d+\.\d+\.\d+\n$/),
      stderr: '',
    }));

  it('lists its commands', () => {
    const { status, stdout } = run(['--help']);
    expect(status).toBe(0);
    for (const word of [
      'up',
      'status',
      'login',
      'assets',
      'events',
      'problems',
      'config',
      'backup',
      'restore',
      'metrics',
      'scan',
      'checks',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${word} `, 'm'));
  });

  it('explains every command, with examples where it has some', () => {
    for (const [, word] of run(['--help'])
      .stdout.split('Examples:')[0]
      ?.matchAll(/^ {2}([a-z]+) {2,}/gm) ?? []) {
      const { status, stdout, stderr } = run([word as string, '--help']);
      expect([word, status, stderr]).toEqual([word, 0, '']);
      expect(stdout).toContain(`Usage: undercroft ${word}`);
    }
  }, 60_000);

  it.each([
    [['statsu'], 64, 'undercroft: there is no command "statsu"; did you mean "status"? (see undercroft --help)\n'],
    [['status', '--nope'], 64, /^undercroft: Unknown option '--nope'.* \(see undercroft status --help\)\n$/],
    [['config', 'chek'], 64, 'undercroft: there is no "chek"; did you mean "check"? (see undercroft config --help)\n'],
    [['restore'], 64, /^undercroft: BACKUP is missing/],
    [['metrics', 'query', 'system.load', '--after', '-600', '--url', 'http://127.0.0.1:65533'], 69, /ECONNREFUSED/],
    [['status', '--output', 'xml'], 64, /--output takes table or json/],
    [
      ['status', '--url', 'http://127.0.0.1:65533'],
      69,
      'undercroft: no answer from http://127.0.0.1:65533: ECONNREFUSED (start it with "undercroft up", or give --url)\n',
    ],
    [['up', '--data', '/dev/null/x'], 1, /^undercroft: the data folder \/dev\/null\/x cannot be made/],
  ])('%j ends with %i and one line that says what to do', (args, status, line) => {
    const result = run(args);
    expect(result.status).toBe(status);
    expect(result.stdout).toBe('');
    if (typeof line === 'string') expect(result.stderr).toBe(line);
    else expect(result.stderr).toMatch(line);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('checks a configuration and names every error with its line', () => {
    const file = join(folder, 'undercroft.yaml');
    writeFileSync(file, 'http:\n  listen: 7600\n  limits:\n    connections: none\nmetrcs: {}\n');
    const { status, stderr } = run(['config', 'check', '--config', file]);
    expect(status).toBe(78);
    expect(stderr).toContain(`${file}:5: metrcs there is no such setting; did you mean "metrics"?`);
    expect(stderr).toContain(`${file}:2: http.listen is 7600;`);
    expect(stderr).toContain(`${file}:4: http.limits.connections is "none"; want a whole number`);
  });

  it.each(['bash', 'zsh', 'fish'])('completes in %s', (shell) => {
    const { status, stdout } = run(['completion', shell]);
    expect(status).toBe(0);
    const parsed = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    if (parsed.error === undefined) expect([parsed.status, parsed.stderr]).toEqual([0, '']);
    expect(stdout).toContain('status');
  });
});
