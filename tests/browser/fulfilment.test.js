// What the portal cannot do itself: asked for, approved, done by hand by the owner of the resource, and taken back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, startBrowser } from './support/browser.js';
import { linkIn, mailMark, waitForMail } from './support/mail.js';
import { startPortal } from './support/portal.js';
import { decide, requestPackage, states, waitForAccess } from './support/steps.js';

const PACKAGE = 'Books';

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

test('a role that somebody gives and takes back by hand', async (t) => {
  const people = {};
  const person = async (name) => (people[name] ??= await openContext(chrome.browser, portal.url));
  const look = async (name, what) => checkPage(await person(name), `fulfilment-${what}`);
  const at = async (name, path) => {
    const who = await person(name);
    await open(who, name, path);
    return who;
  };
  t.after(async () => {
    if (!t.passed) console.error(portal.log().slice(-4000));
    for (const who of Object.values(people)) await who.close();
  });

  let request;
  let mark = await mailMark(portal);

  await t.test('Alice asks, Bob and Mia approve, and nothing is there yet (DLV-5)', async () => {
    request = await requestPackage(await person('alice'), 'alice', PACKAGE, 'I prepare the audit.');
    for (const name of ['bob', 'mia']) {
      const mail = await waitForMail(portal, {
        to: `${name}@demo.example`,
        subject: /^Action required: Approve or deny/,
        after: mark,
      });
      const { page } = await at(name, new URL(linkIn(mail, /^\/d\/[\w-]{20,}$/)).pathname);
      await decide(await person(name), /^Approve/, 'Fine.');
      await page.getByText(/approved/i).first().waitFor();
    }
    const { page } = await at('alice', request);
    assert.match(await page.locator('main').innerText(), /somebody has to do it by hand/);
    await look('alice', 'waiting');
  });

  await t.test('Mia gets the task by mail, and does it (DLV-6)', async () => {
    const mail = await waitForMail(portal, { to: 'mia@demo.example', notice: 'fulfilmentTask', after: mark });
    assert.match(mail.subject, /^Task: give Alice .* Accounting: Reader$/);
    const home = await at('mia', '/');
    assert.match(await home.page.locator('main').innerText(), /to fulfil/);
    await look('mia', 'home');
    const { page } = await at('mia', '/tasks');
    await look('mia', 'queue');
    await at('mia', new URL(linkIn(mail, /^\/tasks\/[\w-]+$/)).pathname);
    await look('mia', 'task');
    await page.getByRole('button', { name: 'I am at it' }).click();
    await page.getByText('You said that you are at it.').waitFor();
    mark = await mailMark(portal);
    await page.getByLabel(/^Note/).fill('Rights group 4');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await states(page, 'done').first().waitFor();
    await look('mia', 'done');
    await at('mia', '/tasks?list=closed');
    await look('mia', 'closed');
    await waitForMail(portal, { to: 'alice@demo.example', subject: /^You now have access to Books/, after: mark });
    await waitForAccess(await person('alice'), 'alice', PACKAGE, 'delivered');
    const story = await at('alice', request);
    assert.match(await story.page.locator('main').innerText(), /Accounting: Reader: delivered by Mia/);
    await look('alice', 'story');
  });

  await t.test('taken away, it is a task again, and gone when that is done', async () => {
    mark = await mailMark(portal);
    const { page } = await at('alice', '/access');
    await page.locator('main').getByRole('link', { name: PACKAGE, exact: true }).first().click();
    await page.getByText('I no longer need this').first().click();
    const form = page.locator('main form[action$="/give-up"]').first();
    await form.locator('button[type="submit"]').last().click();
    const mail = await waitForMail(portal, { to: 'mia@demo.example', notice: 'fulfilmentTask', after: mark });
    assert.match(mail.subject, /^Task: take Accounting: Reader back from Alice/);
    const owner = await at('mia', new URL(linkIn(mail, /^\/tasks\/[\w-]+$/)).pathname);
    await look('mia', 'take-back');
    await owner.page.getByRole('button', { name: 'Done', exact: true }).click();
    await states(owner.page, 'done').first().waitFor();
    await waitForAccess(await person('alice'), 'alice', PACKAGE, 'expired');
  });

  await t.test('how a resource is delivered is chosen by its owner', async () => {
    const { page } = await at('mia', '/tasks');
    await page.goto(`${portal.url}/catalogs`);
    await page.locator('main').getByRole('link', { name: 'Finance', exact: true }).first().click();
    await page.getByRole('link', { name: /^Resources/ }).first().click();
    await page.locator('main').getByRole('link', { name: 'Accounting', exact: true }).first().click();
    assert.match(await page.locator('main').innerText(), /its owners get a task each time/);
    await look('mia', 'resource');
    await page.locator('main a[href$="/delivery"]').first().click();
    await look('mia', 'delivery');
  });
});
