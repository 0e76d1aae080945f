/** What a person does with the mail that they get. */

import { recordSecret } from '../support/issued-secrets.ts';
import type { TestServer } from '../support/server.ts';

/** @returns the newest mail to an address, once all that is due was sent. */
export async function newestMail(server: TestServer, to: string) {
  return (await server.sendMail()).find((mail) => mail.to === to);
}

/** @returns the path of the link in the newest mail to an address; '' where there is none. */
export async function linkTo(server: TestServer, to: string): Promise<string> {
  const mail = await newestMail(server, to);
  const [, path = ''] = /^https?:\/\/[^/]+(\/\S+)$/m.exec(mail?.text ?? '') ?? [];
  const secret = path.split('/').at(-1) ?? '';
  if (secret.startsWith('usher_')) recordSecret('link', secret);
  return path;
}
