// Reads the mails that the portal wrote as files.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';

import { eventually } from './portal.js';

/** One parsed mail: who, what, both bodies, and which notice it is. */
async function parse(source) {
  const mail = await PostalMime.parse(source);
  const header = (name) => mail.headers.find((h) => h.key === name)?.value ?? '';
  return {
    to: (mail.to ?? []).map((a) => a.address?.toLowerCase()),
    subject: mail.subject ?? '',
    notice: header('x-latchkey-notice'),
    automatic: header('auto-submitted'),
    messageId: mail.messageId ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
  };
}

/** All mails below `<data-dir>/mail`, oldest first. */
export async function readMails(portal) {
  const folder = join(portal.dataDir, 'mail');
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.eml'))
      .map(async (name) => ({ name, path: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  files.sort((a, b) => a.at - b.at || a.name.localeCompare(b.name));
  return Promise.all(files.map(async ({ path }) => parse(await readFile(path))));
}

/** How many mails there are now; later ones are those after it. */
export async function mailMark(portal) {
  return (await readMails(portal)).length;
}

/**
 * Waits for the newest mail to a person that fits.
 * @param {{ to: string, subject?: RegExp, notice?: string, after?: number }} wanted
 */
export async function waitForMail(portal, wanted, seconds = 30) {
  const { to, subject, notice, after = 0 } = wanted;
  const fits = (mail) =>
    mail.to.includes(to) && (!subject || subject.test(mail.subject)) && (!notice || mail.notice === notice);
  return eventually(
    `a mail to ${to} (${subject ?? notice}); there are: ${await subjects(portal)}`,
    async () => (await readMails(portal)).slice(after).filter(fits).at(-1),
    seconds,
  );
}

async function subjects(portal) {
  return (await readMails(portal)).map((mail) => `${mail.to}: ${mail.subject}`).join(' | ') || 'none';
}

/** The address in a mail whose path matches; it must be the same in both bodies. */
export function linkIn(mail, path) {
  const find = (body) => body.match(/https?:\/\/[^\s"'<>)\]]+/g)?.find((url) => path.test(new URL(url).pathname));
  const [text, html] = [find(mail.text), find(mail.html)];
  if (!text || text !== html) {
    throw new Error(`"${mail.subject}" has no link like ${path} in both bodies: text ${text}, HTML ${html}`);
  }
  return text;
}
