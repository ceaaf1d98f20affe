/** argus' command line. What -F reads and -X clears happens where the option stands. */
import { argusError } from '../errors.ts';
import { applyConfig } from './argus-config.ts';
import { type ConfigLine, readConfig } from './config-file.ts';
import { readOptions } from './getopt.ts';
import { type ArgusSettings, defaultSettings, parseCount, parseSeconds } from './settings.ts';

const LETTERS = 'AbB:c:CdD:e:E:fF:g:H:i:Jk:lmM:N:OP:pRr:S:s:tT:u:U:w:XZhVv';
export const SYSTEM_CONFIG = '/etc/argus.conf';
const MAX_SNAP_BYTES = 262_144;

export type ArgusCommandLine =
  | { readonly kind: 'run'; readonly settings: ArgusSettings; readonly unknownKeys: readonly ConfigLine[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly letter: string };

/**
 * @param systemConfig read first where it exists
 * @throws UndercroftError `flow.argus.option`, `flow.argus.config`
 */
export async function parseArgusCommandLine(
  argv: readonly string[],
  systemConfig: readonly ConfigLine[],
): Promise<ArgusCommandLine> {
  const steps: ((settings: ArgusSettings) => void | Promise<void>)[] = [];
  const unknownKeys: ConfigLine[] = [];
  let shown: 'help' | 'version' | undefined;
  const state = { settings: defaultSettings(), files: 0, outputs: 0, interfaces: 0 };
  const configure = (lines: readonly ConfigLine[]): void => {
    unknownKeys.push(...applyConfig(state.settings, lines));
  };
  const read = readOptions(argv, {
    letters: LETTERS,
    option(letter, value, next) {
      if (letter === 'h') shown = 'help';
      else if (letter === 'V' || letter === 'v') shown = 'version';
      else if (letter === 'F') steps.push(async () => configure(await readConfig(value)));
      else if (letter === 'X') {
        steps.push(() => {
          state.settings = defaultSettings();
        });
      } else {
        const words: string[] = [];
        if (letter === 'r' || letter === 'i') {
          for (let word = next(isValue); word !== undefined; word = next(isValue)) words.push(word);
        }
        const filter = letter === 'w' ? next(isValue) : undefined;
        steps.push((settings) => apply(settings, letter, value, words, filter, state));
      }
      return true;
    },
  });
  if ('bad' in read) return { kind: 'usage', letter: read.bad };
  if (shown !== undefined) return { kind: shown };
  configure(systemConfig);
  for (const step of steps) await step(state.settings);
  if (read.rest.length > 0) state.settings.filter = read.rest.join(' ');
  return { kind: 'run', settings: state.settings, unknownKeys };
}

function isValue(word: string): boolean {
  return !word.startsWith('-');
}

/**
 * Options of the command line take the place of what a configuration said before them. -D, -E, -H, -k, -l, -O and -R
 * change nothing: they are about argus' inside, or ask for what is always so.
 */
function apply(
  settings: ArgusSettings,
  letter: string,
  value: string,
  words: readonly string[],
  filter: string | undefined,
  seen: { files: number; outputs: number; interfaces: number },
): void {
  switch (letter) {
    case 'A':
      settings.appBytes = true;
      return;
    case 'b':
      settings.dumpFilter = true;
      return;
    case 'B':
      settings.bindAddresses = value.split(',').map((address) => address.trim());
      return;
    case 'c':
      settings.chroot = value;
      return;
    case 'C':
      settings.controlPlane = true;
      return;
    case 'd':
      settings.daemon = !settings.daemon;
      return;
    case 'e':
      settings.sourceId = value;
      return;
    case 'f':
      settings.follow = true;
      return;
    case 'g':
      settings.group = value;
      return;
    case 'i':
      if (seen.interfaces++ === 0) settings.interfaces = [];
      settings.interfaces.push(words.length === 0 ? value : `bond:${[value, ...words].join(',')}`);
      return;
    case 'J':
      settings.jitter = true;
      return;
    case 'm':
      settings.macs = true;
      return;
    case 'M':
      settings.managementIntervalS = Math.max(1, Math.round(parseSeconds(value, '-M')));
      return;
    case 'N':
      setPackets(settings, value);
      return;
    case 'p':
      settings.promiscuous = false;
      return;
    case 'P':
      settings.port = parseCount(value, '-P', 65535);
      return;
    case 'r':
      if (seen.files++ === 0) settings.files = [];
      for (const word of [value, ...words]) settings.files.push(packetFile(word));
      return;
    case 'S':
      settings.flowIntervalUs = Math.round(parseSeconds(value, '-S') * 1e6);
      return;
    case 's':
      settings.snapBytes = parseCount(value, '-s', MAX_SNAP_BYTES);
      return;
    case 't':
      settings.timeSequence = true;
      return;
    case 'T':
      settings.timeScale = parseSeconds(value, '-T');
      return;
    case 'u':
      settings.user = value;
      return;
    case 'U':
      settings.userDataBytes = parseCount(value, '-U', 65535);
      return;
    case 'w':
      if (seen.outputs++ === 0) settings.outputs = [];
      settings.outputs.push({ target: value, filter });
      return;
    case 'Z':
      settings.packetSizes = true;
      return;
  }
}

/** `27` is the first 27 packets, `10-20` those from the 10th to the 20th. */
function setPackets(settings: ArgusSettings, text: string): void {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (match === null) throw argusError('option', `-N takes a count or a range of packets, not ${JSON.stringify(text)}`);
  settings.firstPacket = match[2] === undefined ? 0 : Number(match[1]);
  settings.lastPacket = Number(match[2] ?? match[1]);
}

function packetFile(text: string): { path: string; netflow: boolean } {
  const netflow = text.startsWith('cisco:');
  return { path: netflow ? text.slice(6) : text, netflow };
}
