// The main path with JavaScript switched off (SPEC PGE-1).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, signIn, startBrowser } from './support/browser.js';
import { startPortal } from './support/portal.js';
import { decide, forward, requestPackage, states, waitForAccess } from './support/steps.js';

const PACKAGE = 'Sales onboarding';

let portal;
let chrome;

before(async () => {
  portal = await startPortal();
  chrome = await startBrowser();
});

after(async () => {
  await chrome?.stop();
  await portal?.stop();
});

test('request, decide in the queue, have and lose access, without JavaScript', async (t) => {
  const alice = await openContext(chrome.browser, portal.url, { javaScriptEnabled: false });
  const bob = await openContext(chrome.browser, portal.url, { javaScriptEnabled: false });
  t.after(async () => {
    await alice.close();
    await bob.close();
  });

  await signIn(alice, 'alice');
  const path = await requestPackage(alice, 'alice', PACKAGE, 'I start in Sales.', (name) =>
    checkPage(alice, `no-script-${name}`),
  );
  assert.ok(await states(alice.page, 'pendingApproval').count());

  await signIn(bob, 'bob');
  await open(bob, 'bob', '/approvals');
  await checkPage(bob, 'no-script-approvals');
  const row = bob.page.locator(`main [data-id="${path.split('/').pop()}"]`);
  await row.getByRole('link').first().click();
  await bob.page.waitForURL(/\/approvals\/[^/?]+$/);
  await checkPage(bob, 'no-script-decide');
  await decide(bob, /^Approve/, 'Fine.');

  await waitForAccess(alice, 'alice', PACKAGE, 'delivered');
  await forward(alice, 'alice', 31);
  await waitForAccess(alice, 'alice', PACKAGE, 'expired');
  await checkPage(alice, 'no-script-access');
});
