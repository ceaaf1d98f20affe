/** What tells flows apart: ARGUS_FLOW_KEY and ARGUS_FLOW_TYPE. */
import { argusError } from '../errors.ts';

export interface ParsedFlowKey {
  fiveTuple: boolean;
  /** Addresses of a layer alone. */
  layer2: boolean;
  layer3: boolean;
  /** Added to the key. */
  mac: boolean;
  mpls: boolean;
  vlan: boolean;
  oneWay: boolean;
}

/** `CLASSIC_5_TUPLE+LAYER_2`, `LAYER_3_MATRIX`, `...+VLAN+MPLS`. @throws UndercroftError `flow.argus.option` */
export function parseFlowKey(text: string, key: ParsedFlowKey): void {
  const parts = text
    .toUpperCase()
    .split('+')
    .map((part) => part.trim());
  key.fiveTuple = parts.includes('CLASSIC_5_TUPLE');
  key.layer3 = parts.includes('LAYER_3_MATRIX');
  key.layer2 = parts.includes('LAYER_2_MATRIX');
  key.mac = parts.includes('LAYER_2');
  key.mpls = parts.includes('MPLS');
  key.vlan = parts.includes('VLAN');
  if (!key.fiveTuple && !key.layer2 && !key.layer3) {
    throw argusError('option', `ARGUS_FLOW_KEY=${text}: CLASSIC_5_TUPLE, LAYER_2_MATRIX or LAYER_3_MATRIX is needed`);
  }
}
