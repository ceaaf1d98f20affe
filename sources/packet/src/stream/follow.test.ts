/** Reassembly beside tshark's "follow stream", over public captures with losses, repeats and reordering. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tsharkIsThere } from '../decode/testing/tshark.ts';
import { captureFolder } from '../testing/captures.ts';
import { followed, reassembled } from './testing/follow.ts';

const CAPTURES = [
  'zeek/smtp.pcap',
  'zeek/tcp/reassembly.pcap',
  'zeek/http/entity_gap2.pcap',
  'zeek/ipv6-http-atomic-frag.pcap',
  'zeek/smtp/smtp-bdat-gap.pcap',
  'suricata-verify/eve-payload-05-tcp-data-gap/tcp-simple-gap2.pcap',
  'ndpi/default/pcap/jabber.pcap',
  'ndpi/default/pcap/Oscar.pcap',
  'ndpi/default/pcap/smtp-starttls.pcap',
];
const STREAMS = 10;
const folder = captureFolder();
const present = folder === null || !tsharkIsThere() ? [] : CAPTURES.filter((name) => existsSync(join(folder, name)));

describe.skipIf(present.length === 0)('reassembly beside tshark (skipped without captures or tshark)', () => {
  it.each(present)('delivers what it delivers of %s', { timeout: 60_000 }, async (name) => {
    const file = join(folder!, name);
    const ours = await reassembled(file);
    const theirs = followed(file, STREAMS).filter(({ sent }) => sent[0] !== '' || sent[1] !== '');
    expect(theirs.length).toBeGreaterThan(0);
    for (const conversation of theirs) {
      const [first, second] = conversation.ends;
      const same = ours.find(({ ends }) => ends.includes(first) && ends.includes(second));
      const sent = same?.ends[0] === first ? same?.sent : [same?.sent[1], same?.sent[0]];
      expect(sent).toEqual(conversation.sent);
    }
  });
});
