/** SSH: who both sides say they are, and what they offer. */
import { INSPECT_NONE, INSPECT_SOME } from '../../table/inspection.ts';
import { readSsh } from '../language/ssh/kex-init.ts';
import type { FlowInspection, Follower, Said } from './flow.ts';

export class SshFollower implements Follower {
  follow(flow: FlowInspection, said: Said): number {
    const { facts } = flow;
    const hello = readSsh(flow.side(said.isAnswer).start);
    if (hello !== null && said.isAnswer) {
      facts.banner = hello.banner;
      facts.hasshServer = hello.hasshServer;
    } else if (hello !== null) {
      facts.hassh = hello.hassh;
    }
    return facts.hassh !== null && facts.hasshServer !== null ? INSPECT_NONE : INSPECT_SOME;
  }

  end(): void {}
}
