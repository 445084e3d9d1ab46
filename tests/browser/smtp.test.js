// Mail through a real SMTP server with authentication, taken and refused (SPEC NOT-4).

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

import { checkPage, open, openContext, signIn, startBrowser } from './support/browser.js';
import { eventually, startPortal } from './support/portal.js';

const LOGIN = { user: 'latchkey@relay', pass: 'p%ss/wörd' };
const taken = [];
let refuse = null;
let server;
let portal;
let chrome;

before(async () => {
  server = new SMTPServer({
    authMethods: ['PLAIN', 'LOGIN'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, session, done) =>
      username === LOGIN.user && password === LOGIN.pass ? done(null, { user: username }) : done(new Error('who?')),
    onRcptTo: ({ address }, session, done) =>
      address === refuse ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })) : done(),
    onData: (stream, session, done) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        const mail = await PostalMime.parse(Buffer.concat(chunks));
        taken.push({ ...mail, envelope: session.envelope });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address();
  const login = `${encodeURIComponent(LOGIN.user)}:${encodeURIComponent(LOGIN.pass)}`;
  portal = await startPortal({ env: { LATCHKEY_SMTP_URL: `smtp://${login}@127.0.0.1:${port}` } });
  chrome = await startBrowser();
});

after(async () => {
  await chrome?.stop();
  await portal?.stop();
  server?.close(() => {});
});

async function forget(address) {
  const person = await openContext(chrome.browser, portal.url);
  try {
    await open(person, 'forgot', '/forgot-password');
    await person.page.locator('[name="email"]').fill(address);
    await person.page.locator('main form button[type="submit"]').last().click();
    await person.page.waitForLoadState('load');
  } finally {
    await person.close();
  }
}

test('a mail reaches the server, signed in, with both parts and the link that works', async () => {
  await forget('bob@demo.example');
  const mail = await eventually('a mail to Bob', () => taken.find((m) => m.envelope.rcptTo[0].address === 'bob@demo.example'));
  const header = (name) => mail.headers.find((h) => h.key === name)?.value;
  assert.equal(header('x-latchkey-notice'), 'passwordReset');
  assert.equal(header('auto-submitted'), 'auto-generated');
  assert.match(mail.messageId, /^<[0-9a-f-]{36}@127\.0\.0\.1>$/);
  const [link] = mail.text.match(/http:\S+\/account\/reset\/[\w-]{43}/);
  assert.ok(mail.html.includes(`href="${link}"`));
  const person = await openContext(chrome.browser, portal.url);
  try {
    await open(person, 'reset', new URL(link).pathname);
    assert.equal(await person.page.locator('input[type="password"]').count() > 0, true);
  } finally {
    await person.close();
  }
});

test('what the server refuses for good shows on the Mail page, and can be sent again', async () => {
  refuse = 'mia@demo.example';
  await forget('mia@demo.example');
  const root = await openContext(chrome.browser, portal.url);
  try {
    await signIn(root, 'root@demo.example');
    const row = root.page.locator('tr[data-id]').filter({ hasText: 'mia@demo.example' }).first();
    await eventually('the refused mail', async () => {
      await open(root, 'mails', '/admin/mail?state=failed');
      return (await row.count()) > 0;
    });
    await checkPage(root, 'admin-mails');
    assert.match(await row.innerText(), /no such mailbox/);
    await row.getByRole('link').first().click();
    await root.page.waitForLoadState('load');
    await checkPage(root, 'admin-mail');
    refuse = null;
    await root.page.getByRole('button', { name: 'Send again' }).click();
    await eventually('the mail to Mia', () => taken.find((m) => m.envelope.rcptTo[0].address === 'mia@demo.example'));
  } finally {
    await root.close();
  }
});
