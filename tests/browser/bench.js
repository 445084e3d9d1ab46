// Measures a started-from-nothing demo of the binary in LATCHKEY_BIN: start-up on the existing database, idle memory,
// and the time of each main page per persona. Prints a table; judges nothing (script/bench).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

import { PASSWORD } from './support/browser.js';
import { startPortal } from './support/portal.js';

const ROUNDS = Number(process.env.LATCHKEY_BENCH_ROUNDS ?? 100);
const PAGES = {
  nobody: ['/sign-in'],
  alice: ['/', '/packages', '/requests', '/access', '/profile'],
  bob: ['/', '/approvals'],
  carol: ['/', '/catalogs'],
  root: ['/', '/catalogs', '/admin/users', '/admin/groups', '/admin/audit', '/admin/mail'],
};

/** One person's cookies, as a browser on loopback keeps them. */
class Jar {
  #cookies = new Map();

  async fetch(url, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return response;
  }
}

async function signIn(base, name) {
  const jar = new Jar();
  const html = await (await jar.fetch(`${base}/sign-in`)).text();
  // The form with the password field, with every hidden field that it has.
  const form = html.split(/<form\b/).find((part) => part.split('</form>')[0].includes('name="password"'))?.split('</form>')[0];
  if (!form) throw new Error('/sign-in has no form with a password');
  const body = new URLSearchParams();
  for (const [input] of form.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    body.set(/name="([^"]*)"/.exec(input)[1], /value="([^"]*)"/.exec(input)?.[1] ?? '');
  }
  body.set('email', `${name}@demo.example`);
  body.set('password', PASSWORD);
  const answer = await jar.fetch(`${base}/sign-in`, { method: 'POST', body, headers: { origin: base } });
  if (answer.status !== 303 && answer.status !== 302) throw new Error(`sign-in of ${name}: ${answer.status}`);
  return jar;
}

async function measure(jar, url) {
  const times = [];
  let size = 0;
  for (let round = -5; round < ROUNDS; round++) {
    const start = performance.now();
    const response = await jar.fetch(url);
    size = (await response.arrayBuffer()).byteLength;
    const took = performance.now() - start;
    if (response.status !== 200) return { status: response.status };
    if (round >= 0) times.push(took); // The first ones warm caches and connections.
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { status: 200, median: at(0.5), p95: at(0.95), max: times.at(-1), size };
}

async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s*(\d+)/.exec(status)[1]) / 1024;
}

/** Requests per second with wrk, on a page that needs no session. */
async function load(url) {
  const child = spawn('wrk', ['-t1', '-c16', '-d5s', '--latency', url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`wrk ended with ${code}`);
  return { rate: /Requests\/sec:\s*([\d.]+)/.exec(out)?.[1], p99: /99%\s+(\S+)/.exec(out)?.[1] };
}

const ms = (number) => number.toFixed(1).padStart(8);
const portal = await startPortal();
try {
  console.log(`first start, with filling the demo   ${ms(portal.startMs)} ms`);
  await portal.restart();
  console.log(`start on the existing database       ${ms(portal.startMs)} ms`);
  await pause(3000);
  console.log(`memory, idle                         ${ms(await memory(portal.pid()))} MB`);
  console.log(`\n${'page'.padEnd(28)}${'median'.padStart(8)}${'95 %'.padStart(8)}${'max'.padStart(8)} ms    bytes   (${ROUNDS} rounds)`);
  for (const [name, paths] of Object.entries(PAGES)) {
    const jar = name === 'nobody' ? new Jar() : await signIn(portal.url, name);
    for (const path of paths) {
      const result = await measure(jar, portal.url + path);
      const row = `${name} ${path}`.padEnd(28);
      if (result.status === 200) console.log(row + ms(result.median) + ms(result.p95) + ms(result.max) + String(result.size).padStart(12));
      else console.log(`${row}    answered ${result.status}`);
    }
  }
  const { rate, p99 } = await load(`${portal.url}/sign-in`);
  console.log(`\nsign-in page, 16 connections, 5 s: ${rate} requests per second, 99 % within ${p99}`);
  console.log(`memory, after that                   ${ms(await memory(portal.pid()))} MB`);
} finally {
  await portal.stop();
}
