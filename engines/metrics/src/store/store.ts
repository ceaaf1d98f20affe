/**
 * The metrics store: one second, 60 seconds and an hour, each in groups. Samples go into a head in memory and into its
 * write-ahead log; a head that no late batch can reach any more is sealed into its tier and rolled into the next one.
 *
 * After a kill, what was written ahead is read back: nothing that was acknowledged is missing. After a power cut, what
 * was not yet synced may be: at most SYNC_EVERY_S seconds.
 */
import { cp, mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chart, Log, SampleBatch } from '@undercroft/kernel';
import { UndercroftError } from '@undercroft/kernel';
import { AppendFile } from './append-file.ts';
import { ByteSource, FormatError } from './bytes.ts';
import { Catalog } from './catalog.ts';
import { ColumnCodec } from './codec.ts';
import { GapLog } from './gaps.ts';
import { GroupWriter, indexOf, type Page } from './group.ts';
import { Head, type HeadShape } from './head.ts';
import { PageCache } from './page-cache.ts';
import { ROLLED_COLUMNS, rollPoints, rollSamples } from './rollup.ts';
import { Tier } from './tier.ts';
import { readWal, WalEncoder } from './wal.ts';

/** A batch may come this late: the agent keeps 120 s. */
export const GRACE_S = 130;
export const SYNC_EVERY_S = 10;
/** Batches of a time further ahead than this are refused: their clock is wrong. */
export const MAX_AHEAD_S = 300;
/** Heads of one second that may be open; one more seals the oldest. */
const MAX_HEADS = 4;
/** A head is sealed when nothing came for so long. */
const QUIET_S = 30;
/** How often the charts of a layout are noted as alive. */
const SEEN_EVERY_S = 10;
/** Layouts that are remembered. */
const MAX_LAYOUTS = 256;
const CACHE_BYTES = 12 * 1024 * 1024;

export const SHAPES: readonly HeadShape[] = [
  { stepS: 1, points: 300, columns: 1 },
  { stepS: 60, points: 60, columns: ROLLED_COLUMNS },
  { stepS: 3600, points: 24, columns: ROLLED_COLUMNS },
];
/** Half a day, ten days, a year: what is deleted at once. */
const GROUPS_PER_FILE = [144, 240, 365];

export interface Retention {
  readonly days: number;
  readonly maxBytes: number;
}

export interface StoreOptions {
  readonly folder: string;
  readonly log: Log;
  readonly nowS: () => number;
  /** Of the second, the minute and the hour. */
  readonly retention: readonly [Retention, Retention, Retention];
}

/** Numbers of a batch's values, kept by layout. */
interface Layout {
  readonly key: number;
  readonly charts: readonly Chart[];
  readonly ids: Uint32Array;
  /** When the catalog was last told that these charts live. */
  seenS: number;
  /** Places in the batch of the numbers; shorter than the batch if series were refused. */
  readonly places: Int32Array | undefined;
}

interface HostState {
  lastS: number;
  /** Layout of the batch before. */
  layout: number;
}

interface OpenHead {
  readonly head: Head;
  readonly wal: { readonly file: Promise<AppendFile | undefined>; readonly encoder: WalEncoder };
  touchedS: number;
}

export class MetricsStore {
  readonly tiers: readonly Tier[];
  readonly catalog: Catalog;
  readonly gaps: GapLog;
  /** Batches refused because of their time. */
  refusedBatches = 0;
  /** Samples taken since the store was opened. */
  samples = 0;
  readonly openedS: number;
  readonly #options: StoreOptions;
  readonly #cache: PageCache;
  readonly #codec = new ColumnCodec();
  readonly #open = new Map<number, OpenHead>();
  readonly #sealing = new Set<Head>();
  /** Logs of groups that the disk has not taken yet. */
  readonly #leftLogs: string[] = [];
  /** Heads of the coarser tiers, by tier and start. */
  readonly #rolled: readonly [Map<number, Head>, Map<number, Head>] = [new Map(), new Map()];
  readonly #layouts = new Map<string, Layout>();
  readonly #hosts = new Map<string, HostState>();
  #layoutKeys = 0;
  #logs = 0;
  #chain: Promise<void> = Promise.resolve();
  #lastSyncS = 0;
  #error: Error | undefined;
  #sealedToS = Number.NEGATIVE_INFINITY;

  private constructor(options: StoreOptions, cache: PageCache, tiers: readonly Tier[], catalog: Catalog, gaps: GapLog) {
    this.#options = options;
    this.#cache = cache;
    this.tiers = tiers;
    this.catalog = catalog;
    this.gaps = gaps;
    this.openedS = options.nowS();
  }

  static async open(options: StoreOptions): Promise<MetricsStore> {
    await mkdir(options.folder, { recursive: true });
    const cache = new PageCache(CACHE_BYTES);
    const tiers: Tier[] = [];
    for (const [number, shape] of SHAPES.entries()) {
      const { days, maxBytes } = options.retention[number]!;
      const tier = { ...shape, number, keepS: days * 86_400, maxBytes, groupsPerFile: GROUPS_PER_FILE[number]! };
      tiers.push(await Tier.open(join(options.folder, `tier${number}`), tier, cache));
    }
    const keepS = Math.max(...options.retention.map(({ days }) => days)) * 86_400;
    const catalog = await Catalog.open(join(options.folder, 'catalog.log'), options.nowS() - keepS);
    const gaps = await GapLog.open(join(options.folder, 'gaps.log'), options.nowS() - keepS);
    const store = new MetricsStore(options, cache, tiers, catalog, gaps);
    await store.#recover();
    return store;
  }

  /** What keeps samples from the disk, if something does. */
  get error(): Error | undefined {
    return this.#error ?? this.tiers.find((tier) => tier.error !== undefined)?.error;
  }

  get diskBytes(): number {
    return this.tiers.reduce((sum, tier) => sum + tier.diskBytes, 0);
  }

  get ramBytes(): number {
    let bytes = this.#cache.bytes;
    for (const { head } of this.#open.values()) bytes += head.bytes;
    for (const head of this.#sealing) bytes += head.bytes;
    for (const heads of this.#rolled) for (const head of heads.values()) bytes += head.bytes;
    for (const tier of this.tiers) bytes += tier.pendingBytes;
    return bytes;
  }

  get oldestS(): number | undefined {
    const starts = [...this.tiers.map((tier) => tier.oldestS), ...this.#open.keys()].filter((s) => s !== undefined);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  /** What was measured is rolled up to here; what is later has only seconds. */
  get rolledToS(): number {
    return this.#sealedToS;
  }

  /**
   * Takes one second of one host. Resolves when it is written ahead: then a kill does not lose it.
   * @param taken called as soon as it can be read @throws UndercroftError `metrics.layout-unknown` if the layout's charts have to be sent along,
   *   `metrics.time` if the time cannot be
   */
  async write(batch: SampleBatch, taken?: (charts: readonly Chart[]) => void): Promise<void> {
    const second = Math.round(batch.timeUs / 1_000_000);
    const nowS = this.#options.nowS();
    if (!(second > 0) || second > nowS + MAX_AHEAD_S) {
      this.refusedBatches++;
      throw new UndercroftError(
        'metrics.time',
        `A batch of ${batch.host} is of ${second}, which is more than ${MAX_AHEAD_S} s ahead of ${nowS}.`,
        { status: 400, fix: 'Set the clock of that host (chrony, systemd-timesyncd).' },
      );
    }
    const layout = await this.#layout(batch, second);
    this.#noteGap(batch, second);
    if (Math.abs(second - layout.seenS) >= SEEN_EVERY_S) {
      layout.seenS = second;
      this.catalog.seen(batch.host, layout.charts, second);
    }
    let { values } = batch;
    if (layout.places !== undefined) values = Float64Array.from(layout.places, (place) => batch.values[place]!);
    const spanS = SHAPES[0]!.points;
    const open = this.#head(second - (second % spanS));
    const slot = second % spanS;
    open.head.writeRow(layout.ids, slot, values);
    this.samples += layout.ids.length;
    const written = this.#writeAhead(open, layout, slot, values);
    taken?.(layout.charts);
    await written;
  }

  /** Charts of the layout that a batch belongs to. */
  chartsOf(batch: SampleBatch): readonly Chart[] | undefined {
    return this.#layouts.get(layoutKey(batch))?.charts;
  }

  /**
   * Seals what can be sealed, syncs, deletes what is too old. Called each second; work in the background of an earlier
   * call goes on.
   */
  async tend(): Promise<void> {
    const nowS = this.#options.nowS();
    for (const [startS, { head, touchedS }] of this.#open) {
      // A host whose clock is behind writes to an old head for long: it is sealed when it is left alone.
      if (nowS >= head.endS + GRACE_S && Math.abs(nowS - touchedS) >= QUIET_S) this.#seal(startS);
    }
    this.#enqueue(() => this.#sealRolled(nowS));
    if (nowS - this.#lastSyncS >= SYNC_EVERY_S || nowS < this.#lastSyncS) {
      this.#lastSyncS = nowS;
      this.#enqueue(() => this.#sync(nowS));
    }
    await this.#chain;
  }

  /**
   * Copies the store into `target` while it runs: files only grow, and what grew after it was copied is a torn end,
   * which a reader skips.
   */
  async backup(target: string): Promise<void> {
    await this.#sync(this.#options.nowS());
    await cp(this.#options.folder, target, { recursive: true });
  }

  /** Writes all out. Open heads stay in their logs: the next start reads them back and goes on with them. */
  async close(): Promise<void> {
    await this.#chain;
    for (const { wal } of this.#open.values()) {
      const file = await wal.file;
      await file?.sync().catch((error: Error) => this.#failed(error));
      await file?.close();
    }
    for (const tier of this.tiers) await tier.close();
    await this.catalog.close();
    await this.gaps.close();
  }

  /**
   * Decodes one series of one group of a tier into columns.
   * @returns false if nothing is there; a promise if it has to be read from the disk
   */
  readGroup(tier: number, startS: number, id: number, out: readonly Float64Array[]): boolean | Promise<boolean> {
    const page = this.tiers[tier]!.page(startS, id);
    if (page instanceof Promise) return page.then((read) => this.#decode(read, id, out));
    return this.#decode(page, id, out);
  }

  /** Starts of groups and heads of a tier that meet `[fromS, toS)`, rising. */
  starts(tier: number, fromS: number, toS: number): number[] {
    const { stepS, points } = SHAPES[tier]!;
    const spanS = stepS * points;
    const starts = new Set(this.tiers[tier]!.startsBetween(fromS, toS));
    for (const head of this.#heads(tier)) {
      if (head.startS < toS && head.startS + spanS > fromS) starts.add(head.startS);
    }
    return [...starts].sort((a, b) => a - b);
  }

  /** Lays what heads in memory have of a series over the columns. @returns whether they had anything */
  overlay(tier: number, startS: number, id: number, out: readonly Float64Array[]): boolean {
    let found = false;
    for (const head of this.#heads(tier)) {
      if (head.startS !== startS || head.peek(id, 0) === undefined) continue;
      for (let column = 0; column < out.length; column++) {
        const source = head.peek(id, column)!;
        const target = out[column]!;
        for (let i = 0; i < source.length; i++) {
          const value = source[i]!;
          if (!Number.isNaN(value)) {
            target[i] = value;
            found = true;
          }
        }
      }
    }
    return found;
  }

  *#heads(tier: number): Generator<Head> {
    if (tier === 0) {
      yield* this.#sealing;
      for (const { head } of this.#open.values()) yield head;
    } else yield* this.#rolled[tier - 1]!.values();
  }

  #decode(page: Page | undefined, id: number, out: readonly Float64Array[]): boolean {
    if (page === undefined) return false;
    const index = indexOf(page.ids, id);
    if (index < 0) return false;
    const source = new ByteSource(page.bytes, page.offsets[index]!);
    for (const column of out) this.#codec.decode(source, column);
    return true;
  }

  async #layout(batch: SampleBatch, second: number): Promise<Layout> {
    const key = layoutKey(batch);
    const known = this.#layouts.get(key);
    if (batch.charts === undefined) {
      if (known === undefined) {
        throw new UndercroftError(
          'metrics.layout-unknown',
          `Layout ${batch.layout} of ${batch.host} is not known here: send its charts along.`,
          { status: 409 },
        );
      }
      this.#checkLength(batch, known.charts);
      return known;
    }
    this.#checkLength(batch, batch.charts);
    const before = this.catalog.series;
    const numbers = batch.charts.flatMap((chart) => this.catalog.define({ ...chart, host: batch.host }, second));
    const places = numbers.flatMap((number, place) => (number < 0 ? [] : [place]));
    const layout: Layout = {
      key: ++this.#layoutKeys,
      charts: batch.charts,
      seenS: second,
      ids: Uint32Array.from(places, (place) => numbers[place]!),
      places: places.length === numbers.length ? undefined : Int32Array.from(places),
    };
    this.#layouts.delete(key);
    this.#layouts.set(key, layout);
    if (this.#layouts.size > MAX_LAYOUTS) this.#layouts.delete(this.#layouts.keys().next().value!);
    // A number must never be given to two series: it is on the disk before a sample that uses it.
    if (this.catalog.series !== before) await this.catalog.sync().catch((error: Error) => this.#failed(error));
    else await this.catalog.flush();
    return layout;
  }

  #checkLength(batch: SampleBatch, charts: readonly Chart[]): void {
    const expected = charts.reduce((sum, chart) => sum + chart.dimensions.length, 0);
    if (batch.values.length === expected) return;
    throw new UndercroftError(
      'metrics.layout-length',
      `A batch of ${batch.host} has ${batch.values.length} values, its layout ${expected}.`,
      { status: 400 },
    );
  }

  #noteGap(batch: SampleBatch, second: number): void {
    const state = this.#hosts.get(batch.host);
    if (state === undefined) {
      this.#hosts.set(batch.host, { lastS: second, layout: batch.layout });
      const last = this.gaps.lastSeen(batch.host);
      if (last !== undefined && second > last + 1) {
        this.gaps.add(batch.host, last + 1, second, 'Undercroft was not running');
      }
    } else {
      const missed = second - state.lastS - 1;
      const everyS = this.#everyS(batch);
      // A random first layout number tells a new run of the agent from a layout that changed by one.
      const restarted = Math.abs(batch.layout - state.layout) > 1000;
      if (missed >= everyS) {
        const reason = restarted ? 'agent restarted' : missed < 60 ? 'agent was late' : 'no samples from the agent';
        this.gaps.add(batch.host, state.lastS + 1, second, reason);
      } else if (second < state.lastS - GRACE_S) {
        this.gaps.add(batch.host, second, second + 1, 'the clock was set back');
      }
      state.lastS = second < state.lastS - GRACE_S ? second : Math.max(state.lastS, second);
      state.layout = batch.layout;
    }
    this.gaps.seen(batch.host, second);
  }

  #everyS(batch: SampleBatch): number {
    const charts = batch.charts ?? this.chartsOf(batch) ?? [];
    return charts.reduce((least, { updateEveryS }) => Math.min(least, updateEveryS), 3600);
  }

  #head(startS: number): OpenHead {
    let open = this.#open.get(startS);
    if (open === undefined) {
      if (this.#open.size >= MAX_HEADS) {
        const [oldest] = [...this.#open].sort(([, a], [, b]) => a.touchedS - b.touchedS)[0]!;
        this.#seal(oldest);
      }
      open = {
        head: new Head(startS, SHAPES[0]!),
        wal: { file: this.#openWal(startS), encoder: new WalEncoder() },
        touchedS: 0,
      };
      this.#open.set(startS, open);
    }
    open.touchedS = this.#options.nowS();
    return open;
  }

  async #openWal(startS: number): Promise<AppendFile | undefined> {
    const name = `wal-${String(startS).padStart(12, '0')}-${this.openedS}-${++this.#logs}.log`;
    try {
      return await AppendFile.open(join(this.#options.folder, name));
    } catch (error) {
      this.#failed(error as Error);
      return undefined;
    }
  }

  async #writeAhead({ wal }: OpenHead, layout: Layout, slot: number, values: Float64Array): Promise<void> {
    const record = wal.encoder.encode(layout.key, layout.ids, slot, values);
    const file = await wal.file;
    if (file === undefined) return;
    if (!file.append(record)) {
      this.#failed(new Error('the write-ahead log takes nothing'));
      return;
    }
    await file.flush();
    if (file.error !== undefined) this.#failed(file.error);
    else this.#error = undefined;
  }

  #failed(error: Error): void {
    if (this.#error === undefined) this.#options.log.error({ error: error.message }, 'metrics cannot be written');
    this.#error = error;
  }

  #enqueue(work: () => Promise<void>): void {
    this.#chain = this.#chain.then(work).catch((error: Error) => this.#failed(error));
  }

  /** Takes a head out of writing and queues its sealing. */
  #seal(startS: number): void {
    const open = this.#open.get(startS);
    if (open === undefined) return;
    this.#open.delete(startS);
    this.#sealing.add(open.head);
    this.#enqueue(() => this.#sealHead(open));
  }

  async #sealHead({ head, wal }: OpenHead): Promise<void> {
    const tier = this.tiers[0]!;
    if (tier.has(head.startS)) await this.#merge(0, head);
    const writer = new GroupWriter({ startS: head.startS, ...SHAPES[0]! }, this.#codec);
    for (const slab of head.slabs()) {
      const ids = head.filled(slab);
      writer.page(ids, (index) => head.column(ids[index]!, 0));
      this.#rollUp(head, ids);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#sealedToS = Math.max(this.#sealedToS, head.endS);
    const log = await wal.file;
    await log?.close();
    // Until the group is on the disk, the log is all there is.
    if (log !== undefined) this.#leftLogs.push(log.path);
    try {
      if (!writer.empty) await tier.store(writer.finish());
      await this.#dropLogs();
    } finally {
      this.#sealing.delete(head);
    }
  }

  async #dropLogs(): Promise<void> {
    if (this.tiers[0]!.pendingBytes > 0) return;
    for (const path of this.#leftLogs.splice(0)) await unlink(path);
  }

  /** Fills a head with what an earlier group of the same span has, where the head has nothing. */
  async #merge(number: number, head: Head): Promise<void> {
    const { points, columns } = SHAPES[number]!;
    const scratch = Array.from({ length: columns }, () => new Float64Array(points));
    for await (const page of this.tiers[number]!.pages(head.startS)) {
      for (const id of page.ids) {
        try {
          if (!this.#decode(page, id, scratch)) continue;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          continue;
        }
        for (let column = 0; column < columns; column++) {
          const target = head.column(id, column);
          for (let i = 0; i < points; i++) if (Number.isNaN(target[i])) target[i] = scratch[column]![i]!;
        }
      }
    }
  }

  #rollUp(head: Head, ids: readonly number[]): void {
    const { stepS, points } = SHAPES[1]!;
    const spanS = stepS * points;
    const startS = head.startS - (head.startS % spanS);
    const target = this.#rolledHead(0, startS, SHAPES[1]!);
    const first = (head.startS - startS) / stepS;
    for (const id of ids) {
      const columns = Array.from({ length: ROLLED_COLUMNS }, (_, column) => target.column(id, column));
      rollSamples(head.column(id, 0), stepS, columns, first);
    }
  }

  #rolledHead(index: 0 | 1, startS: number, shape: HeadShape): Head {
    const heads = this.#rolled[index];
    let head = heads.get(startS);
    if (head === undefined) {
      head = new Head(startS, shape);
      heads.set(startS, head);
    }
    return head;
  }

  /** Seals hours and days that are over and whose parts are all sealed. */
  async #sealRolled(nowS: number): Promise<void> {
    for (const [startS, head] of this.#rolled[0]) {
      const sealing = [...this.#sealing].map((one) => one.startS);
      const waiting = [...this.#open.keys(), ...sealing].some((at) => at >= startS && at < head.endS);
      if (waiting || nowS < head.endS + GRACE_S) continue;
      await this.#sealRolledHead(1, head);
      this.#rolled[0].delete(startS);
    }
    for (const [startS, head] of this.#rolled[1]) {
      const waiting = [...this.#rolled[0].keys()].some((at) => at >= startS && at < head.endS);
      if (waiting || nowS < head.endS + 3600 + 2 * GRACE_S) continue;
      await this.#sealRolledHead(2, head);
      this.#rolled[1].delete(startS);
    }
  }

  async #sealRolledHead(number: 1 | 2, head: Head): Promise<void> {
    const tier = this.tiers[number]!;
    if (tier.has(head.startS)) await this.#merge(number, head);
    const writer = new GroupWriter({ startS: head.startS, ...SHAPES[number]! }, this.#codec);
    for (const slab of head.slabs()) {
      const ids = head.filled(slab);
      writer.page(ids, (index, column) => head.column(ids[index]!, column));
      if (number === 1) this.#rollHour(head, ids);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!writer.empty) await tier.store(writer.finish());
  }

  #rollHour(head: Head, ids: readonly number[]): void {
    const { stepS, points } = SHAPES[2]!;
    const spanS = stepS * points;
    const startS = head.startS - (head.startS % spanS);
    const target = this.#rolledHead(1, startS, SHAPES[2]!);
    const at = (head.startS - startS) / stepS;
    for (const id of ids) {
      const source = Array.from({ length: ROLLED_COLUMNS }, (_, column) => head.column(id, column));
      const columns = Array.from({ length: ROLLED_COLUMNS }, (_, column) => target.column(id, column));
      rollPoints(source, columns, at);
    }
  }

  async #sync(nowS: number): Promise<void> {
    await this.catalog.sync();
    for (const { wal } of this.#open.values()) await (await wal.file)?.sync();
    for (const tier of this.tiers) {
      await tier.flush();
      await tier.retain(nowS);
    }
    await this.#dropLogs();
    await this.gaps.sync();
  }

  /** Reads write-ahead logs back, and rolls up what was sealed but not yet rolled. */
  async #recover(): Promise<void> {
    await this.#rebuildRolled();
    const { folder } = this.#options;
    const names = (await readdir(folder)).filter((name) => /^wal-\d+-.*\.log$/.test(name)).sort();
    const known = new Set(this.#knownSeries());
    const points = SHAPES[0]!.points;
    let lastS = 0;
    for (const name of names) {
      const startS = Number(/^wal-(\d+)-/.exec(name)![1]);
      const path = join(folder, name);
      const bytes = await readFile(path);
      const head = this.#open.get(startS)?.head ?? new Head(startS, SHAPES[0]!);
      const { rows, tornBytes } = readWal(bytes, (ids, slot, values) => {
        if (slot < points && ids.every((id) => known.has(id))) head.writeRow(ids, slot, values);
      });
      if (tornBytes > 0) this.#options.log.warn({ path, tornBytes }, 'a torn end of a metrics log was skipped');
      lastS = Math.max(lastS, startS + head.lastSlot);
      if (rows === 0) await unlink(path);
      else await this.#adopt(startS, head, path, bytes.length - tornBytes);
    }
    this.gaps.recovered(lastS);
    for (const [startS, { head }] of this.#open) {
      if (this.#options.nowS() >= head.endS + GRACE_S) this.#seal(startS);
    }
    await this.#chain;
  }

  /** An old log becomes the log of its head again: what comes goes behind what is there. */
  async #adopt(startS: number, head: Head, path: string, endOffset: number): Promise<void> {
    if (this.#open.has(startS)) {
      // A second log of one span (the clock was set back): both go when the span is sealed.
      this.#leftLogs.push(path);
      return;
    }
    const wal = { file: AppendFile.open(path, endOffset), encoder: new WalEncoder() };
    this.#open.set(startS, { head, wal, touchedS: this.#options.nowS() });
  }

  #knownSeries(): number[] {
    const ids: number[] = [];
    for (const host of this.catalog.hosts()) {
      for (const { dimensions } of this.catalog.charts(host).values()) {
        for (const { series } of dimensions.values()) ids.push(series);
      }
    }
    return ids;
  }

  async #rebuildRolled(): Promise<void> {
    const [seconds, minutes, hours] = this.tiers as [Tier, Tier, Tier];
    const lastHour = minutes.starts.at(-1);
    const lastDay = hours.starts.at(-1);
    const fromS = lastHour === undefined ? 0 : lastHour + minutes.spanS;
    for (const startS of seconds.starts) {
      this.#sealedToS = Math.max(this.#sealedToS, startS + seconds.spanS);
      if (startS < fromS) continue;
      const head = new Head(startS, SHAPES[0]!);
      await this.#merge(0, head);
      for (const slab of head.slabs()) this.#rollUp(head, head.filled(slab));
    }
    for (const startS of minutes.starts) {
      if (lastDay !== undefined && startS < lastDay + hours.spanS) continue;
      const head = new Head(startS, SHAPES[1]!);
      await this.#merge(1, head);
      for (const slab of head.slabs()) this.#rollHour(head, head.filled(slab));
    }
  }
}

function layoutKey({ host, layout }: SampleBatch): string {
  return `${layout} ${host}`;
}
