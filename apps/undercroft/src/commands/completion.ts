import { type Command, type CommandEntry, UndercroftError } from '@undercroft/kernel';
import { GLOBAL_OPTIONS } from '../cli/parse.ts';
import { MODULES } from '../modules.ts';
import { PLATFORM_COMMANDS } from './index.ts';

export const command: Command = {
  name: 'completion',
  summary: 'print shell completions for bash, zsh or fish',
  positionals: [{ name: 'shell', summary: 'bash, zsh or fish' }],
  examples: [
    { line: 'source <(undercroft completion bash)', does: 'in ~/.bashrc' },
    { line: 'undercroft completion fish | source', does: 'in ~/.config/fish/config.fish' },
  ],
  async run(call) {
    const tree = await words([...PLATFORM_COMMANDS, ...MODULES.flatMap((module) => module.commands ?? [])], '');
    const script = SHELLS[call.positionals[0] ?? '']?.(tree);
    if (script === undefined)
      throw new UndercroftError(
        'cli.usage',
        `there are completions for ${Object.keys(SHELLS).join(', ')}, not for ${call.positionals[0]}`,
        { fix: 'undercroft completion --help' },
      );
    call.stdout.write(script);
    return 0;
  },
};

/** `'config check'` → what may follow it. */
type Tree = ReadonlyMap<string, readonly string[]>;

async function words(entries: readonly CommandEntry[], path: string): Promise<Tree> {
  const tree = new Map<string, readonly string[]>([[path, entries.map((entry) => entry.name)]]);
  for (const entry of entries) {
    const name = path === '' ? entry.name : `${path} ${entry.name}`;
    const { command: loaded } = await entry.load();
    if (loaded.subcommands !== undefined)
      for (const [key, value] of await words(loaded.subcommands, name)) tree.set(key, value);
    else
      tree.set(
        name,
        Object.keys({ ...loaded.options, ...GLOBAL_OPTIONS }).map((option) => `--${option}`),
      );
  }
  return tree;
}

const SHELLS: Readonly<Record<string, (tree: Tree) => string>> = {
  bash: (tree) => `_undercroft() {
  local path="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac; done
  case "$path" in
${[...tree].map(([path, next]) => `    ${JSON.stringify(path)}) COMPREPLY=($(compgen -W ${JSON.stringify(next.join(' '))} -- "\${COMP_WORDS[COMP_CWORD]}")) ;;`).join('\n')}
    *) COMPREPLY=() ;;
  esac
}
complete -o default -F _undercroft undercroft
`,
  zsh: (tree) => `#compdef undercroft
_undercroft() {
  local -a path_words
  path_words=(\${\${words[2,CURRENT-1]}:#-*})
  case "\${(j: :)path_words}" in
${[...tree].map(([path, next]) => `    ${JSON.stringify(path)}) compadd -- ${next.join(' ')} ;;`).join('\n')}
    *) _files ;;
  esac
}
compdef _undercroft undercroft
`,
  fish: (tree) =>
    `complete -c undercroft -f\n${[...tree]
      .map(([path, next]) => {
        const condition =
          path === ''
            ? '__fish_use_subcommand'
            : path
                .split(' ')
                .map((word) => `__fish_seen_subcommand_from ${word}`)
                .join('; and ');
        const plain = next.filter((word) => !word.startsWith('--'));
        const long = next
          .filter((word) => word.startsWith('--'))
          .map((word) => `complete -c undercroft -n '${condition}' -l ${word.slice(2)}`);
        return [
          ...(plain.length > 0 ? [`complete -c undercroft -n '${condition}' -a '${plain.join(' ')}'`] : []),
          ...long,
        ].join('\n');
      })
      .join('\n')}\n`,
};
