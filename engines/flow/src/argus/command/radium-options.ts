/** radium's command line and radium.conf. */
import { type ConfigLine, isYes, readConfig } from './config-file.ts';
import { readOptions } from './getopt.ts';
import { type OutputSetting, parseCount, parseSeconds } from './settings.ts';

const LETTERS = 'Ab:B:c:C:dD:e:f:F:g:H:hM:nN:P:p:r:R:S:T:t:u:U:w:XzZ:V';
export const RADIUM_CONFIG = '/etc/radium.conf';

export interface RadiumSettings {
  servers: string[];
  files: string[];
  outputs: OutputSetting[];
  port: number;
  bindAddresses: string[];
  sourceId: string | undefined;
  filter: string;
  managementIntervalS: number;
  daemon: boolean;
  chroot: string | undefined;
  user: string | undefined;
  group: string | undefined;
  classifierFile: string | undefined;
}

export type RadiumCommandLine =
  | { readonly kind: 'run'; readonly settings: RadiumSettings; readonly unknownKeys: readonly ConfigLine[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'usage'; readonly letter: string };

function defaults(): RadiumSettings {
  return {
    servers: [],
    files: [],
    outputs: [],
    port: 0,
    bindAddresses: [],
    sourceId: undefined,
    filter: '',
    managementIntervalS: 60,
    daemon: false,
    chroot: undefined,
    user: undefined,
    group: undefined,
    classifierFile: undefined,
  };
}

const KEYS: Readonly<Record<string, (settings: RadiumSettings, line: ConfigLine) => void>> = {
  RADIUM_DAEMON: (settings, { value }) => {
    settings.daemon = isYes(value);
  },
  RADIUM_MONITOR_ID: (settings, { raw }) => {
    settings.sourceId = raw;
  },
  RADIUM_ARGUS_SERVER: (settings, { value }) => void settings.servers.push(value),
  RADIUM_CISCONETFLOW_PORT: (settings, { value }) => void settings.servers.push(`cisco://any:${value}`),
  RADIUM_ACCESS_PORT: (settings, { key, value }) => {
    settings.port = parseCount(value, key, 65535);
  },
  RADIUM_INPUT_FILE: (settings, { value }) => void settings.files.push(value),
  RADIUM_OUTPUT_FILE: (settings, { value }) => void settings.outputs.push({ target: value, filter: undefined }),
  RADIUM_OUTPUT_STREAM: (settings, { value }) => void settings.outputs.push({ target: value, filter: undefined }),
  RADIUM_MAR_STATUS_INTERVAL: (settings, { key, value }) => {
    settings.managementIntervalS = Math.max(1, Math.round(parseSeconds(value, key)));
  },
  RADIUM_FILTER: (settings, { value }) => {
    settings.filter = value;
  },
  RADIUM_BIND_IP: (settings, { value }) => {
    settings.bindAddresses.push(...value.split(',').map((address) => address.trim()));
  },
  RADIUM_CHROOT_DIR: (settings, { value }) => {
    settings.chroot = value;
  },
  RADIUM_SETUSER_ID: (settings, { value }) => {
    settings.user = value;
  },
  RADIUM_SETGROUP_ID: (settings, { value }) => {
    settings.group = value;
  },
  RADIUM_CLASSIFIER_FILE: (settings, { value }) => {
    settings.classifierFile = value;
  },
  RADIUM_USER_AUTH: needless,
  RADIUM_AUTH_PASS: needless,
  RADIUM_DEBUG_LEVEL: needless,
  RADIUM_FILTER_OPTIMIZER: needless,
  RADIUM_MIN_SSF: needless,
  RADIUM_MAX_SSF: needless,
  RADIUM_ADJUST_TIME: needless,
};

/** Is taken and changes nothing: SASL is not offered, there are no debugging messages, filters need no optimizer. */
function needless(): void {}

/** @param systemConfig as argus', read first where it exists */
export async function parseRadiumCommandLine(
  argv: readonly string[],
  systemConfig: readonly ConfigLine[],
): Promise<RadiumCommandLine> {
  const steps: ((settings: RadiumSettings) => void | Promise<void>)[] = [];
  const unknownKeys: ConfigLine[] = [];
  const state = { settings: defaults() };
  let help = false;
  const configure = (lines: readonly ConfigLine[]): void => {
    for (const line of lines) {
      const key = Object.hasOwn(KEYS, line.key) ? KEYS[line.key] : undefined;
      if (key === undefined) unknownKeys.push(line);
      else if (line.value !== '') key(state.settings, line);
    }
  };
  const read = readOptions(argv, {
    letters: LETTERS,
    option(letter, value, next) {
      if (letter === 'h' || letter === 'V') help = true;
      else if (letter === 'f') steps.push(async () => configure(await readConfig(value)));
      else if (letter === 'X') {
        steps.push(() => {
          state.settings = defaults();
        });
      } else {
        const words = [value];
        const isValue = (word: string): boolean => !word.startsWith('-');
        if (letter === 'r') for (let word = next(isValue); word !== undefined; word = next(isValue)) words.push(word);
        const filter = letter === 'w' ? next(isValue) : undefined;
        steps.push((settings) => apply(settings, letter, value, words, filter));
      }
      return true;
    },
  });
  if ('bad' in read) return { kind: 'usage', letter: read.bad };
  if (help) return { kind: 'help' };
  configure(systemConfig);
  for (const step of steps) await step(state.settings);
  if (read.rest.length > 0) state.settings.filter = read.rest.join(' ');
  return { kind: 'run', settings: state.settings, unknownKeys };
}

function apply(
  settings: RadiumSettings,
  letter: string,
  value: string,
  words: readonly string[],
  filter: string | undefined,
): void {
  switch (letter) {
    case 'B':
      settings.bindAddresses = value.split(',').map((address) => address.trim());
      return;
    case 'c':
      settings.chroot = value;
      return;
    case 'C':
      settings.servers.push(`cisco://${value.includes(':') ? value : `any:${value}`}`);
      return;
    case 'd':
      settings.daemon = !settings.daemon;
      return;
    case 'e':
      settings.sourceId = value;
      return;
    case 'g':
      settings.group = value;
      return;
    case 'M':
      settings.managementIntervalS = Math.max(1, Math.round(parseSeconds(value, '-M')));
      return;
    case 'P':
      settings.port = parseCount(value, '-P', 65535);
      return;
    case 'r':
      settings.files.push(...words);
      return;
    case 'S':
      settings.servers.push(value);
      return;
    case 'u':
      settings.user = value;
      return;
    case 'w':
      settings.outputs.push({ target: value, filter });
      return;
  }
}
