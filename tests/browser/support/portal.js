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

/** A portal on one port and one folder, which can be stopped and started again on the same database. */
class Portal {
  #child;
  #exited;
  #output = '';
  #bind;
  #env;

  constructor(bind, dataDir, env) {
    this.#bind = bind;
    this.#env = env;
    this.url = `http://${bind}`;
    this.dataDir = dataDir;
    this.startMs = 0;
  }

  log() {
    return this.#output;
  }

  pid() {
    return this.#child.pid;
  }

  async start() {
    const began = performance.now();
    const child = spawn(process.env.LATCHKEY_BIN, ['serve', '--demo', '--bind', this.#bind, '--data-dir', this.dataDir], {
      env: cleanEnvironment({ LATCHKEY_BASE_URL: this.url, ...this.#env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#exited = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output = (this.#output + text).slice(-200_000);
      });
    }
    while (!(await fetch(`${this.url}/readyz`).then((r) => r.ok, () => false))) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the portal ended at once (${child.exitCode ?? child.signalCode}):\n${this.#output}`);
      }
      if (performance.now() - began > START_SECONDS * 1000) {
        throw new Error(`the portal was not ready within ${START_SECONDS} s:\n${this.#output}`);
      }
      await pause(10);
    }
    this.startMs = performance.now() - began;
  }

  async halt() {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await this.#exited;
    clearTimeout(killer);
  }

  async restart() {
    await this.halt();
    await this.start();
  }

  async stop() {
    await this.halt();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/**
 * @param {{ env?: Record<string, string> }} [options] more environment for the portal
 * @returns {Promise<Portal>}
 */
export async function startPortal(options = {}) {
  if (!process.env.LATCHKEY_BIN) throw new Error('LATCHKEY_BIN is not set: run this through script/browser');
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-browser-'));
  const portal = new Portal(`127.0.0.1:${await freePort()}`, dataDir, options.env);
  try {
    await portal.start();
  } catch (error) {
    await portal.stop();
    throw error;
  }
  return portal;
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
