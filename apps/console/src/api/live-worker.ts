/** The shared worker: one live connection for all tabs of this browser. */
import { LiveConnection, type LivePort, type LiveRequest } from './live-connection.ts';

const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
const connection = new LiveConnection({ url: '/platform/v1/live' });

scope.onconnect = (event) => {
  const channel = event.ports[0];
  if (channel === undefined) return;
  const port: LivePort = { send: (message) => channel.postMessage(message) };
  channel.onmessage = (message: MessageEvent<LiveRequest>) => connection.receive(port, message.data);
  channel.start();
};
