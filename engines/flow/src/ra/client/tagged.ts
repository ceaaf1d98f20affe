/** Records as XML in ra's attributes, or as JSON objects. */
import type { FlowRecord } from '../../record/record.ts';
import type { Position, Style } from '../fields/field.ts';
import type { Column } from '../fields/table.ts';
import type { Settings } from '../options/settings.ts';
import { Cell } from '../text/cell.ts';
import { ClockText } from '../text/clock.ts';
import { strftime } from '../text/strftime.ts';
import { zoneOf } from '../text/zone.ts';

/** Attribute names where they are not the column's. */
const ATTRIBUTES: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'trans=Trans dur=Duration sport=SrcPort dport=DstPort stos=SrcTos dtos=DstTos sdsb=SrcDSByte ddsb=DstDSByte ' +
    'sttl=SrcTtl dttl=DstTtl bytes=Bytes appbytes=AppBytes sappbytes=SrcAppBytes dappbytes=DstAppBytes pkts=Pkts ' +
    'sbytes=SrcBytes dbytes=DstBytes spkts=SrcPkts dpkts=DstPkts ploss=PctLoss sploss=SrcPctLoss dploss=DstPctLoss ' +
    'srcid=SourceId flgs=Flags smac=SrcMacAddr dmac=DstMacAddr sintpkt=SrcIntPkt dintpkt=DstIntPkt ' +
    'suser=SrcUserData duser=DstUserData seq=SeqNumber tcprtt=TcpRtt rtime=RelativeDate offset=ByteOffset ' +
    'sdur=SrcDuration ddur=DstDuration synack=TcpSynAck ackdat=TcpAckDat senc=SrcEncaps denc=DstEncaps ' +
    'smaxsz=SrcMaxPktSize sminsz=SrcMinPktSize dmaxsz=DstMaxPktSize dminsz=DstMinPktSize sco=SrcCoCode dco=DstCoCode ' +
    'shops=SrcHops dhops=DstHops sas=SrcASNum das=DstASNum smeansz=SrcMeanPktSize dmeansz=DstMeanPktSize ' +
    'tcpopt=TcpOptions pcr=PCR'
  )
    .split(' ')
    .map((pair) => pair.split('=')),
);
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const XML_TIME_FORMAT = '%Y-%m-%dT%H:%M:%S.%f';

export class TaggedWriter {
  readonly #isXml: boolean;
  readonly #columns: readonly Column[];
  readonly #style: Style;
  readonly #zone;
  readonly #cell = new Cell();
  #hasBegun = false;

  constructor(settings: Settings, columns: readonly Column[], style: Style) {
    this.#isXml = settings.xml;
    this.#columns = columns;
    this.#zone = zoneOf(settings.timeZone);
    const clock = new ClockText(XML_TIME_FORMAT, this.#zone, settings.digits, settings.unixTime);
    this.#style = settings.xml ? { ...style, clock } : style;
  }

  record(record: FlowRecord, position: Position): string {
    const values = this.#columns.map(({ field, width }) => {
      this.#cell.start(width);
      field.write(this.#cell, record, this.#style, position);
      return this.#cell.toString();
    });
    const text = this.#isXml ? this.#xml(values) : this.#json(values);
    const head = this.#hasBegun || !this.#isXml ? '' : this.#head();
    this.#hasBegun = true;
    return head + text;
  }

  end(): string {
    return this.#isXml && this.#hasBegun ? '</ArgusDataStream>\n' : '';
  }

  #head(): string {
    const now = strftime('%Y-%m-%dT%H:%M:%S', Math.floor(this.#style.nowS()), this.#zone);
    return `<?xml version ="1.0" encoding="UTF-8"?>
<ArgusDataStream
  xmlns:xsi = "http://www.w3.org/2001/XMLSchema-instance"
  xsi:noNamespaceSchemaLocation = "http://qosient.com/argus/Xml/ArgusRecord.3.0.xsd"
  CurrentDate = "${now}" MajorVersion = "3" MinorVersion = "0">

`;
  }

  #xml(values: readonly string[]): string {
    const attributes = values.map((value, at) => {
      const { field } = this.#columns[at] as Column;
      const escaped = value.replace(/[&<>"']/g, (letter) => ESCAPES[letter] as string);
      return ` ${ATTRIBUTES[field.name] ?? field.header} = "${field.kind === 'flags' ? escaped : escaped.trim()}"`;
    });
    return ` <ArgusFlowRecord ${attributes.join('')}></ArgusFlowRecord>\n`;
  }

  #json(values: readonly string[]): string {
    const members = values.map((value, at) => {
      const text = value.trim();
      const isNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text);
      return `${JSON.stringify((this.#columns[at] as Column).field.name)}:${isNumber ? text : JSON.stringify(text)}`;
    });
    return `{${members.join(',')}}\n`;
  }
}
