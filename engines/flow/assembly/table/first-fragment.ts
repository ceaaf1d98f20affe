/** The first fragment of a datagram belongs to its flow and, as a fragment, to a flow that gathers the others. */
import { QUIRK_IPV6_FRAGMENTS } from '../../src/table/quirks';
import { keeps } from '../argus/quirks';
import * as flows from '../flow';
import { toFragmentKey4 } from '../keys/ipv4';
import { fragmentOffset, moreFragments, toFragmentKey6 } from '../keys/ipv6';
import { closeKey } from '../keys/key-of';
import { addFragment, beginFragments, FRAGMENT_GOES_ON, FRAGMENT_WHOLE_ALONE } from '../protocols/fragment';
import { FRAGMENT_ID, FRAGMENT_PARENT, QUALIFIER_OUT_OF_ORDER } from '../protocols/fragment-state';
import { CAUSE_STOP } from '../../src/record/layout';
import * as view from '../view';
import { BLOCK_QUEUE } from './blocks';
import { takeBlock } from './memory';
import { newFlow } from './new-flow';
import * as queues from './queues';
import { forget, send } from './send';
import { find } from './slots';
import { updateBasics } from './update';

/** @param header the packet's IP header */
export function addFirstFragment(flow: usize, header: usize, isFirst: bool, isIpv6: bool): void {
  if (isIpv6) {
    if (keeps(QUIRK_IPV6_FRAGMENTS) || fragmentOffset() != 0 || !moreFragments()) return;
  }
  const reversed = view.reversed;
  if (isIpv6) {
    if (!toFragmentKey6()) return;
  } else {
    toFragmentKey4(header);
  }
  closeKey();
  let fragments = find();
  if (fragments == 0) {
    fragments = newFragments(flow, isIpv6 ? 0 : load<u16>(header, 4), isFirst);
  } else {
    adopt(flow, fragments);
  }
  if (fragments != 0) {
    const outcome = addFragment(fragments, isIpv6, isFirst);
    if (outcome != FRAGMENT_GOES_ON) {
      if (outcome == FRAGMENT_WHOLE_ALONE) send(fragments, CAUSE_STOP);
      forget(fragments);
    }
  }
  view.reversed = reversed;
  // Argus asks for the direction once more, and by now has the one of the fragments.
  const side = view.forward ? flows.ATTRIBUTES_SOURCE_FRAGMENTS : flows.ATTRIBUTES_DESTINATION_FRAGMENTS;
  store<u8>(flow, load<u8>(flow, flows.ATTRIBUTES_QUALIFIER) | <u8>side, flows.ATTRIBUTES_QUALIFIER);
}

function newFragments(flow: usize, id: u32, isFirst: bool): usize {
  const queue = fragmentsOf(flow);
  if (queue == 0) return 0;
  const made = newFlow(queue);
  if (made == 0) return 0;
  flows.addPart(made, flows.HAS_NETWORK);
  beginFragments(made);
  store<u32>(made + flows.NETWORK, <u32>flow, FRAGMENT_PARENT);
  store<u32>(made + flows.NETWORK, id, FRAGMENT_ID);
  updateBasics(made, isFirst);
  return made;
}

/** Others of the datagram came before its first: they go to its flow. */
function adopt(flow: usize, fragments: usize): void {
  const part = fragments + flows.NETWORK;
  if (<u32>load<u8>(fragments, flows.NETWORK_KIND) != flows.NETWORK_FRAGMENT) return;
  store<u8>(
    fragments,
    load<u8>(fragments, flows.NETWORK_QUALIFIER) | <u8>QUALIFIER_OUT_OF_ORDER,
    flows.NETWORK_QUALIFIER,
  );
  if (load<u32>(part, FRAGMENT_PARENT) != 0) return;
  const queue = fragmentsOf(flow);
  if (queue == 0) return;
  store<u32>(part, <u32>flow, FRAGMENT_PARENT);
  if (<usize>load<u32>(fragments, flows.QUEUE) == queue) return;
  queues.leave(fragments);
  queues.append(queue, fragments);
}

/** @returns the queue of a flow's fragments, made if there was none; 0 when memory is full */
function fragmentsOf(flow: usize): usize {
  let queue = <usize>load<u32>(flow, flows.FRAGMENTS);
  if (queue == 0) {
    queue = takeBlock(BLOCK_QUEUE);
    store<u32>(flow, <u32>queue, flows.FRAGMENTS);
  }
  return queue;
}
