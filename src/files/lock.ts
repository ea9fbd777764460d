import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvctlError } from '../model/errors.js';

export interface Lock {
  release(): Promise<void>;
}
export interface LockOptions {
  readonly signal: AbortSignal;
  /** How long to wait for another holder, ms; 0: not at all. */
  readonly waitMs: number;
  /** Called once when there is somebody to wait for. */
  readonly waiting: () => void;
}

/**
 * One command at a time works on an instance. The kernel releases it, even after a kill: an abstract socket on Linux,
 * elsewhere a socket file whose owner is asked. Throws LOCKED when the wait is over.
 */
export async function lockInstance(instance: string, options: LockOptions): Promise<Lock> {
  const address = lockAddress(instance);
  const until = performance.now() + options.waitMs;
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    const server = await listen(address);
    if (server) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    if (performance.now() >= until) throw locked(instance);
    if (!told) options.waiting();
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function lockAddress(instance: string): string {
  const name = `envctl-${process.getuid?.() ?? 'user'}-${instance}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.lock`);
}

function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') reject(error);
      else if (address.startsWith('\0')) resolve(null);
      else void removeStale(address).then(() => resolve(null));
    });
    server.listen(address, () => resolve(server));
  });
}

/** A socket file outlives a killed holder: nobody answers it then. */
function removeStale(address: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve();
    });
    socket.once(
      'error',
      () =>
        void unlink(address)
          .catch(() => undefined)
          .then(resolve),
    );
  });
}

const locked = (instance: string): EnvctlError =>
  new EnvctlError('LOCKED', `another envctl command works on ${instance}`, {
    hint: 'Wait for it, or end it; a killed one leaves no lock behind.',
  });
