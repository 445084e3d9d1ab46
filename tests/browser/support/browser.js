// Chromium, one context per persona, and the checks that every visited page must pass.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';

const OUT = join(dirname(fileURLToPath(import.meta.url)), '..', 'out');
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];
// What the standard says about markup; how it is laid out is nobody's business.
const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'] });

export const PASSWORD = 'latchkey-demo';

export async function startBrowser() {
  const home = await mkdtemp(join(tmpdir(), 'latchkey-chromium-'));
  const browser = await chromium.launch({
    executablePath: process.env.LATCHKEY_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    env: { ...process.env, HOME: home },
  });
  return {
    browser,
    stop: async () => {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * A fresh context, as one person's own browser.
 * @param {import('playwright-core').Browser} browser
 * @param {string} baseURL
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export async function openContext(browser, baseURL, options = {}) {
  const context = await browser.newContext({ baseURL, locale: 'en-US', timezoneId: 'Europe/Berlin', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems = [];
  const origin = new URL(baseURL).origin;
  page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // A page that answers 404 or 422 is one too; its status is the test's business, not the console's.
    const own = /Failed to load resource/.test(message.text()) && message.location().url === page.url();
    if (message.type() === 'error' && !own) problems.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin) problems.push(`request to elsewhere: ${url.href}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} from ${response.url()}`);
  });
  await context.exposeBinding('reportPolicyViolation', (_source, text) => problems.push(`CSP: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportPolicyViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  const scripted = options.javaScriptEnabled !== false;
  return { context, page, problems, scripted, options, close: () => context.close() };
}

/** axe's findings. It needs timers, so a page without JavaScript is scanned as a script-free copy elsewhere. */
async function scan({ context, page, scripted, options }) {
  if (scripted) return runAxe(page);
  const markup = (await page.content()).replace(/<script\b[\s\S]*?<\/script>/gi, '');
  const copy = await context.browser().newContext({ ...options, javaScriptEnabled: true });
  try {
    const twin = await copy.newPage();
    const address = page.url();
    await twin.route(
      (url) => url.href === address,
      (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: markup }),
    );
    await twin.goto(address);
    return await runAxe(twin);
  } finally {
    await copy.close();
  }
}

async function runAxe(page) {
  const options = { runOnly: { type: 'tag', values: AXE_TAGS }, resultTypes: ['violations'] };
  const timer = new AbortController();
  try {
    return await Promise.race([
      page.evaluate(`(async () => {
        if (!globalThis.axe) { ${AXE} }
        return await axe.run(document, ${JSON.stringify(options)});
      })()`),
      pause(30_000, null, { signal: timer.signal }).then(() => assert.fail('axe did not answer within 30 s')),
    ]);
  } finally {
    timer.abort();
  }
}

/** The markup as the server sent it, not as the browser repaired it. */
async function source(person) {
  const response = await person.context.request.get(person.page.url());
  return { status: response.status(), html: await response.text() };
}

/**
 * The page is accessible, quiet, valid, loads nothing from elsewhere and does not scroll sideways; with a picture.
 * `refetch: false` is for a page whose address does not answer the same to GET (a form shown again, a receipt).
 */
export async function checkPage(person, name, { refetch = true } = {}) {
  const { page, problems } = person;
  await page.waitForLoadState('load');
  // A row half under the sticky top bar would count as a target that is too small.
  await page.evaluate(() => window.scrollTo(0, 0));
  await mkdir(OUT, { recursive: true });
  await page.screenshot({ path: join(OUT, `${name}.png`), fullPage: true });

  const found = [];
  if (refetch) {
    const { status, html } = await source(person);
    assert.equal(status, 200, `${name}: ${page.url()} answers ${status} to a second look`);
    const report = await validator.validateString(html);
    for (const { messages } of report.results) {
      found.push(...messages.map((m) => `HTML ${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
    }
  }
  const axe = await scan(person);
  for (const violation of axe.violations) {
    for (const node of violation.nodes) {
      found.push(`axe ${violation.id} (${violation.impact}): ${node.target.join(' ')}\n      ${node.failureSummary}`);
    }
  }
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  if (wide > room) found.push(`scrolls sideways: ${wide} px of content on ${room} px`);
  found.push(...problems.splice(0));
  assert.deepEqual(found, [], `${name} (${page.url()}):\n    ${found.join('\n    ')}\n`);
}

/** Fills the sign-in form that the page shows, or goes there first. */
export async function signIn(person, name, password = PASSWORD) {
  const { page } = person;
  const email = name.includes('@') ? name : `${name}@demo.example`;
  if (!isSignIn(page)) await page.goto('/sign-in');
  const form = page.locator('form').filter({ has: page.locator('input[name="password"]') });
  await form.locator('input[name="email"]').fill(email);
  await form.locator('input[name="password"]').fill(password);
  await form.locator('button:not([type="button"])').first().click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

export function isSignIn(page) {
  return new URL(page.url()).pathname === '/sign-in';
}

/** Opens a path; signs in again when the session is over, which moving the demo's clock may do. */
export async function open(person, name, path) {
  await person.page.goto(path);
  if (isSignIn(person.page)) {
    await signIn(person, name);
    if (new URL(person.page.url()).pathname !== path.split('?')[0]) await person.page.goto(path);
  }
}
