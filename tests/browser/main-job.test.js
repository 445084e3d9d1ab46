// The main job, end to end: a person requests access, the approver decides from an e-mailed link, the access is
// delivered, everyone is told, and it ends by itself.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { checkPage, isSignIn, openContext, signIn, startBrowser } from './support/browser.js';
import { linkIn, mailMark, waitForMail } from './support/mail.js';
import { startPortal } from './support/portal.js';
import { accessRow, decide, forward, requestPackage, states, waitForAccess } from './support/steps.js';

const PACKAGE = 'Sales onboarding';
const JUSTIFICATION = 'I join the Sales team on Monday and need "its" tools & lists.';

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

test('request, decide from the mail, deliver, tell, end', async (t) => {
  const alice = await openContext(chrome.browser, portal.url);
  const bob = await openContext(chrome.browser, portal.url);
  t.after(async () => {
    if (!t.passed) console.error(portal.log().slice(-4000));
    await alice.close();
    await bob.close();
  });
  const look = (person, name) => checkPage(person, `main-job-${name}`);

  let requestPath;
  let link;
  let mark = await mailMark(portal);

  await t.test('Alice requests the package', async () => {
    await alice.page.goto('/sign-in');
    await look(alice, 'sign-in');
    await signIn(alice, 'alice');
    await look(alice, 'home');
    requestPath = await requestPackage(alice, 'alice', PACKAGE, JUSTIFICATION, (name) => look(alice, name));
    assert.ok(await states(alice.page, 'pendingApproval').count(), 'the request waits for approval');
    await alice.page.goto('/requests');
    const id = requestPath.split('/').pop();
    assert.equal(await alice.page.locator(`main [data-id="${id}"] [data-state="pendingApproval"]`).count(), 1);
    await look(alice, 'requests');
  });

  await t.test('Bob gets a mail with one link to decide (APR-12)', async () => {
    const mail = await waitForMail(portal, {
      to: 'bob@demo.example',
      subject: /^Action required: Approve or deny request by /,
      after: mark,
    });
    assert.ok(mail.notice, 'X-Latchkey-Notice is set (NOT-3)');
    assert.equal(mail.automatic, 'auto-generated');
    assert.match(mail.text, /Alice/);
    assert.ok(mail.text.replace(/\s+/g, ' ').includes(JUSTIFICATION), 'the mail gives the justification as typed');
    link = linkIn(mail, /^\/d\/[\w-]{20,}$/);
    assert.equal(new Set(mail.html.match(/\/d\/[\w-]+/g)).size, 1, 'one address, not one per verdict');
  });

  await t.test('signed out, the link tells nothing and leads through sign-in and back (SES-4)', async () => {
    await bob.page.goto(link);
    assert.ok(isSignIn(bob.page), `the link leads to the sign-in page, not ${bob.page.url()}`);
    const told = await bob.page.content();
    assert.ok(!told.includes(PACKAGE) && !told.includes('join the Sales team'), 'nothing about the request');
    await look(bob, 'link-signed-out');
    await signIn(bob, 'bob');
    assert.equal(new URL(bob.page.url()).pathname, new URL(link).pathname);
    const shown = await bob.page.locator('main').innerText();
    assert.ok(shown.includes(PACKAGE) && shown.includes(JUSTIFICATION) && shown.includes('Alice'), 'what is asked, by whom');
    await look(bob, 'link');
  });

  await t.test('Bob approves; the link then shows the receipt', async () => {
    mark = await mailMark(portal);
    await decide(bob, /^Approve/, 'Welcome to the team.');
    await states(bob.page, 'pendingApproval').first().waitFor({ state: 'detached' });
    await checkPage(bob, 'main-job-receipt', { refetch: false });
    await bob.page.goto(link);
    assert.equal(await bob.page.getByRole('radio').count(), 0, 'a used link decides nothing more (I11)');
    assert.match(await bob.page.locator('main').innerText(), /approved/i);
    await look(bob, 'link-used');
    const mail = await waitForMail(portal, { to: 'bob@demo.example', after: mark });
    assert.ok(mail.subject, 'the decision is confirmed by mail');
  });

  await t.test('Alice has the access, and is told', async () => {
    await waitForAccess(alice, 'alice', PACKAGE, 'delivered');
    await look(alice, 'access');
    const mail = await waitForMail(portal, { to: 'alice@demo.example', subject: /^You now have access to /, after: mark });
    assert.ok(mail.subject.endsWith(PACKAGE));
    await alice.page.goto(requestPath);
    assert.ok(await states(alice.page, 'delivered').count());
    const told = await alice.page.locator('main').innerText();
    assert.ok(told.includes('Welcome to the team.'), 'the requestor reads the reason (APR-7)');
    await look(alice, 'request-delivered');
  });

  await t.test('31 days later the access has ended by itself', async () => {
    mark = await mailMark(portal);
    await forward(alice, 'alice', 31);
    await look(alice, 'demo');
    assert.equal(await accessRow(alice, 'alice', PACKAGE, 'delivered'), null, 'no live access is left (I6)');
    await waitForAccess(alice, 'alice', PACKAGE, 'expired');
    await look(alice, 'access-expired');
    const mail = await waitForMail(portal, { to: 'alice@demo.example', subject: /^Access has ended for /, after: mark });
    assert.ok(mail.subject.endsWith(PACKAGE));
  });
});
