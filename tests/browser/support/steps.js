// The steps of the main job, told by what a person reads: headings, labels, states (SPEC FIX-1, FIX-4).

import assert from 'node:assert/strict';

import { open } from './browser.js';
import { eventually } from './portal.js';

/** From the list, through the package's page and its form, to the request's page; returns the request's path. */
export async function requestPackage(person, name, title, justification, look = async () => {}) {
  const { page } = person;
  await open(person, name, `/packages?q=${encodeURIComponent(title)}`);
  await look('packages');
  await page.locator('main').getByRole('link', { name: title, exact: true }).first().click();
  await page.waitForURL(/\/packages\/[^/?]+$/);
  assert.match(await page.getByRole('heading', { level: 1 }).innerText(), new RegExp(title));
  await look('package');
  await page.locator('main a[href$="/request"]').first().click();
  await page.waitForURL(/\/packages\/[^/?]+\/request/);
  await look('request-form');
  const form = page.locator('main form').filter({ has: page.locator('[name="justification"]') });
  await form.locator('[name="justification"]').fill(justification);
  await form.locator('button[type="submit"]').last().click();
  await page.waitForURL(/\/requests\/[^/?]+$/);
  await look('request');
  return new URL(page.url()).pathname;
}

/** Nothing is preselected; the person chooses, gives a reason and sends. */
export async function decide(person, verdict, reason) {
  const { page } = person;
  const form = page.locator('main form').filter({ has: page.getByRole('radio', { name: verdict }) });
  assert.equal(await form.locator('input[type="radio"]:checked').count(), 0, 'a decision is preselected (APR-12)');
  await form.getByRole('radio', { name: verdict }).check();
  await form.locator('textarea').first().fill(reason);
  await form.locator('button[type="submit"]').last().click();
}

/** The badges on the current page with this state, inside whatever row or page names the object. */
export function states(page, state) {
  return page.locator(`main [data-state="${state}"]`);
}

/** The row of a package on /access with the given state, or nothing. */
export async function accessRow(person, name, title, state) {
  const { page } = person;
  const row = () =>
    page.locator('main [data-id]').filter({ hasText: title }).filter({ has: page.locator(`[data-state="${state}"]`) });
  await open(person, name, '/access');
  if (await row().count()) return row().first();
  const more = page.locator('main').getByRole('link', { name: /expired|ended|past/i });
  if (state === 'expired' && (await more.count())) {
    await more.first().click();
    await page.waitForLoadState('load');
    if (await row().count()) return row().first();
  }
  return null;
}

export async function waitForAccess(person, name, title, state) {
  return eventually(`"${title}" in state ${state} on /access`, () => accessRow(person, name, title, state));
}

/** Moves the demo's clock and checks that it moved by that much. */
export async function forward(person, name, days) {
  const { page } = person;
  await open(person, name, '/demo');
  const before = await clock(page);
  const field = page.locator('main').getByLabel(/days/i).first();
  const form = page.locator('main form').filter({ has: page.getByLabel(/days/i) }).first();
  await field.fill(String(days));
  await form.locator('button[type="submit"]').first().click();
  const moved = await eventually(`the clock ${days} days later`, async () => {
    await open(person, name, '/demo');
    const passed = (await clock(page)) - before;
    return passed >= days * 86_400_000 && passed;
  });
  assert.ok(moved < (days + 1) * 86_400_000, `the clock moved by ${moved / 86_400_000} days, not ${days}`);
}

/** What the page says the time is (`data-now` on the root element). */
async function clock(page) {
  const now = await page.locator('html').getAttribute('data-now');
  const time = Date.parse(now ?? '');
  assert.ok(!Number.isNaN(time), `data-now is no time: ${now}`);
  return time;
}
