/** What is known of a flow besides its record: what was said in it, whose it is on this machine, where its ends are. */

import type { Place } from '../application/geo/places.ts';
import type { FlowFacts } from '../application/inspect/facts.ts';
import type { SocketOwner } from '../application/process/sockets.ts';
import type { NumberBuilder, TextBuilder } from './builders.ts';

export interface FlowAbout {
  readonly facts?: FlowFacts | undefined;
  readonly owner?: SocketOwner | undefined;
  readonly source?: Place | undefined;
  readonly destination?: Place | undefined;
}

/** Builders of columns by their names in the flow class. */
export interface ColumnMaker {
  number(name: string): NumberBuilder;
  text(name: string): TextBuilder;
}

export class AboutColumns {
  readonly #facts;
  readonly #owner;
  readonly #source;
  readonly #destination;

  constructor({ number, text }: ColumnMaker) {
    this.#facts = {
      application: text('app_name'),
      serverName: text('tls.sni'),
      alpn: text('tls.alpn'),
      tlsVersion: text('tls.version'),
      ja3: text('tls.ja3'),
      ja4: text('tls.ja4'),
      hassh: text('ssh.hassh'),
      banner: text('flow.banner'),
      entropyOut: number('flow.entropy_out'),
      entropyIn: number('flow.entropy_in'),
    };
    this.#owner = { name: text('process.name'), pid: number('process.pid'), container: text('container.name') };
    this.#source = { country: text('src_endpoint.country'), asn: number('src_endpoint.asn') };
    this.#destination = { country: text('dst_endpoint.country'), asn: number('dst_endpoint.asn') };
  }

  /** @param isTurned the record's ends have changed places since the facts were found */
  set(row: number, about: FlowAbout, isTurned: boolean): void {
    const { facts, owner, source, destination } = about;
    if (facts !== undefined) this.#setFacts(row, facts, isTurned);
    if (owner !== undefined) {
      this.#owner.name.set(row, owner.name);
      this.#owner.pid.set(row, owner.pid);
      if (owner.container !== null) this.#owner.container.set(row, owner.container);
    }
    setPlace(isTurned ? this.#destination : this.#source, row, source);
    setPlace(isTurned ? this.#source : this.#destination, row, destination);
  }

  #setFacts(row: number, facts: FlowFacts, isTurned: boolean): void {
    const columns = this.#facts;
    setText(columns.application, row, facts.application);
    // Of HTTP it is the host, which stands with the requests.
    if (facts.application !== 'http') setText(columns.serverName, row, facts.serverName);
    setText(columns.alpn, row, facts.alpn);
    setText(columns.tlsVersion, row, facts.tlsVersion);
    setText(columns.ja3, row, facts.ja3);
    setText(columns.ja4, row, facts.ja4);
    setText(columns.hassh, row, facts.hassh);
    setText(columns.banner, row, facts.banner);
    const out = isTurned ? facts.entropyIn : facts.entropyOut;
    const back = isTurned ? facts.entropyOut : facts.entropyIn;
    if (out !== null) columns.entropyOut.set(row, out);
    if (back !== null) columns.entropyIn.set(row, back);
  }
}

function setText(builder: TextBuilder, row: number, value: string | null): void {
  if (value !== null) builder.set(row, value);
}

function setPlace(columns: { country: TextBuilder; asn: NumberBuilder }, row: number, place: Place | undefined): void {
  if (place?.country != null) columns.country.set(row, place.country);
  if (place?.asn != null) columns.asn.set(row, place.asn);
}
