// Starts the built binary with its demo, on a port and in a folder of its own, and stops it again.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_SECONDS = 90; // A debug build fills the demo's database on a busy machine.

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The caller's own settings for the portal must not leak into the tests. */
function cleanEnvironment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(LATCHKEY_|DATABASE_URL$)/.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/**
 * @param {{ env?: Record<string, string> }} [options] more environment for the portal
 * @returns {Promise<{ url: string, dataDir: string, log: () => string, stop: () => Promise<void> }>}
 */
export async function startPortal(options = {}) {
  const binary = process.env.LATCHKEY_BIN;
  if (!binary) throw new Error('LATCHKEY_BIN is not set: run these tests through script/browser');
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-browser-'));
  const bind = `127.0.0.1:${await freePort()}`;
  const url = `http://${bind}`;
  let output = '';
  const child = spawn(binary, ['serve', '--demo', '--bind', bind, '--data-dir', dataDir], {
    env: cleanEnvironment({ LATCHKEY_BASE_URL: url, ...options.env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-200_000);
    });
  }

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(killer);
    }
    await rm(dataDir, { recursive: true, force: true });
  };

  const end = Date.now() + START_SECONDS * 1000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      await stop();
      throw new Error(`the portal ended at once (${child.exitCode ?? child.signalCode}):\n${output}`);
    }
    const ready = await fetch(`${url}/readyz`).then((r) => r.ok, () => false);
    if (ready) return { url, dataDir, log: () => output, stop };
    if (Date.now() > end) {
      await stop();
      throw new Error(`the portal was not ready within ${START_SECONDS} s:\n${output}`);
    }
    await pause(100);
  }
}

/** Asks until the answer is truthy; the answer's absence is told in `what`. */
export async function eventually(what, ask, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(200);
  }
}
