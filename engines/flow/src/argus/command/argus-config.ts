/** The keys of argus.conf, one by one. */
import type { ConfigLine } from './config-file.ts';
import { isYes } from './config-file.ts';
import { parseFlowKey } from './flow-key.ts';
import { type ArgusSettings, parseCount, parseSeconds } from './settings.ts';

type Key = (settings: ArgusSettings, line: ConfigLine) => void;

const MAX_USER_DATA_BYTES = 65535;
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Is taken and changes nothing: what it asks for is always so here, or tells of argus' own inside. */
const needless: Key = () => {};

/** Asks for what is not done here: that is told. */
function notDone(why: string): Key {
  return (settings, { key }) => void settings.notDone.set(key, why);
}

function flag(set: (settings: ArgusSettings, on: boolean) => void): Key {
  return (settings, { value }) => set(settings, isYes(value));
}

function seconds(set: (settings: ArgusSettings, seconds: number) => void): Key {
  return (settings, { key, value }) => set(settings, parseSeconds(value, key));
}

const KEYS: Readonly<Record<string, Key>> = {
  ARGUS_MONITOR_ID: (settings, { raw }) => {
    settings.sourceId = raw;
  },
  ARGUS_MONITOR_ID_INCLUDE_INF: needless,
  ARGUS_DAEMON: flag((settings, on) => {
    settings.daemon = on;
  }),
  ARGUS_ACCESS_PORT: (settings, { key, value }) => {
    settings.port = parseCount(value, key, 65535);
  },
  ARGUS_BIND_IP: (settings, { value }) => {
    settings.bindAddresses.push(...value.split(',').map((address) => address.trim()));
  },
  ARGUS_INTERFACE: (settings, { value }) => void settings.interfaces.push(value),
  ARGUS_OUTPUT_FILE: output,
  ARGUS_OUTPUT_STREAM: output,
  ARGUS_SET_PID: flag((settings, on) => {
    settings.setPid = on;
  }),
  ARGUS_PID_PATH: (settings, { value }) => {
    settings.pidPath = value;
  },
  ARGUS_GO_PROMISCUOUS: flag((settings, on) => {
    settings.promiscuous = on;
  }),
  ARGUS_FLOW_TYPE: (settings, { value }) => {
    settings.key.oneWay = /^uni/i.test(value);
  },
  ARGUS_FLOW_KEY: (settings, { value }) => parseFlowKey(value, settings.key),
  ARGUS_FLOW_STATUS_INTERVAL: seconds((settings, value) => {
    settings.flowIntervalUs = Math.round(value * 1e6);
  }),
  ARGUS_MAR_STATUS_INTERVAL: seconds((settings, value) => {
    settings.managementIntervalS = Math.max(1, Math.round(value));
  }),
  ARGUS_IP_TIMEOUT: seconds((settings, value) => {
    settings.idleS.ip = value;
  }),
  ARGUS_TCP_TIMEOUT: seconds((settings, value) => {
    settings.idleS.tcp = value;
  }),
  ARGUS_ICMP_TIMEOUT: seconds((settings, value) => {
    settings.idleS.icmp = value;
  }),
  ARGUS_IGMP_TIMEOUT: seconds((settings, value) => {
    settings.idleS.igmp = value;
  }),
  ARGUS_FRAG_TIMEOUT: seconds((settings, value) => {
    settings.idleS.fragment = value;
  }),
  ARGUS_ARP_TIMEOUT: seconds((settings, value) => {
    settings.idleS.arp = value;
  }),
  ARGUS_OTHER_TIMEOUT: seconds((settings, value) => {
    settings.idleS.other = value;
  }),
  ARGUS_CAPTURE_DATA_LEN: (settings, { key, value }) => {
    settings.userDataBytes = parseCount(value, key, MAX_USER_DATA_BYTES);
  },
  ARGUS_CAPTURE_FULL_CONTROL_DATA: flag((settings, on) => {
    settings.controlPlane = on;
  }),
  ARGUS_CONTROLPLANE_PROTO: notDone('the ports of control protocols are fixed'),
  ARGUS_GENERATE_START_RECORDS: flag((settings, on) => {
    settings.startRecords = on;
  }),
  ARGUS_GENERATE_RESPONSE_TIME_DATA: needless,
  ARGUS_GENERATE_JITTER_DATA: flag((settings, on) => {
    settings.jitter = on;
  }),
  ARGUS_GENERATE_MAC_DATA: flag((settings, on) => {
    settings.macs = on;
  }),
  ARGUS_GENERATE_APPBYTE_METRIC: flag((settings, on) => {
    settings.appBytes = on;
  }),
  ARGUS_GENERATE_TCP_PERF_METRIC: flag((settings, on) => {
    settings.tcpPerformance = on;
  }),
  ARGUS_GENERATE_BIDIRECTIONAL_TIMESTAMPS: (settings, { key, value }) => {
    if (isYes(value)) settings.notDone.set(key, 'records say when they begin and end, not each side');
  },
  ARGUS_GENERATE_PACKET_SIZE: flag((settings, on) => {
    settings.packetSizes = on;
  }),
  ARGUS_TRACK_DUPLICATES: flag((settings, on) => {
    settings.duplicates = on;
  }),
  ARGUS_TUNNEL_DISCOVERY: flag((settings, on) => {
    settings.tunnels = on;
  }),
  ARGUS_KEYSTROKE: (settings, { value }) => {
    const protocols = /^ssh$/i.test(value) ? 'ssh' : /^(?:tcp|yes)$/i.test(value) ? 'tcp' : 'none';
    settings.keystrokes = { ...settings.keystrokes, protocols };
  },
  ARGUS_KEYSTROKE_CONF: (settings, { key, value }) => {
    const thresholds: Record<string, number> = {};
    for (const part of value.split(';').filter((text) => text.trim() !== '')) {
      const [name = '', number = ''] = part.split('=');
      thresholds[name.trim()] = parseSeconds(number.trim(), `${key} ${name}`);
    }
    settings.keystrokes = { ...settings.keystrokes, thresholds };
  },
  ARGUS_FILTER: (settings, { value }) => {
    settings.filter = value;
  },
  ARGUS_PACKET_CAPTURE_FILE: notDone('packets are kept by the packet store'),
  ARGUS_CHROOT_DIR: (settings, { value }) => {
    settings.chroot = value;
  },
  ARGUS_SETUSER_ID: (settings, { value }) => {
    settings.user = value;
  },
  ARGUS_SETGROUP_ID: (settings, { value }) => {
    settings.group = value;
  },
  ARGUS_PCAP_BUF_SIZE: (settings, line) => {
    const match = /^(\d+)\s*([KMG]?)B?$/i.exec(line.value);
    if (match !== null) settings.bufferBytes = Number(match[1]) * (UNITS[(match[2] as string).toUpperCase()] as number);
  },
  ARGUS_COLLECTOR: notDone('give a stream with -w argus-udp://host:port'),
  ARGUS_DEBUG_LEVEL: needless,
  ARGUS_FILTER_OPTIMIZER: needless,
  ARGUS_PACKET_CAPTURE_ON_ERROR: needless,
  ARGUS_MIN_SSF: notDone('SASL is not offered'),
  ARGUS_MAX_SSF: needless,
  ARGUS_ENV: notDone('the environment is set by who starts the program'),
  ARGUS_SELF_SYNCHRONIZE: needless,
  ARGUS_EVENT_DATA: notDone('programs are not run for events'),
  ARGUS_JITTER_HISTOGRAM: notDone('inter-packet times have no histograms'),
  ARGUS_PCAP_DISPATCH_NUM: needless,
  ARGUS_OS_FINGERPRINTING: needless,
  ARGUS_HASHTABLE_SIZE: needless,
  ARGUS_GENERATE_HASH_METRICS: needless,
  ARGUS_INTERFACE_SCAN_INTERVAL: needless,
  ARGUS_LOG_DISPLAY_PRIORITY: needless,
  ARGUS_MAR_INTERFACE_INTERVAL: needless,
  ARGUS_TIMESTAMP_TYPE: needless,
  ARGUS_DEDUDEDUP: needless,
};

function output(settings: ArgusSettings, { value, raw }: ConfigLine): void {
  const withFilter = /^"?([^"\s]+)"?\s+"([^"]*)"$/.exec(raw);
  settings.outputs.push(
    withFilter === null
      ? { target: value, filter: undefined }
      : { target: withFilter[1] as string, filter: withFilter[2] as string },
  );
}

/** @returns keys that argus.conf does not have, with their lines @throws UndercroftError `flow.argus.option` */
export function applyConfig(settings: ArgusSettings, lines: readonly ConfigLine[]): readonly ConfigLine[] {
  const unknown: ConfigLine[] = [];
  for (const line of lines) {
    const key = Object.hasOwn(KEYS, line.key) ? KEYS[line.key] : undefined;
    if (key === undefined) unknown.push(line);
    else if (line.value !== '') key(settings, line);
  }
  return unknown;
}

export const ARGUS_KEYS: readonly string[] = Object.keys(KEYS);
