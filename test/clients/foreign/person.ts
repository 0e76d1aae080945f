/** The person at the browser: opens an address, signs in, allows, and is sent back to the client. */

import { allow, signInFor } from '../../support/oauth.ts';
import { createUserAgent } from '../../support/user-agent.ts';

export interface Person {
  /** @returns where the browser ended: the client's redirect URI, with a code or an error. */
  authorize(url: string): Promise<string>;
}

/** Somebody who allows what is asked on the database `shop`, where it is asked for a resource. */
export function createPerson(issuer: string, email: string): Person {
  const agent = createUserAgent(issuer);
  return {
    async authorize(url) {
      const page = await signInFor(agent, url, email);
      if (!page.html.includes('data-consent')) return page.url;
      const isShopOffered = page.html.includes('data-path="acme/shop"');
      return (await allow(agent, page, isShopOffered ? ['acme/shop'] : [])).url;
    },
  };
}
