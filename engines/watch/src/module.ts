/** What watching adds to the platform: detections that need facts of several engines at once. */
import { defineModule } from '@undercroft/kernel';
import Type, { type Static } from 'typebox';

export const WatchConfig = Type.Object(
  {
    newPort: Type.Object(
      {
        enabled: Type.Boolean({ default: true, description: 'Say when a host opens a port it did not have.' }),
        settleS: Type.Integer({
          default: 5,
          minimum: 0,
          maximum: 300,
          description: 'Seconds to wait after a port appears, so that its process is known.',
        }),
        quietS: Type.Integer({
          default: 60,
          minimum: 0,
          maximum: 86_400,
          description: 'A host seen for the first time is quiet for so many seconds: what it has then is no news.',
        }),
      },
      { additionalProperties: false, default: {} },
    ),
  },
  { additionalProperties: false, default: {} },
);
export type WatchConfig = Static<typeof WatchConfig>;

export const watchModule = defineModule({
  name: 'watch',
  summary: 'Detections that join the facts of several engines',
  config: WatchConfig,
  events: [
    {
      name: 'detection_finding',
      uid: 2004,
      summary: 'Something worth a look was detected.',
      attributes: {
        'finding_info.uid': 'string',
        'finding_info.title': 'string',
        'device.uid': 'string',
        'device.hostname': 'string',
        evidences: 'json',
      },
    },
  ],
  roles: {
    server: {
      requires: ['events', 'inventory', 'metrics.query', 'host.inspect', 'coverage'],
      load: () => import('./server.ts'),
    },
  },
});
