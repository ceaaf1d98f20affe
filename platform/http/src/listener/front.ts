/**
 * The front of the listener: it has each connection before the HTTP parser does.
 *
 * Node's parser refuses the methods LIST, SCAN and STREAM, so a dialect that needs them must see the first bytes and
 * either change what the parser reads or keep the connection. Today every connection is passed on as it is.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** @param pass hands a connection, or a stream in its place, to the HTTP parser */
export type Front = (connection: Duplex, pass: (connection: Duplex) => void) => void;

export const passThrough: Front = (connection, pass) => pass(connection);

/**
 * Puts a front before a server's parser.
 *
 * @param event `connection`, or `secureConnection` of a TLS server: the front sees what was encrypted
 */
export function placeFront(server: Server, event: 'connection' | 'secureConnection', front: Front): void {
  const parsers = server.listeners(event) as ((connection: Duplex) => void)[];
  server.removeAllListeners(event);
  server.on(event, (connection: Duplex) => {
    front(connection, (passed) => {
      for (const parser of parsers) parser.call(server, passed);
    });
  });
}
