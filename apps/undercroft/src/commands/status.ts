import type { Command } from '@undercroft/kernel';

interface Health {
  readonly status: string;
  readonly version: string;
  readonly startedAt: string;
  readonly modules: readonly {
    readonly name: string;
    readonly role: string;
    readonly state: string;
    readonly error?: string;
  }[];
}

export const command: Command = {
  name: 'status',
  summary: 'is it running, and how well',
  description: 'Exit code 0 when all is well, 1 when a part is not, 69 when nothing answers. Needs no sign-in.',
  examples: [
    { line: 'undercroft status', does: 'each module and its state' },
    { line: 'undercroft status --output json', does: 'the same for a program' },
  ],
  async run(call) {
    const health = await call.client.request<Health>('GET', '/health');
    if (call.options['output'] === 'json') call.printOne({ ...health });
    else {
      call.printOne({ status: health.status, version: health.version, started: health.startedAt });
      call.stdout.write('\n');
      call.print(
        health.modules.map((module) => ({
          module: module.name,
          role: module.role,
          state: module.state,
          error: module.error,
        })),
      );
    }
    return health.status === 'ok' ? 0 : 1;
  },
};
