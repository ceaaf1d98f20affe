/** The server's part: names what flows belong to, archives them, answers questions about them. */
import type { Context, Coverage, FlowsWrite, Running } from '@undercroft/kernel';
import { flowRoutes } from './api.ts';
import { HostQuestions } from './archive/host.ts';
import { FlowQuestions } from './archive/questions.ts';
import { ExporterList, exporterRoutes } from './collect/api.ts';
import { Detectors } from './detect/detectors.ts';
import { Archive } from './detect/learn.ts';
import { Networks } from './detect/networks.ts';
import { findingOf, reportChanges } from './detect/report.ts';
import { hostRoutes } from './host-api.ts';
import { AssetNames } from './live/asset-names.ts';
import { Intake } from './live/intake.ts';
import { LiveFlows, WINDOW_S } from './live/live-flows.ts';
import { Sensors } from './live/sensors.ts';
import { TalksTo } from './live/talks-to.ts';
import type { FlowConfig } from './module.ts';

const LIVE_TOPIC = 'flows';
const LIVE_TOP = 100;
const LOOK_MS = 15_000;
const TELL_MS = 3_600_000;
/** Problems of an earlier run that are looked after. */
const MAX_OPEN = 500;
const DETECTORS_FEATURE = 'Flow detectors';

export async function start(context: Context<FlowConfig>): Promise<Running> {
  const { clock, scheduler, config } = context;
  const http = context.service('http');
  const events = context.service('events');
  const names = new AssetNames(context.service('inventory'), clock);
  const questions = new FlowQuestions(context.service('events.query'));
  const live = new LiveFlows();
  const sensors = new Sensors();
  const exporters = new ExporterList();
  const networks = new Networks(config.localNetworks);
  const detectors = new Detectors(config.detectorsOff, { networks });
  const alerts = context.service('alerts');

  const talks = new TalksTo(names);
  const intake = new Intake({
    names,
    events,
    clock,
    see(row) {
      live.add(row);
      detectors.see(row);
      talks.see(row);
    },
    seeQuestion: (question) => detectors.seeQuestion(question),
    leaveOut: (rows) => live.leaveOut(rows),
  });
  const service: FlowsWrite = {
    write: (rows) => intake.write(rows),
    counters: async (counters) => sensors.update(counters, clock.nowUs()),
    exporters: async (all) => exporters.update(all),
  };
  context.provide('flows.write', service);
  context.provide('flows.query', questions);
  const packets = context.service('packets.fetch');
  http.routes(flowRoutes({ questions, live, sensors, packets, clock }));
  http.routes(exporterRoutes(exporters));
  const hosts = new HostQuestions(context.service('events.query'));
  http.routes(hostRoutes({ hosts, packets, clock, localNetworks: config.localNetworks }));
  scheduler.every('flow.live', WINDOW_S * 1000, async () => {
    live.turn();
    if (http.live.followed(LIVE_TOPIC).size > 0)
      http.live.send(LIVE_TOPIC, live.summary(LIVE_TOP, clock.nowUs()), { key: LIVE_TOPIC });
  });
  const cover = lookCoverage(intake, context.service('coverage'));
  scheduler.every('flow.detect', LOOK_MS, () => {
    const nowUs = clock.nowUs();
    cover();
    return reportChanges(detectors.look(nowUs), nowUs, (address) => names.idOf(address), {
      alerts,
      events,
    });
  });
  scheduler.every('flow.talks-to', TELL_MS, () => talks.tell(context.service('inventory'), clock.nowUs()));
  // What takes a while and may wait: meanwhile the detectors know less, as they did on the first day.
  void recall(detectors, context, networks);
  return {};
}

/** What an earlier run of this program knew. */
async function recall(detectors: Detectors, context: Context<FlowConfig>, networks: Networks): Promise<void> {
  const nowUs = context.clock.nowUs();
  try {
    const open = await context.service('alerts').list({ source: 'flow', open: true, limit: MAX_OPEN });
    detectors.reopen(open.items.map(findingOf), nowUs);
    await new Archive(context.service('events.query'), nowUs).teach(detectors, networks);
  } catch (error) {
    context.log.warn({ err: error }, 'the detectors could not learn from the archive and learn anew');
  }
}

/** Says, at each call, whether all that came since the last one was looked at. */
function lookCoverage(intake: Intake, coverage: Pick<Coverage, 'report'>): () => void {
  let before = intake.counts;
  return () => {
    const now = intake.counts;
    const leftOut = now.leftOut - before.leftOut;
    const rows = now.seen - before.seen + leftOut;
    before = now;
    coverage.report(
      leftOut === 0
        ? { feature: DETECTORS_FEATURE, state: 'ok', text: 'every record is looked at' }
        : {
            feature: DETECTORS_FEATURE,
            state: 'warning',
            text: `${leftOut} of the last ${rows} records were archived without a look: more came than there is time for`,
            fix: 'narrow flow.filter to what should be watched',
          },
    );
  };
}
