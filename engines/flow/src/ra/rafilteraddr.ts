/** rafilteraddr: records of which one end is in a list of addresses. */
import type { Program } from '../program.ts';
import { DESTINATION_ADDRESS, HAS_FLOW, KIND, KIND_MANAGEMENT, SOURCE_ADDRESS } from '../record/layout.ts';
import { AddressSet } from './client/address-set.ts';
import { Outlet } from './client/outlet.ts';
import { type Client, type ClientContext, runClient } from './client/run.ts';
import { UsageError } from './options/settings.ts';

export const run: Program = (argv, io) => runClient('rafilteraddr', argv, io, startRafilteraddr);

async function startRafilteraddr(context: ClientContext): Promise<Client> {
  const { settings } = context;
  if (settings.flowModelFile === undefined) throw new UsageError();
  const addresses = AddressSet.read(settings.flowModelFile);
  const isInverted = (settings.flags.get('v') ?? 0) > 0;
  const outlet = await Outlet.open(context);
  return {
    record(record, source) {
      if (record.get(KIND) === KIND_MANAGEMENT) return true;
      const isFound =
        record.has(HAS_FLOW) && (addresses.has(record, SOURCE_ADDRESS) || addresses.has(record, DESTINATION_ADDRESS));
      return isFound === isInverted || outlet.pass(record, source);
    },
    end: () => outlet.close(),
  };
}
