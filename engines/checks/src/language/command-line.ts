/** A command line as a person types it, taken apart as a shell would, with no shell and nothing expanded. */
import { badRequest } from '@undercroft/kernel';

const MAX_LENGTH = 8_192;

/** @throws UndercroftError `checks.command` when a quote does not close or nothing is left */
export function splitCommand(line: string): readonly string[] {
  if (line.length > MAX_LENGTH) throw badRequest('checks.command', `A command has at most ${MAX_LENGTH} characters.`);
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string;
    if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else if (char === '\\' && quote === '"' && /["\\$`]/.test(line[i + 1] ?? '')) word = (word ?? '') + line[++i];
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\' && i + 1 < line.length) word = (word ?? '') + line[++i];
    else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote !== undefined)
    throw badRequest('checks.command', `A ${quote} does not close.`, `Add the missing ${quote}.`);
  if (word !== undefined) words.push(word);
  if (words.length === 0)
    throw badRequest('checks.command', 'The command is empty.', 'Give the plugin and its arguments.');
  return words;
}
