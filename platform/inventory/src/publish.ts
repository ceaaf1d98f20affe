/** Tells the rest of the platform what changed: events for the record, live updates for who is looking. */
import type { AssetChange, Events, JsonValue, LiveStream, Severity } from '@undercroft/kernel';
import { isoFromUs } from '@undercroft/kernel';
import { assetOf, type Group } from './engine/group.ts';
import type { ChangeKind, HistoryNote, Ledger } from './engine/ledger.ts';

export interface Announcer {
  (ledger: Ledger): void;
  split(groups: readonly Group[], by: string, timeUs: number): void;
}

const MAX_CHANGES_IN_MESSAGE = 3;

/** @param isQuiet attributes whose changes are kept in the history but are no event (`uptimeS`) */
export function announcer(
  events: Pick<Events, 'publish'>,
  live: Pick<LiveStream, 'send'>,
  isQuiet: (attribute: string) => boolean,
): Announcer {
  const sendLive = (group: Group, change: ChangeKind | 'split'): void => {
    const { id, type, name, present, tenant, lastSeenUs } = assetOf(group);
    live.send('assets', { id, type, name, present, lastSeenAt: isoFromUs(lastSeenUs), change }, { key: id, tenant });
  };
  const publish = (group: Group, kind: ChangeKind | 'split', notes: readonly HistoryNote[], timeUs: number): void => {
    const asset = assetOf(group);
    const device = { 'device.uid': asset.id, 'device.name': asset.name, 'device.type': asset.type };
    const common = { timeUs, tenant: asset.tenant, assets: [asset.id] };
    if (kind === 'new') {
      const ip = asset.keys.find((key) => key.type === 'ip')?.value;
      const hostname = asset.keys.find((key) => key.type === 'hostname')?.value;
      events.publish({
        ...common,
        class: 'device_inventory_info',
        activity: 'collect',
        severity: 'informational',
        message: `New ${asset.type}: ${asset.name}`,
        attributes: {
          ...device,
          ...(ip === undefined ? {} : { 'device.ip': ip }),
          ...(hostname === undefined ? {} : { 'device.hostname': hostname }),
          observables: asset.keys.map((key) => ({ name: key.type, value: key.value })),
        },
      });
      return;
    }
    const changes = notes.map(({ field, before, after, source }) => ({ field, before, after, source }));
    events.publish({
      ...common,
      class: 'device_config_state_change',
      activity: 'log',
      severity: severityOf(kind),
      message: `${asset.type} ${asset.name}: ${sentence(changes)}`,
      attributes: { ...device, changes: changes as unknown as JsonValue },
    });
  };
  const announce = (ledger: Ledger): void => {
    const notesOf = new Map<string, HistoryNote[]>();
    for (const note of ledger.notes.history) {
      const notes = notesOf.get(note.asset) ?? [];
      notesOf.set(note.asset, notes);
      notes.push(note);
    }
    for (const [group, kind] of ledger.notes.groups) {
      sendLive(group, kind);
      const notes = (notesOf.get(group.root) ?? []).filter(
        (note) => isNews(note) && !isQuiet(note.field.replace(/^attributes\./, '')),
      );
      const [first] = notes;
      if (first !== undefined) publish(group, kind, notes, first.timeUs);
    }
  };
  const split = (groups: readonly Group[], by: string, timeUs: number): void => {
    const [stayed, left] = groups.map((group) => assetOf(group));
    for (const group of groups) sendLive(group, 'split');
    if (stayed === undefined || left === undefined) return;
    const note = { tenant: stayed.tenant, asset: stayed.id, timeUs, source: by, field: 'split', strong: false };
    publish(groups[0] as Group, 'split', [{ ...note, before: left.id, after: null }], timeUs);
  };
  return Object.assign(announce, { split });
}

/** A new relation comes with a new asset, which is told by itself; a further source's first name says nothing new. */
function isNews({ field, before }: HistoryNote): boolean {
  return !field.startsWith('relations.') && !(field === 'name' && before === null);
}

function severityOf(kind: ChangeKind | 'split'): Severity {
  return kind === 'gone' || kind === 'merged' || kind === 'split' ? 'low' : 'informational';
}

/** `os is now Debian 13 (was Debian 12), ip 10.0.0.5 added`. */
function sentence(changes: readonly Omit<AssetChange, 'timeUs'>[]): string {
  const parts = changes.slice(0, MAX_CHANGES_IN_MESSAGE).map(phrase);
  const more = changes.length - parts.length;
  return more > 0 ? `${parts.join(', ')} and ${more} more` : parts.join(', ');
}

function phrase({ field, before, after }: Omit<AssetChange, 'timeUs'>): string {
  const [kind = '', ...rest] = field.split('.');
  const what = rest.join('.') || kind;
  if (kind === 'present') return after === true ? 'is there again' : 'is gone';
  if (kind === 'merged') return `is the same as ${shown(after)}`;
  if (kind === 'split') return `is not the same as ${shown(before)}`;
  if (before === null) return `${what} ${shown(after)} added`;
  if (after === null) return `${what} ${shown(before)} removed`;
  return `${what} is now ${shown(after)} (was ${shown(before)})`;
}

function shown(value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
