/** A command line as getopt(3) reads it, with options that take several words. */

export interface OptionReader {
  /** Each option letter, a colon behind those with a value. */
  readonly letters: string;
  /** @param next takes the next word when `accept` agrees @returns false when the option is unknown or wrong */
  option(letter: string, value: string, next: (accept: (word: string) => boolean) => string | undefined): boolean;
}

/** @returns the words behind the options, or the letter that is not understood */
export function readOptions(
  words: readonly string[],
  { letters, option }: OptionReader,
): { readonly rest: readonly string[] } | { readonly bad: string } {
  let index = 0;
  const next = (accept: (word: string) => boolean): string | undefined => {
    const word = words[index];
    if (word === undefined || !accept(word)) return undefined;
    index += 1;
    return word;
  };
  while (index < words.length) {
    const word = words[index] as string;
    if (word === '-' || !word.startsWith('-')) break;
    index += 1;
    if (word === '--') break;
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] as string;
      const known = letters.indexOf(letter);
      if (known < 0 || letter === ':') return { bad: letter };
      let value = '';
      if (letters[known + 1] === ':') {
        const joined = word.slice(at + 1);
        at = word.length;
        const taken = joined === '' ? next(() => true) : joined;
        if (taken === undefined) return { bad: letter };
        value = taken;
      }
      if (!option(letter, value, next)) return { bad: letter };
    }
  }
  const rest = words.slice(index);
  return { rest: rest[0] === '-' ? rest.slice(1) : rest };
}
