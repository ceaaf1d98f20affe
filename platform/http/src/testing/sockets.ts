/** Raw sockets, for requests that no HTTP client sends. */
import { connect, type Socket } from 'node:net';

/** Sends bytes and reads until the other side closes, or until it has been quiet for a while. */
export function exchange(port: number, bytes: string, quietMs = 400): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(quietMs, done);
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', done);
    socket.on('close', done);
  });
}

/** Status codes of all answers in a text. */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}
