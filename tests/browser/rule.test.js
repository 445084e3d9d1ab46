// Writing a rule: the preview follows what is typed, and without JavaScript a button shows it (SPEC AUT-1, AUT-2).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, signIn, startBrowser } from './support/browser.js';
import { startPortal } from './support/portal.js';

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

async function openEditor(visit) {
  await open(visit, 'carol', '/catalogs');
  // The navigation beside it has a link to all packages.
  const main = visit.page.locator('main');
  await main.getByRole('link', { name: 'Sales', exact: true }).first().click();
  await main.getByRole('link', { name: /^Packages/ }).first().click();
  await main.getByRole('link', { name: 'Price list', exact: true }).first().click();
  await main.getByRole('link', { name: /^Policies/ }).first().click();
  await main.getByRole('link', { name: 'New policy' }).click();
  await visit.page.getByLabel('Automatic, by rule').check();
}

test('the preview follows what is typed, and a mistake is marked at its place', async (t) => {
  const carol = await openContext(chrome.browser, portal.url);
  t.after(() => carol.close());
  await signIn(carol, 'carol');
  await openEditor(carol);
  const rule = carol.page.locator('textarea[name=rule]');
  await rule.pressSequentially('user.department -eq "Sales"');
  const preview = carol.page.locator('#rule-preview');
  await preview.getByText('Read as').waitFor();
  assert.match(await preview.innerText(), /Alice/);
  await rule.fill('user.departmnt -eq "Sales"');
  await rule.press('End');
  await preview.getByText('Did you mean user.department?').waitFor();
  assert.match(await preview.locator('.lk-mark').innerText(), /\^{14}/);
  await checkPage(carol, 'rule-editor');
});

test('without JavaScript a button shows the preview', async (t) => {
  const carol = await openContext(chrome.browser, portal.url, { javaScriptEnabled: false });
  t.after(() => carol.close());
  await signIn(carol, 'carol');
  await openEditor(carol);
  await carol.page.locator('textarea[name=rule]').fill('user.department -eq "Warehouse"');
  await carol.page.getByRole('button', { name: 'Preview who matches' }).click();
  const preview = carol.page.locator('#rule-preview');
  assert.match(await preview.innerText(), /Dan/);
  await checkPage(carol, 'rule-preview-no-script');
});
