// A request in full: three stages, a question, a comment, changes asked for, escalation, and an extension at the end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, open, openContext, startBrowser } from './support/browser.js';
import { linkIn, mailMark, waitForMail } from './support/mail.js';
import { startPortal } from './support/portal.js';
import { decide, forward, waitForAccess } from './support/steps.js';

const PACKAGE = 'Audit workspace';
const FIRST = 'The books of last year.';
const SECOND = 'The books of last year, Sales only.';

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

/** The form whose submit button says this. */
const formWith = (page, button) => page.locator('main form').filter({ has: page.getByRole('button', { name: button }) });

test('three stages, with questions, talk, escalation and an extension', async (t) => {
  const people = {};
  const person = async (name) => (people[name] ??= await openContext(chrome.browser, portal.url));
  const look = async (name, what) => checkPage(await person(name), `three-stages-${what}`);
  const at = async (name, path) => {
    const who = await person(name);
    await open(who, name, path);
    return who;
  };
  t.after(async () => {
    if (!t.passed) console.error(portal.log().slice(-4000));
    for (const who of Object.values(people)) await who.close();
  });

  let id;
  let mark = await mailMark(portal);

  await t.test('Alice answers the question and asks (QST-3)', async () => {
    const { page } = await at('alice', `/packages?q=${encodeURIComponent(PACKAGE)}`);
    await page.locator('main').getByRole('link', { name: PACKAGE, exact: true }).first().click();
    await look('alice', 'package');
    await page.locator('main a[href$="/request"]').first().click();
    const form = page.locator('main form').filter({ has: page.locator('[name="justification"]') });
    await form.locator('[name="justification"]').fill('The yearly audit begins.');
    await form.locator('button[type="submit"]').last().click();
    assert.match(await page.locator('main').innerText(), /needs an answer/i, 'the question is required (QST-1)');
    assert.equal(await form.locator('[name="justification"]').inputValue(), 'The yearly audit begins.');
    await checkPage(await person('alice'), 'three-stages-unanswered', { refetch: false });
    await page.getByLabel(/What will you look at/).fill(FIRST);
    await form.locator('button[type="submit"]').last().click();
    await page.waitForURL(/\/requests\/[^/?]+$/);
    id = page.url().split('/').pop();
    assert.ok((await page.locator('main').innerText()).includes(FIRST));
    await look('alice', 'request');
  });

  await t.test('Mia comments, and asks for changes (REQ-9)', async () => {
    const { page } = await at('mia', `/approvals/${id}`);
    assert.ok((await page.locator('main').innerText()).includes('What will you look at?'), 'the wording (APR-8)');
    await look('mia', 'decide');
    await page.getByLabel('Your comment').fill('All of them?');
    await formWith(page, /comment/i).getByRole('button', { name: /comment/i }).click();
    await page.getByText('All of them?').first().waitFor();
    await page.getByText('Ask the requestor to change something').click();
    await page.getByLabel('What should be different?').fill('Please name the departments.');
    await page.getByLabel('What should be different?').press('Tab');
    const ask = page.locator('main form').filter({ has: page.getByLabel('What should be different?') });
    await ask.locator('button[type="submit"]').last().click();
    await page.locator('[data-mark="changesRequested"]').first().waitFor();
    await look('mia', 'asked');
    await waitForMail(portal, { to: 'alice@demo.example', notice: 'commentAdded', after: mark });
    await waitForMail(portal, { to: 'alice@demo.example', notice: 'changesRequested', after: mark });
  });

  await t.test('Alice changes her answer and sends it back to the same stage', async () => {
    const { page } = await at('alice', `/requests/${id}`);
    assert.ok((await page.locator('main').innerText()).includes('Please name the departments.'));
    await look('alice', 'changes');
    await page.getByRole('link', { name: 'Change the request' }).first().click();
    await look('alice', 'edit');
    await page.getByLabel(/What will you look at/).fill(SECOND);
    const form = page.locator('main form').filter({ has: page.getByLabel(/What will you look at/) });
    await form.locator('button[type="submit"]').last().click();
    await page.waitForURL(new RegExp(`/requests/${id}$`));
    assert.ok((await page.locator('main').innerText()).includes(SECOND));
    assert.equal(await page.locator('[data-mark="changesRequested"]').count(), 0);
  });

  await t.test('three days later the alternates are asked too (APR-4)', async () => {
    mark = await mailMark(portal);
    await forward(await person('alice'), 'alice', 3);
    const mail = await waitForMail(portal, {
      to: 'grace@demo.example',
      subject: /^Action required: Approve or deny forwarded request by /,
      after: mark,
    });
    const { page } = await at('grace', new URL(linkIn(mail, /^\/d\/[\w-]{20,}$/)).pathname);
    const told = await page.locator('main').innerText();
    assert.ok(told.includes(SECOND) && !told.includes(`\n${FIRST}\n`), 'the answer as it is now');
    await look('grace', 'escalated');
    mark = await mailMark(portal);
    await decide(await person('grace'), /^Approve/, 'Fine.');
    await page.getByText(/approved/i).first().waitFor();
  });

  for (const [name, number] of [['laura', 2], ['helen', 3]]) {
    await t.test(`${name} approves stage ${number} from the mail`, async () => {
      const mail = await waitForMail(portal, {
        to: `${name}@demo.example`,
        subject: /^Action required: Approve or deny/,
        after: mark,
      });
      const { page } = await at(name, new URL(linkIn(mail, /^\/d\/[\w-]{20,}$/)).pathname);
      assert.match(await page.locator('main').innerText(), /Fine\./, 'what the stage before said (APR-8)');
      await look(name, `stage-${number}`);
      mark = await mailMark(portal);
      await decide(await person(name), /^Approve/, 'Good.');
      await page.getByText(/approved/i).first().waitFor();
    });
  }

  await t.test('Alice has it, and extends it from the reminder (REQ-7, NOT-2)', async () => {
    // The books are opened by hand: Mia, who owns them, gets a task (DLV-6).
    const task = await waitForMail(portal, { to: 'mia@demo.example', subject: /^Task: give Alice/, after: mark });
    const owner = await at('mia', new URL(linkIn(task, /^\/tasks\/[\w-]+$/)).pathname);
    await owner.page.getByRole('button', { name: 'Done', exact: true }).click();
    await owner.page.locator('[data-state="done"]').first().waitFor();
    await waitForAccess(await person('alice'), 'alice', PACKAGE, 'delivered');
    const { page } = await at('alice', `/requests/${id}`);
    await look('alice', 'timeline');
    mark = await mailMark(portal);
    await forward(await person('alice'), 'alice', 13);
    const mail = await waitForMail(portal, { to: 'alice@demo.example', subject: /^Extend access for /, after: mark });
    await at('alice', new URL(linkIn(mail, /^\/access\/[\w-]+\/extend$/)).pathname);
    await look('alice', 'extend');
    const form = page.locator('main form').filter({ has: page.locator('[name="justification"]') });
    await form.locator('[name="justification"]').fill('Not done yet.');
    await form.locator('button[type="submit"]').last().click();
    await page.waitForURL((url) => !url.pathname.endsWith('/extend'));
    await look('alice', 'extended');
    await forward(await person('alice'), 'alice', 5);
    await waitForAccess(await person('alice'), 'alice', PACKAGE, 'delivered');
    await look('alice', 'still-there');
  });
});
