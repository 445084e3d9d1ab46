// The main pages of every persona at 320 px, dark, and at full width, light (SPEC PGE-1).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, startBrowser } from './support/browser.js';
import { startPortal } from './support/portal.js';

const PAGES = {
  alice: ['/', '/packages', '/requests', '/access', '/profile', '/profile/permissions', '/demo'],
  bob: ['/', '/approvals', '/approvals/history', '/approvals/delegation', '/team'],
  carol: ['/', '/catalogs'],
  root: ['/', '/catalogs', '/catalogs/new', '/catalogs/hand-over', '/admin/users', '/admin/groups', '/admin/audit', '/admin/mail', '/admin/mail/texts', '/admin/mail/texts/approvalRequested'],
};

const LOOKS = {
  'small-dark': { viewport: { width: 320, height: 640 }, colorScheme: 'dark' },
  'wide-light': { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
};

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

for (const [look, options] of Object.entries(LOOKS)) {
  for (const [name, paths] of Object.entries(PAGES)) {
    test(`${look}: ${name}`, async (t) => {
      const person = await openContext(chrome.browser, portal.url, options);
      t.after(() => person.close());
      for (const path of paths) {
        await t.test(path, async () => {
          await open(person, name, path);
          assert.equal(new URL(person.page.url()).pathname, path);
          await checkPage(person, `${look}-${name}-${path.slice(1).replaceAll('/', '-') || 'home'}`);
        });
      }
    });
  }
}

test('the sign-in page at 320 px, dark', async (t) => {
  const person = await openContext(chrome.browser, portal.url, LOOKS['small-dark']);
  t.after(() => person.close());
  await person.page.goto('/sign-in');
  await checkPage(person, 'small-dark-sign-in');
});
