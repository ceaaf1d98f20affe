/** argus on live interfaces: one table a group of interfaces, records as flows are due. */
import { compileFilter } from '@undercroft/packet';
import { type CaptureEvent, type LiveCapture, listInterfaces, startCapture } from '@undercroft/packet/capture';
import type { ProgramIo } from '../../program.ts';
import type { RecordOutputs } from '../write/outputs.ts';
import type { ArgusDependencies } from './argus.ts';
import { type InterfaceGroup, parseInterfaces } from './interfaces.ts';
import { say } from './message.ts';
import { changeUser } from './privileges.ts';
import type { ArgusSettings } from './settings.ts';
import { parseSourceId, type SourceId } from './source-id.ts';

/** Sockets and timers get their turn this often when no packets come. */
const WAIT_MS = 10;
const BLOCK_BYTES = 1_048_576;

export async function runLive(
  settings: ArgusSettings,
  source: SourceId,
  outputs: RecordOutputs,
  io: ProgramIo,
  given: ArgusDependencies,
): Promise<number> {
  const groups = chosenGroups(settings);
  const onEvent = ({ kind, interface: name, error }: CaptureEvent): void => {
    if (kind === 'failed') say(io, 'Warning', `${name}: ${error?.message ?? 'cannot be opened'}`, given.nowUs());
  };
  const running: Promise<void>[] = [];
  const captures: LiveCapture[] = [];
  try {
    for (const group of groups) captures.push(open(settings, group, onEvent));
    changeUser(settings.user, settings.group, settings.chroot);
    say(io, 'Alert', 'started', given.nowUs());
    for (const [index, capture] of captures.entries()) {
      const { sourceId } = groups[index] as InterfaceGroup;
      const id = sourceId === undefined ? source : await parseSourceId(sourceId);
      running.push(follow(capture, settings, id, outputs, io, given));
    }
    await Promise.all(running);
  } finally {
    for (const capture of captures) {
      const { drops } = capture.totals();
      if (drops > 0) say(io, 'Warning', `the kernel dropped ${drops} packets`, given.nowUs());
      capture.close();
    }
  }
  return 0;
}

function chosenGroups(settings: ArgusSettings): readonly InterfaceGroup[] {
  const up = listInterfaces().filter(({ up, loopback }) => up && !loopback);
  const all = up.map(({ name }) => name);
  if (settings.interfaces.length === 0) return parseInterfaces(all[0] ?? 'any', all);
  return settings.interfaces.flatMap((text) => parseInterfaces(text, all));
}

function open(settings: ArgusSettings, group: InterfaceGroup, onEvent: (event: CaptureEvent) => void): LiveCapture {
  return startCapture({
    interfaces: group.names,
    promiscuous: settings.promiscuous,
    waitMs: WAIT_MS,
    filterFor: (linkType) =>
      settings.filter === '' ? null : compileFilter(settings.filter, { linkType, kernel: true }).instructions,
    onEvent,
    ...(settings.snapBytes === undefined ? {} : { snapBytes: settings.snapBytes }),
    ...(settings.bufferBytes === undefined
      ? {}
      : { blocks: Math.max(4, Math.floor(settings.bufferBytes / BLOCK_BYTES)) }),
  });
}

async function follow(
  capture: LiveCapture,
  settings: ArgusSettings,
  source: SourceId,
  outputs: RecordOutputs,
  io: ProgramIo,
  given: ArgusDependencies,
): Promise<void> {
  const meter = await given.openMeter({ settings, source, live: true });
  const publish = outputs.publish.bind(outputs);
  let failure: unknown;
  await capture.run(
    (block) => meter.addBlock(block, publish),
    io.signal,
    () => {
      meter.tick(given.nowUs(), publish);
      outputs.flush().catch((error: unknown) => {
        failure = error;
      });
      if (failure !== undefined) throw failure;
    },
  );
  meter.finish(publish);
}
