/** argus' settings as the flow table takes them. */
import * as option from '../../table/options.ts';
import {
  ARGUS_SETTINGS,
  type FlowTableSettings,
  KEYSTROKE_THRESHOLDS,
  LIVE_MAX_FLOWS,
  MAX_USER_DATA_BYTES,
} from '../../table/settings.ts';
import type { MeterOptions } from './meter.ts';
import type { ArgusSettings } from './settings.ts';

/** A field of the table's thresholds for each name in ARGUS_KEYSTROKE_CONF. */
const THRESHOLDS: Readonly<Record<string, keyof typeof KEYSTROKE_THRESHOLDS>> = {
  DC_MIN: 'clientBytesMin',
  DC_MAX: 'clientBytesMax',
  GS_MAX: 'gapPacketsMax',
  DS_MIN: 'serverBytesMin',
  DS_MAX: 'serverBytesMax',
  IC_MIN: 'intervalMinUs',
  GPC_MAX: 'strokePacketsMax',
  ICR_MIN: 'ratioMin',
  ICR_MAX: 'ratioMax',
};

export function tableSettings({ settings, source, live }: MeterOptions): FlowTableSettings {
  return {
    ...ARGUS_SETTINGS,
    intervalUs: settings.flowIntervalUs,
    idleS: settings.idleS,
    generate: generated(settings),
    userDataBytes: Math.min(settings.userDataBytes, MAX_USER_DATA_BYTES),
    key: keyBits(settings),
    maxFlows: live ? LIVE_MAX_FLOWS : 0,
    sourceKind: source.kind,
    sourceId: source.word,
    keystrokes: thresholds(settings),
  };
}

function generated(settings: ArgusSettings): number {
  const { keystrokes } = settings;
  return (
    (settings.appBytes ? option.GENERATE_APP_BYTES : 0) |
    (settings.jitter ? option.GENERATE_JITTER : 0) |
    (settings.packetSizes ? option.GENERATE_PACKET_SIZE : 0) |
    (settings.macs ? option.GENERATE_MAC : 0) |
    (settings.tcpPerformance ? option.GENERATE_TCP_PERFORMANCE : 0) |
    (settings.startRecords ? option.GENERATE_START_RECORDS : 0) |
    (settings.duplicates ? option.GENERATE_DUPLICATES : 0) |
    (settings.controlPlane ? option.GENERATE_CONTROL_DATA : 0) |
    (keystrokes.protocols === 'tcp' ? option.GENERATE_KEYSTROKES_TCP : 0) |
    (keystrokes.protocols === 'ssh' ? option.GENERATE_KEYSTROKES_SSH : 0)
  );
}

function keyBits({ key, tunnels }: ArgusSettings): number {
  return (
    (key.fiveTuple ? option.KEY_FIVE_TUPLE : 0) |
    (key.layer2 ? option.KEY_MATRIX_MAC : 0) |
    (key.layer3 ? option.KEY_MATRIX_IP : 0) |
    (key.mac ? option.KEY_MAC : 0) |
    (key.mpls ? option.KEY_MPLS : 0) |
    (key.vlan ? option.KEY_VLAN : 0) |
    (key.oneWay ? option.KEY_ONE_WAY : 0) |
    (tunnels ? option.KEY_TUNNEL_INNER : 0)
  );
}

function thresholds({ keystrokes }: ArgusSettings): typeof KEYSTROKE_THRESHOLDS {
  const chosen = { ...KEYSTROKE_THRESHOLDS };
  for (const [name, value] of Object.entries(keystrokes.thresholds)) {
    const field = THRESHOLDS[name];
    if (field !== undefined) Object.assign(chosen, { [field]: value });
  }
  return chosen;
}
