import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessEnv } from '../../../model/host.js';

/**
 * Opens a private socket on this machine whose connections reach an engine behind ssh; returns its path.
 * The docker command carries them, because it knows host keys, agents and `~/.ssh/config`.
 */
export async function openSshTunnel(url: string, env: ProcessEnv): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'envctl-ssh-'));
  const socketPath = join(folder, 'engine.sock');
  // Half-open: a command's input ends before its output does.
  const server = createServer({ allowHalfOpen: true }, (socket) => forward(socket, url, env));
  server.unref();
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
  return socketPath;
}

function forward(socket: Socket, url: string, env: ProcessEnv): void {
  const child = spawn('docker', ['--host', url, 'system', 'dial-stdio'], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => socket.destroy());
  child.stdin.on('error', () => socket.destroy());
  socket.on('error', () => child.kill());
  socket.on('close', () => child.kill());
  socket.pipe(child.stdin);
  child.stdout.pipe(socket);
  // Requests in flight keep this process alive by themselves; idle connections must not.
  socket.unref();
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}
