/** Runs a monitoring plugin: its own process group, no shell, bounded output, killed whole when its time is up. */
import { spawn } from 'node:child_process';
import { type PluginReading, readPlugin } from '../../language/plugin-output.ts';

const MAX_OUTPUT_BYTES = 64 * 1024;
/** Between the request to end and the end. */
const KILL_AFTER_MS = 1_000;

/** @param command program and arguments */
export function runPlugin(command: readonly string[], signal: AbortSignal): Promise<PluginReading> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = command;
    // Plugins see a plain environment: none of ours holds anything for them.
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', HOME: '/' },
      cwd: '/',
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const kill = (how: NodeJS.Signals): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, how);
      } catch {
        // The group is gone already.
      }
    };
    const onAbort = (): void => {
      kill('SIGTERM');
      setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS).unref();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    child.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', onAbort);
      resolve(
        readPlugin({
          stdout: '',
          stderr: `${program}: ${error.message}`,
          exitCode: error.code === 'ENOENT' ? 127 : 126,
        }),
      );
    });
    child.on('exit', () => {
      // What the plugin left behind in its group may hold the pipes open: it ends with the plugin.
      setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS).unref();
    });
    child.on('close', (exitCode, endedBy) => {
      signal.removeEventListener('abort', onAbort);
      resolve(readPlugin({ stdout: stdout(), stderr: stderr(), exitCode, signal: endedBy }));
    });
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, MAX_OUTPUT_BYTES).toString('utf8');
}
