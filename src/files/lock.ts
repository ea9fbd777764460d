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
  /** How long to wait for another holder in ms; 0: not at all. */
  readonly waitMs: number;
  /** Called once if another command holds the lock. */
  readonly onWait: () => void;
}

/**
 * Only one command at a time changes an instance. The kernel releases the lock even after a kill: it is an abstract
 * socket on Linux, elsewhere a socket file that is removed if nothing answers on it. Throws LOCKED if the wait ends.
 */
export async function lockInstance(instance: string, options: LockOptions): Promise<Lock> {
  const address = lockAddress(instance);
  const until = performance.now() + options.waitMs;
  let notified = false;
  for (;;) {
    options.signal.throwIfAborted();
    const server = await listen(address);
    if (server) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    if (performance.now() >= until) throw locked(instance);
    if (!notified) options.onWait();
    notified = true;
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

/** A socket file outlives a killed holder, but then no one answers. */
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
  new EnvctlError('LOCKED', `Another envctl command is working on ${instance}`, {
    hint: 'Wait for it, or stop it; a killed command leaves no lock.',
  });
