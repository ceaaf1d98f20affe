/** Protocols over TCP, told by the first bytes of both sides. */
import { readDns } from '../dns/message.ts';
import { isHttp2Preface, isHttpRequest, isHttpResponse } from '../http/message.ts';
import { be16, spells } from '../reader.ts';
import { isTlsRecord } from '../tls/handshake.ts';
import { recogniseDatabase } from './database.ts';
import { recogniseIndustry } from './industry.ts';
import { recogniseRemote } from './remote.ts';
import { hasPort, type Speech, type StreamRecogniser } from './speech.ts';
import { recogniseCall, recogniseText } from './text.ts';

/** What is certain comes before what is likely. */
const RECOGNISERS: readonly StreamRecogniser[] = [
  recogniseWeb,
  recogniseDns,
  recogniseDatabase,
  recogniseRemote,
  recogniseIndustry,
  ({ source, destination }) => recogniseCall(source) ?? recogniseCall(destination),
  recogniseText,
];

/** @returns null while nothing is certain */
export function recogniseStream(speech: Speech): string | null {
  if (speech.source.length === 0 && speech.destination.length === 0) return null;
  for (const recognise of RECOGNISERS) {
    const name = recognise(speech);
    if (name !== null) return name;
  }
  return null;
}

function recogniseWeb({ source, destination }: Speech): string | null {
  if (isTlsHello(source) || isTlsHello(destination)) return 'tls';
  if (spells(source, 0, 'SSH-') || spells(destination, 0, 'SSH-')) return 'ssh';
  if (isHttp2Preface(source)) return 'http2';
  if (isHttpRequest(source) || isHttpResponse(destination)) return recogniseCall(source) ?? 'http';
  // Picked up in its midst.
  return isHttpRequest(destination) || isHttpResponse(source) ? (recogniseCall(destination) ?? 'http') : null;
}

/** A handshake record with a hello in it; or, picked up in its midst, any record; or a hello of version 2. */
function isTlsHello(bytes: Uint8Array): boolean {
  if (bytes.length >= 6 && isTlsRecord(bytes)) return bytes[0] !== 22 || (bytes[5] as number) <= 24;
  const isOld = bytes.length >= 11 && ((bytes[0] as number) & 0x80) !== 0 && bytes[2] === 1 && bytes[3] === 3;
  return isOld && (bytes[4] as number) <= 3 && be16(bytes, 5) % 3 === 0 && be16(bytes, 5) > 0;
}

function recogniseDns(speech: Speech): string | null {
  if (!hasPort(speech, 53)) return null;
  const bytes = speech.source.length > 0 ? speech.source : speech.destination;
  if (bytes.length < 14 || be16(bytes, 0) < 12) return null;
  return readDns(bytes.subarray(2, 2 + be16(bytes, 0))) === null ? null : 'dns';
}
