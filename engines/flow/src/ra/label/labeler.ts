/** ralabel.conf: which labels records get, in the order in which ralabel puts them. */

import { isYes, parseConfig } from '../../argus/command/config-file.ts';
import * as layout from '../../record/layout.ts';
import type { FlowRecord } from '../../record/record.ts';
import type { Predicate } from '../filter/compile.ts';
import { ClientError } from '../options/settings.ts';
import { addLabel } from '../record/label.ts';
import { writeIpv4, writeIpv6 } from '../text/address.ts';
import { Cell } from '../text/cell.ts';
import { readAddressFile, readDelegations, readLines } from './address-file.ts';
import { type FlowRule, flowLabels, readFlowFile } from './flows.ts';
import type { Networks } from './networks.ts';
import { type CityRule, cityRule, PlaceBase } from './places.ts';
import { type PortNames, portName, readPortFile } from './ports.ts';

/** Countries of addresses that no list has. */
const NOWHERE = 'ZZ';

export interface LabelSources {
  readonly networks: Networks<string> | null;
  readonly countries: Networks<string> | null;
  readonly ports: PortNames | null;
  readonly flows: readonly FlowRule[];
  readonly asNumbers: PlaceBase | null;
  readonly cities: { readonly base: PlaceBase; readonly rule: CityRule } | null;
  /** Keys that ask for what is not done here. */
  readonly ignored: readonly string[];
}

/** @throws ClientError */
export async function labelSources(path: string, compile: (text: string) => Promise<Predicate>): Promise<LabelSources> {
  const lines = parseConfig(readLines(path).join('\n'));
  const value = (key: string): string => lines.filter((line) => line.key === key).at(-1)?.value ?? '';
  const file = (key: string, fileKey = `${key}_FILE`): string | null => {
    if (!isYes(value(key)) && !(key === 'RALABEL_GEOIP_CITY' && value(key) !== '')) return null;
    if (value(fileKey) === '') throw new ClientError(`${path}: ${key} wants ${fileKey}`);
    return value(fileKey);
  };
  const opened = <T>(name: string | null, open: (name: string) => T): T | null => (name === null ? null : open(name));
  const flowFile = file('RALABEL_ARGUS_FLOW');
  const city = file('RALABEL_GEOIP_CITY');
  return {
    networks: opened(file('RALABEL_IANA_ADDRESS'), readAddressFile),
    countries: opened(file('RALABEL_ARIN_COUNTRY_CODES', 'RA_DELEGATED_IP'), readDelegations),
    ports: opened(file('RALABEL_IANA_PORT'), readPortFile),
    flows: flowFile === null ? [] : await readFlowFile(flowFile, compile),
    asNumbers: opened(file('RALABEL_GEOIP_ASN'), (name) => new PlaceBase(name)),
    cities: city === null ? null : { base: new PlaceBase(city), rule: cityRule(value('RALABEL_GEOIP_CITY')) },
    ignored: /^(?:|no|none)$/i.test(value('RALABEL_BIND_NAME')) ? [] : ['RALABEL_BIND_NAME'],
  };
}

interface End {
  /** Names of the field and of the labels. */
  readonly name: 'saddr' | 'daddr' | 'inode';
  readonly city: string;
  readonly bytes: Uint8Array;
}

export class Labeler {
  readonly #sources: LabelSources;
  readonly #cell = new Cell();

  constructor(sources: LabelSources) {
    this.#sources = sources;
  }

  apply(record: FlowRecord): void {
    const kind = record.get(layout.KIND);
    if (kind === layout.KIND_MANAGEMENT || kind === layout.KIND_EVENT) return;
    const { networks, countries, ports, flows, asNumbers, cities } = this.#sources;
    const ends = endsOf(record);
    const labels: string[] = [];
    if (networks !== null)
      for (const end of ends) if (end.name !== 'inode') labels.push(...networkLabel(networks, end));
    if (ports !== null) labels.push(...portLabels(ports, record));
    if (flows.length > 0) labels.push(...flowLabels(flows, record).map((label) => `flow=${label}`));
    if (cities !== null) {
      for (const end of ends.filter(({ name }) => cities.rule.ends.includes(name))) {
        const city = cities.base.city(this.#text(end), cities.rule.fields);
        if (city !== '') labels.push(`${end.city}=${city}`);
      }
    }
    if (countries !== null) setCountries(record, ends, countries);
    if (asNumbers !== null) this.#setAsNumbers(record, ends, asNumbers);
    if (labels.length > 0) addLabel(record, labels.join(':'));
  }

  #text({ bytes }: End): string {
    this.#cell.start(0);
    if (bytes.length === 4) writeIpv4(this.#cell, bytes, 0);
    else writeIpv6(this.#cell, bytes, 0);
    return this.#cell.toString();
  }

  #setAsNumbers(record: FlowRecord, ends: readonly End[], base: PlaceBase): void {
    const words = { saddr: layout.SOURCE_ASN, daddr: layout.DESTINATION_ASN, inode: layout.INTERMEDIATE_ASN };
    for (const end of ends) {
      const number = base.asNumber(this.#text(end));
      if (number === 0) continue;
      if (!record.has(layout.HAS_ASN)) {
        for (const word of Object.values(words)) record.set(word, 0);
        record.set(layout.HAS, (record.get(layout.HAS) | layout.HAS_ASN) >>> 0);
      }
      record.set(words[end.name], number);
    }
  }
}

/** Addresses of an IP flow, and of who spoke of it by ICMP. */
function endsOf(record: FlowRecord): End[] {
  const type = record.get(layout.FLOW_TYPE);
  if (!record.has(layout.HAS_FLOW) || (type !== layout.FLOW_IPV4 && type !== layout.FLOW_IPV6)) return [];
  const size = type === layout.FLOW_IPV4 ? 4 : 16;
  const bytesAt = (word: number, count: number): Uint8Array => {
    const at = (record.base + word) * 4;
    return record.bytes.subarray(at, at + count);
  };
  const ends: End[] = [
    { name: 'saddr', city: 'scity', bytes: bytesAt(layout.SOURCE_ADDRESS, size) },
    { name: 'daddr', city: 'dcity', bytes: bytesAt(layout.DESTINATION_ADDRESS, size) },
  ];
  if (record.has(layout.HAS_ICMP))
    ends.push({ name: 'inode', city: 'icity', bytes: bytesAt(layout.ICMP_OUTER_SOURCE, 4) });
  return ends;
}

function networkLabel(networks: Networks<string>, { name, bytes }: End): string[] {
  const found = networks.find(bytes);
  return found.length === 0 ? [] : [`${name}=${found.join(',')}`];
}

function portLabels(names: PortNames, record: FlowRecord): string[] {
  if (!record.has(layout.HAS_FLOW)) return [];
  const protocol = record.get(layout.PROTOCOL);
  const source = portName(names, protocol, record.get(layout.SOURCE_PORT));
  const destination = portName(names, protocol, record.get(layout.DESTINATION_PORT));
  return [
    ...(source === undefined ? [] : [`sport=${source}`]),
    ...(destination === undefined ? [] : [`dport=${destination}`]),
  ];
}

function setCountries(record: FlowRecord, ends: readonly End[], countries: Networks<string>): void {
  const words = { saddr: layout.SOURCE_COUNTRY, daddr: layout.DESTINATION_COUNTRY };
  if (ends.length === 0) return;
  for (const { name, bytes } of ends) {
    if (name === 'inode') continue;
    const country = countries.find(bytes).at(-1) ?? NOWHERE;
    record.set(words[name], country.charCodeAt(0) | (country.charCodeAt(1) << 8));
  }
  record.set(layout.HAS, (record.get(layout.HAS) | layout.HAS_COUNTRY) >>> 0);
}
