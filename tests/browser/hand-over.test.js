// A catalog is handed to a department: made, owners named, resources added, a package manager invited; left in between
// and gone on with from the catalog's page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, startBrowser } from './support/browser.js';
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

test('a catalog is handed to a department', async (t) => {
  const root = await openContext(chrome.browser, portal.url);
  const priya = await openContext(chrome.browser, portal.url);
  t.after(async () => {
    if (!t.passed) console.error(portal.log().slice(-4000));
    await root.close();
    await priya.close();
  });
  const { page } = root;
  const main = () => page.locator('main');
  const save = () => main().getByRole('button', { name: 'Save and go on' }).click();
  const look = (what) => checkPage(root, `hand-over-${what}`);

  await open(root, 'root', '/catalogs');
  await main().getByRole('link', { name: 'Hand one to a department' }).click();
  await look('catalog');
  await main().getByLabel('Name').fill('Facilities');
  await main().getByRole('button', { name: 'Create and go on' }).click();
  await page.waitForURL(/hand-over\?step=owners$/);
  await look('owners');
  const catalog = new URL(page.url()).pathname.replace(/\/hand-over$/, '');

  await t.test('who names nobody is asked again', async () => {
    await save();
    assert.match(await main().innerText(), /Name at least one person or group/);
    await checkPage(root, 'hand-over-nobody', { refetch: false });
  });

  await main().locator('[name="people"]').first().fill('carol@demo.example');
  await save();
  await page.waitForURL(/step=resources$/);
  await look('resources');

  await t.test('it is left, and gone on with from the page of the catalog', async () => {
    await main().getByRole('link', { name: 'Stop here and go on later' }).click();
    await page.waitForURL((url) => url.pathname === catalog);
    assert.equal(await main().getByRole('link', { name: 'Name the owners' }).count(), 0, 'that is done');
    await look('to-do');
    await main().getByRole('link', { name: 'Add resources' }).click();
    await page.waitForURL(/step=resources$/);
  });

  await main().locator('input[name="resources"]').first().check();
  await save();
  await page.waitForURL(/step=managers$/);
  await look('managers');
  await main().getByRole('link', { name: 'Back' }).click();
  assert.match(await main().innerText(), /There already/);
  await page.goBack();
  await main().locator('[name="people"]').first().fill('priya@demo.example');
  await save();
  await page.waitForURL((url) => url.pathname === catalog);
  assert.doesNotMatch(await main().innerText(), /Still to do/);
  await look('done');

  await t.test('the package manager can begin', async () => {
    await open(priya, 'priya', `${catalog}/packages/new`);
    assert.equal(new URL(priya.page.url()).pathname, `${catalog}/packages/new`);
    await open(priya, 'priya', '/profile/permissions');
    assert.match(await priya.page.locator('main').innerText(), /Facilities/);
    await checkPage(priya, 'hand-over-permissions');
  });
});
