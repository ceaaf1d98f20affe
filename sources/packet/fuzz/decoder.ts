/**
 * `node sources/packet/fuzz/decoder.ts [--seconds N] [--seed N]`: fuzzes decoder, defragmenter and reassembler. Where a
 * round fails or hangs it says the seed with which it happens again, and exits with 1.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { captureFolder } from '../src/testing/captures.ts';
import { Fuzzer } from './round.ts';
import { seeds } from './seeds.ts';

/** A round takes milliseconds. */
const HANG_MS = 20_000;
const REPORT_MS = 500;

interface Orders {
  readonly seconds: number;
  readonly seed: number;
}

if (isMainThread) supervise();
else await work(workerData as Orders);

/** Runs the rounds in a thread that can be stopped where one hangs. */
function supervise(): void {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { seconds: argument('--seconds', 30), seed: argument('--seed', Date.now() % 1_000_000_000) },
  });
  let last = '';
  const fail = (text: string) => {
    console.error(`${text}\n${last}`);
    process.exit(1);
  };
  let watch = setTimeout(fail, HANG_MS * 6, 'It does not start');
  worker.on('message', (text: string) => {
    last = text;
    clearTimeout(watch);
    watch = setTimeout(fail, HANG_MS, 'A round hangs');
  });
  worker.on('error', (error) => fail(error.stack ?? String(error)));
  worker.on('exit', () => {
    clearTimeout(watch);
    console.log(last);
  });
}

async function work({ seconds, seed }: Orders): Promise<void> {
  const known = await seeds(captureFolder());
  const fuzzer = new Fuzzer(known);
  const end = Date.now() + seconds * 1000;
  let packets = 0;
  let rounds = 0;
  let reportAt = 0;
  while (Date.now() < end) {
    try {
      packets += fuzzer.round(seed + rounds);
    } catch (error) {
      throw new Error(`Round ${rounds} of seed ${seed} failed after ${packets} packets`, { cause: error });
    }
    rounds++;
    if (Date.now() >= reportAt) {
      reportAt = Date.now() + REPORT_MS;
      parentPort!.postMessage(`${rounds} rounds, ${packets} packets from ${known.length} seeds, seed ${seed}`);
    }
  }
  parentPort!.postMessage(
    `${rounds} rounds, ${packets} packets from ${known.length} seeds, seed ${seed}: nothing found`,
  );
}

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}
