/** `-M replace`: each file of `-r` by itself, and what comes out takes its place. */
import { renameSync, rmSync } from 'node:fs';
import { readOptions } from '../../argus/command/getopt.ts';
import type { ProgramIo } from '../../program.ts';
import { filesIn } from '../io/input.ts';
import { LETTERS } from '../options/parse.ts';
import { say } from './say.ts';

type RunOne = (argv: readonly string[]) => Promise<number>;

export async function replacing(argv: readonly string[], io: ProgramIo, runOne: RunOne): Promise<number> {
  const request = replaceRequest(argv);
  if (request === null) return runOne(argv);
  if (request.hasOutput) {
    say(io, 'replace', 'replace mode and -w option are incompatible');
    return 1;
  }
  let code = 0;
  for (const file of request.files) {
    const temporary = `${file}.tmp${process.pid}`;
    code = await runOne([...request.others, '-r', file, '-w', temporary]);
    if (code !== 0) {
      rmSync(temporary, { force: true });
      return code;
    }
    renameSync(temporary, file);
  }
  return code;
}

interface ReplaceRequest {
  readonly files: readonly string[];
  readonly others: readonly string[];
  readonly hasOutput: boolean;
}

/** @returns null when nothing is to be replaced */
function replaceRequest(argv: readonly string[]): ReplaceRequest | null {
  const files: string[] = [];
  const others: string[] = [];
  let isAsked = false;
  let hasOutput = false;
  const isWord = (word: string): boolean => !word.startsWith('-');
  const result = readOptions(argv, {
    letters: LETTERS,
    option(letter, value, next) {
      const words = [value];
      if ('rRmMsS'.includes(letter))
        for (let word = next(isWord); word !== undefined; word = next(isWord)) words.push(word);
      if (letter === 'r') files.push(...words);
      else if (letter === 'R') files.push(...words.flatMap((folder) => filesIn(folder)));
      else if (letter === 'M' && words.includes('replace')) {
        isAsked = true;
        const rest = words.filter((word) => word !== 'replace');
        if (rest.length > 0) others.push('-M', ...rest);
      } else {
        if (letter === 'w') hasOutput = true;
        others.push(`-${letter}`, ...words.filter((word) => word !== ''));
      }
      return true;
    },
  });
  if (!isAsked || 'bad' in result) return null;
  if (result.rest.length > 0) others.push('-', ...result.rest);
  return { files, others, hasOutput };
}
