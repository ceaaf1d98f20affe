import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveConnection, type LiveMessage } from './live-connection.ts';

/** A server that speaks `/live`, and what it was asked. */
class LiveServer {
  readonly streams: { readonly topics: string; readonly after: string | null; readonly response: ServerResponse }[] =
    [];
  readonly puts: { readonly path: string; readonly csrf: string | undefined; readonly topics: readonly string[] }[] =
    [];
  status = 200;
  url = '';
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      if (request.method === 'PUT') {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk;
        });
        request.on('end', () => {
          this.puts.push({
            path: url.pathname,
            csrf: request.headers['x-undercroft-csrf'] as string,
            ...JSON.parse(body),
          });
          response.end('{}');
        });
        return;
      }
      response.writeHead(this.status, { 'content-type': 'text/event-stream' });
      if (this.status !== 200) {
        response.end();
        return;
      }
      this.streams.push({
        topics: url.searchParams.get('topics') ?? '',
        after: url.searchParams.get('after'),
        response,
      });
      response.write(`event: hello\ndata: {"connection":"c${this.streams.length}"}\n\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
  }

  send(event: string, id: string, data: unknown): void {
    this.streams.at(-1)?.response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  cut(): void {
    this.streams.at(-1)?.response.destroy();
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}

class Tab {
  readonly messages: LiveMessage[] = [];
  send = (message: LiveMessage) => void this.messages.push(message);
  events() {
    return this.messages.flatMap((message) => (message.kind === 'event' ? [[message.topic, message.data]] : []));
  }
  state() {
    return this.messages.flatMap((message) => (message.kind === 'status' ? [message.status.state] : [])).at(-1);
  }
  gaps() {
    return this.messages.filter(({ kind }) => kind === 'gap').length;
  }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 });

describe('the live connection', () => {
  let server: LiveServer;
  let connection: LiveConnection;

  beforeEach(async () => {
    server = new LiveServer();
    await server.start();
    connection = new LiveConnection({ url: server.url });
  });
  afterEach(async () => {
    connection.close();
    await server.stop();
  });

  it('follows the union of what its tabs follow, and hands each its own', async () => {
    const [one, two] = [new Tab(), new Tab()];
    connection.receive(one, { kind: 'follow', topics: ['problems'] });
    connection.receive(two, { kind: 'follow', topics: ['problems', 'events'] });
    await until(() => expect(server.streams.map(({ topics }) => topics)).toEqual(['events,problems']));
    server.send('events', 'b-1', { n: 1 });
    server.send('problems', 'b-2', { n: 2 });
    await until(() =>
      expect(two.events()).toEqual([
        ['events', { n: 1 }],
        ['problems', { n: 2 }],
      ]),
    );
    expect(one.events()).toEqual([['problems', { n: 2 }]]);
    expect(one.state()).toBe('live');
  });

  it('changes what it follows without a new stream, with the token against forged requests', async () => {
    const tab = new Tab();
    connection.receive(tab, { kind: 'csrf', token: 't0ken' });
    connection.receive(tab, { kind: 'follow', topics: ['problems'] });
    await until(() => expect(tab.state()).toBe('live'));
    connection.receive(tab, { kind: 'follow', topics: ['assets', 'problems'] });
    await until(() =>
      expect(server.puts).toEqual([{ path: '/live/c1', csrf: 't0ken', topics: ['assets', 'problems'] }]),
    );
    expect(server.streams).toHaveLength(1);
  });

  it('resumes after the last id when it is cut, and says since when it is offline', async () => {
    const tab = new Tab();
    connection.receive(tab, { kind: 'follow', topics: ['problems'] });
    await until(() => expect(tab.state()).toBe('live'));
    server.send('problems', 'b-7', 1);
    await until(() => expect(tab.events()).toHaveLength(1));
    server.cut();
    await until(() => expect(server.streams).toHaveLength(2));
    expect(server.streams[1]?.after).toBe('b-7');
    await until(() => expect(tab.state()).toBe('live'));
    expect(tab.messages.flatMap((message) => (message.kind === 'status' ? [message.status.state] : []))).toContain(
      'offline',
    );
    expect(tab.gaps()).toBe(0);
  });

  it('tells its tabs to fetch again when the server no longer knows what was missed', async () => {
    const tab = new Tab();
    connection.receive(tab, { kind: 'follow', topics: ['problems'] });
    await until(() => expect(tab.state()).toBe('live'));
    server.streams[0]?.response.write('event: reset\ndata: {}\n\n');
    await until(() => expect(tab.gaps()).toBe(1));
  });

  it('says that nobody is signed in, and ends the stream when no tab follows anything', async () => {
    const tab = new Tab();
    server.status = 401;
    connection.receive(tab, { kind: 'follow', topics: ['problems'] });
    await until(() => expect(tab.state()).toBe('signed-out'));
    connection.receive(tab, { kind: 'follow', topics: [] });
    await until(() => expect(tab.state()).toBe('idle'));
  });
});
