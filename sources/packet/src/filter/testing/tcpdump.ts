/** The real compiler, as the measure: what `tcpdump -ddd` makes of an expression. */
import { spawnSync } from 'node:child_process';
import type { BpfInstruction } from '../program.ts';

/** Whether tcpdump is installed. */
export function hasTcpdump(): boolean {
  return spawnSync('tcpdump', ['--version']).status === 0;
}

/** @returns its program; or what it said against the expression */
export function tcpdumpProgram(
  expression: string,
  source: readonly string[],
): { instructions: BpfInstruction[] } | { error: string } {
  const { stdout, stderr, status } = spawnSync('tcpdump', ['-ddd', '-s', '262144', ...source, '--', expression], {
    encoding: 'utf8',
  });
  if (status !== 0) return { error: stderr.trim().split('\n').at(-1) ?? '' };
  const lines = stdout.trim().split('\n').slice(1);
  return {
    instructions: lines.map((text) => {
      const [code, jt, jf, k] = text.split(' ').map(Number);
      return { code: code!, jt: jt!, jf: jf!, k: k! };
    }),
  };
}
