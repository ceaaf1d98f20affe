/** What flows add to the platform: the wire in the sensor; the archive, the questions and the detectors in the server. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';
import { FLOW_CLASS } from './archive/class.ts';
import { TRANSACTION_CLASSES } from './archive/classes-of-transactions.ts';
import { CollectConfig, ExportConfig, LogsConfig, ServeConfig } from './collect/config.ts';
import { DETECTOR_NAMES } from './detect/names.ts';

export const FlowConfig = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Watch the wire and keep flow records.' }),
    interfaces: Type.Array(Type.String({ minLength: 1, maxLength: 15 }), {
      default: [],
      maxItems: 32,
      description: 'Interfaces to listen on; all that are up, without loopback, if none is named.',
    }),
    filter: Type.String({
      default: '',
      maxLength: 4096,
      description: 'Only packets that this expression accepts are seen (as tcpdump writes it).',
    }),
    promiscuous: Type.Boolean({
      default: false,
      description: 'Take packets that are not for this machine too: for a mirror port.',
    }),
    intervalS: Type.Number({
      default: 5,
      minimum: 0.1,
      maximum: 3600,
      description: 'A flow that lives on is reported each so many seconds.',
    }),
    maxFlows: Type.Integer({
      default: 200_000,
      minimum: 1_000,
      maximum: 5_000_000,
      description: 'Flows remembered at once; a flood pushes out its own first. About 400 bytes each.',
    }),
    ringMiB: Type.Integer({
      default: 16,
      minimum: 1,
      maximum: 1024,
      description: 'Memory that the kernel fills with packets while they wait, by interface.',
    }),
    inspect: Type.Boolean({
      default: true,
      description: 'Look into the first bytes of each flow: its protocol, names, certificates, and its process here.',
    }),
    places: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      default: [],
      maxItems: 8,
      description: 'MMDB files with countries or networks of addresses, as MaxMind and others give them.',
    }),
    workers: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 16,
      description: 'Threads that share the packets of each interface, both directions of a flow in one.',
    }),
    localNetworks: Type.Array(Type.String({ maxLength: 43 }), {
      default: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
      maxItems: 256,
      description: 'What is inside: what leaves it may be exfiltration, what moves in it lateral movement.',
    }),
    detectorsOff: Type.Array(Type.Union(DETECTOR_NAMES.map((name) => Type.Literal(name))), {
      default: [],
      maxItems: DETECTOR_NAMES.length,
      description: `Detectors that are switched off: ${DETECTOR_NAMES.join(', ')}.`,
    }),
    collect: CollectConfig,
    serve: ServeConfig,
    export: ExportConfig,
    logs: LogsConfig,
    packets: Type.Object(
      {
        enabled: Type.Boolean({
          default: false,
          description: 'Keep the packets themselves for a while, to look into.',
        }),
        maxMiB: Type.Integer({
          default: 1024,
          minimum: 16,
          maximum: 10_000_000,
          description: 'Disk for packets; the oldest go first.',
        }),
        bytesPerPacket: Type.Integer({
          default: 65_535,
          minimum: 64,
          maximum: 65_535,
          description: 'Bytes kept of each.',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false, default: {} },
);
export type FlowConfig = Static<typeof FlowConfig>;

export const flowModule = defineModule({
  name: 'flow',
  summary: 'Who talks to whom, how often and how well: every flow, archived',
  config: FlowConfig,
  events: [FLOW_CLASS, ...TRANSACTION_CLASSES],
  permissions: {
    flows: 'Ask about flows.',
    'flows/+': 'Ask about flows in one way: top, timeline, first-contacts, live, sensors, exporters.',
    'flows/packets': 'Read packets themselves, payload included.',
  },
  commands: [
    {
      name: 'flow',
      summary: "flows, live and archived; argus and ra's family under their own names",
      load: () => import('./cli.ts'),
    },
  ],
  capabilities: [
    { role: 'sensor', capability: 'CAP_NET_RAW' },
    // For the priority of the thread that reads the wire: what waits too long is lost.
    { role: 'sensor', capability: 'CAP_SYS_NICE' },
  ],
  roles: {
    server: {
      requires: ['store', 'http', 'events', 'events.query', 'inventory', 'alerts', 'coverage', 'packets.fetch'],
      provides: ['flows.write', 'flows.query'],
      load: () => import('./server.ts'),
    },
    sensor: {
      requires: ['flows.write', 'coverage'],
      provides: ['packets.fetch'],
      load: () => import('./sensor.ts'),
    },
  },
});
