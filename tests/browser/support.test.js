// The checks themselves: each must be able to fail.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { checkPage, openContext, startBrowser } from './support/browser.js';
import { linkIn, readMails, waitForMail } from './support/mail.js';

const page = (body, head = '') =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>` +
  `<meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<link rel="icon" href="/icon"><link rel="stylesheet" href="/style.css">${head}</head>` +
  `<body><main><h1>A page</h1>${body}</main></body></html>`;

const PAGES = {
  '/good': page('<p>Fine.</p><form><label for="a">Name</label> <input id="a" name="a"></form>'),
  '/axe': page('<form><input name="a"></form>'),
  '/contrast': page('<p class="pale">Can you read this?</p>'),
  '/html': page('<p>One<div>two</div></p>'),
  '/inline': page('<p>Fine.</p>', '<script>window.x = 1;</script>'),
  '/error': page('<p>Fine.</p>', '<script src="/error.js"></script>'),
  '/elsewhere': page('<p>Fine.</p><img src="http://127.0.0.1:9/x.png" alt="A dot">'),
  '/wide': page('<p class="wide">Fine.</p>'),
};
const FILES = {
  '/style.css': ['text/css', '.pale { color: #ccc; background: #fff } .wide { width: 3000px }'],
  '/error.js': ['text/javascript', 'throw new Error("on purpose")'],
  '/icon': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
};

let server;
let url;
let chrome;

before(async () => {
  server = createServer((request, response) => {
    const file = FILES[request.url];
    response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'; style-src 'self'; img-src *");
    response.setHeader('content-type', file?.[0] ?? 'text/html; charset=utf-8');
    response.end(file?.[1] ?? PAGES[request.url]);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
  chrome = await startBrowser();
});

after(async () => {
  await chrome?.stop();
  server?.closeAllConnections();
  server?.close();
});

async function check(path, options) {
  const person = await openContext(chrome.browser, url, options);
  try {
    await person.page.goto(path);
    await checkPage(person, `support${path.replaceAll('/', '-')}`);
  } finally {
    await person.close();
  }
}

test('a good page passes, with and without JavaScript, wide and small', async () => {
  await check('/good');
  await check('/good', { javaScriptEnabled: false });
  await check('/good', { viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
});

for (const [path, words] of [
  ['/axe', /axe label/],
  ['/contrast', /axe color-contrast/],
  ['/html', /HTML 1:\d+ /],
  ['/inline', /CSP: script-src/],
  ['/error', /script error: on purpose/],
  ['/elsewhere', /request to elsewhere/],
  ['/wide', /scrolls sideways/],
]) {
  test(`${path.slice(1)} is found`, () => assert.rejects(check(path), words));
}

test('axe and the width are checked without JavaScript too', async () => {
  await assert.rejects(check('/axe', { javaScriptEnabled: false }), /axe label/);
  await assert.rejects(check('/wide', { javaScriptEnabled: false }), /scrolls sideways/);
});

test('mails are read whatever their encoding', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-mails-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const portal = { dataDir };
  assert.deepEqual(await readMails(portal), []);
  await mkdir(join(dataDir, 'mail'));
  const link = 'http://127.0.0.1:8080/d/abc_DEF-123';
  const html = Buffer.from(`<a href="${link}">Decide</a>`).toString('base64');
  await writeFile(
    join(dataDir, 'mail', '1.eml'),
    [
      'From: Latchkey <latchkey@demo.example>',
      'To: Bob <Bob@demo.example>',
      'Subject: =?utf-8?q?Approve_or_deny_request_by_M=C3=A4rz?=',
      'X-Latchkey-Notice: approvalRequested',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      `Gr=C3=BC=C3=9Fe: ${link.slice(0, 20)}=`,
      link.slice(20),
      '--b',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      html,
      '--b--',
      '',
    ].join('\r\n'),
  );
  const mail = await waitForMail(portal, { to: 'bob@demo.example', subject: /März$/, notice: 'approvalRequested' });
  assert.ok(mail.text.startsWith('Grüße'));
  assert.equal(linkIn(mail, /^\/d\//), link);
  assert.throws(() => linkIn(mail, /^\/other\//), /no link/);
  await assert.rejects(waitForMail(portal, { to: 'alice@demo.example', subject: /x/ }, 0.3), /bob@demo.example: Approve/);
});
