/**
 * The program that the event drills kill: appends events as fast as it can and says each one that was acknowledged,
 * `event <id> <name>`, a line each, while old ones move to Parquet and files are merged. It says `child <pid>` of the
 * process that holds DuckDB whenever that is a new one.
 *
 * Arguments: data folder, seed, events to append (0: until killed).
 */
import { writeSync } from 'node:fs';
import { messageOf, openDrillEvents } from './events-state.ts';
import { seeded } from './random.ts';

/** Appends under way at once. */
const CALLERS = 24;
const CLASSES = ['authentication', 'base_event'];
const TENANTS = ['default', 'other/one'];
/** Maintenance after so many events; the clock of the drill makes something due each time. */
const MAINTAIN_EVERY = 400;

const [dataDir, seedText, countText] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Name the data folder.');
const seed = Number(seedText);
const count = Number(countText);
const random = seeded(seed);
const store = await openDrillEvents(dataDir);
const events = store.events('drill');
const say = (line: string): void => void writeSync(1, `${line}\n`);

let begun = 0;
let saidPid: number | undefined;
let maintaining: Promise<void> = Promise.resolve();

async function caller(): Promise<void> {
  while (count === 0 || begun < count) {
    const number = begun++;
    const name = `${seed}-${number}`;
    if (number % MAINTAIN_EVERY === MAINTAIN_EVERY - 1)
      maintaining = store.maintain().catch(() => {
        // The child was killed in the middle of it: the next one does what is due.
      });
    const appended = await events.append({
      class: CLASSES[random.below(CLASSES.length)]!,
      tenant: TENANTS[random.below(TENANTS.length)]!,
      message: messageOf(name),
    });
    say(`event ${appended.id} ${name}`);
    if (store.childPid !== undefined && store.childPid !== saidPid) {
      saidPid = store.childPid;
      say(`child ${saidPid}`);
    }
  }
}

await Promise.all(Array.from({ length: CALLERS }, caller));
await maintaining;
await store.stop();
