/** Encoders by the name of their format. */
import { UndercroftError } from '@undercroft/kernel';
import { TemplateEncoder } from './language/encode-templates.ts';
import { V5Encoder } from './language/encode-v5.ts';
import type { Deliver, EncoderOptions, FlowEncoder } from './language/encoder.ts';

/** @param format netflow5, netflow9 or ipfix @throws UndercroftError `flow.usage` for another */
export function makeEncoder(format: string, deliver: Deliver, options: EncoderOptions): FlowEncoder {
  switch (format) {
    case 'netflow5':
      return new V5Encoder(deliver, options);
    case 'netflow9':
      return new TemplateEncoder(9, deliver, options);
    case 'ipfix':
      return new TemplateEncoder(10, deliver, options);
    default:
      throw new UndercroftError('flow.usage', `${format}: want netflow5, netflow9 or ipfix`);
  }
}
