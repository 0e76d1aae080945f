/** Pages and forms: the consent page in full, and every other by its route. */

import { authorizationRequest, demoApp, signInFor } from '../../support/oauth.ts';
import { everyScope } from '../wide-world.ts';
import { cookieOf, form, type LargeRequest, type Parts, type Rows } from './parts.ts';
import { fill, kilobyte, query, repeated, worstForms } from './texts.ts';

const secret = 'Secret-0123456789-abcdefghijklmnop';

/** Every page by its route; one that waits for consent in full. */
export function pageRows(parts: Parts, mounted: readonly string[]): Rows {
  const { send, browser, server, world } = parts;
  const headers = () => ({
    ...cookieOf(browser),
    origin: server.issuer,
    'sec-fetch-site': 'same-origin',
  });
  let uid = secret;
  const openConsent = async () => {
    const { url } = authorizationRequest(server, demoApp, everyScope, { prompt: 'consent' });
    const page = await signInFor(browser, url, world.email);
    uid = /interaction\/([^/]+)\/consent/.exec(page.url)?.[1] ?? '';
    if (!page.html.includes('data-consent')) throw new Error(`no consent page: ${page.url}`);
    token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  };
  let token = '';
  const picks = (ids: readonly string[]) =>
    ids
      .map((id) =>
        `pick=${id}&shown=${id}&scope:${id}=database:read_branches`.replaceAll(':', '%3A'),
      )
      .join('&');
  const consent = (action: string, rest: () => string) => async () =>
    send(`/interaction/${uid}/consent`, {
      method: 'POST',
      headers: { ...headers(), ...form },
      body: `action=${action}&token=${encodeURIComponent(token)}&${rest()}`,
    });
  const full = () => picks(world.databases.slice(0, 500));
  const own: Rows = {
    'GET /interaction/:uid/consent': [
      {
        what: '2,000 databases, 500 picked',
        before: openConsent,
        send: () => send(`/interaction/${uid}/consent`, { headers: headers() }),
        status: 200,
      },
    ],
    'POST /interaction/:uid/consent': [
      {
        what: 'a search',
        before: openConsent,
        send: consent('search', () => `search=a&${full()}`),
        status: 200,
      },
      {
        what: 'as many shown as fit',
        before: openConsent,
        send: consent(
          'search',
          () =>
            `search=&${fill(255 * kilobyte, (n) => `shown=${world.databases[n % 2_000]}`, '&')
              .split('&')
              .slice(0, 9_990)
              .join('&')}`,
        ),
        status: 200,
      },
      { what: 'allowed', before: openConsent, send: consent('allow', full), status: 303 },
      ...worstForms(250 * kilobyte).map(([what, body]) => ({
        what,
        before: openConsent,
        send: consent('search', () => body),
      })),
    ],
  };
  const generic = mounted
    .filter(
      (route) =>
        !/^(ALL|\w+ \/(api\/v1|access|oauth|\.well-known)\b)/.test(route) && !(route in own),
    )
    .map((route): [string, LargeRequest[]] => {
      const [method = '', pattern = ''] = route.split(' ');
      const path = pattern
        .replace('{/databases/:database{/branches/:branch}}', '/databases/:database')
        .replace(':file', 'swagger-ui-bundle.js')
        .replace(':name', 'usher.css')
        .replaceAll(/:\w+/g, secret);
      if (method === 'GET') {
        return [
          route,
          [
            { what: 'as it is', send: () => send(path, { headers: headers() }) },
            { what: 'query', send: () => send(path + query(), { headers: headers() }) },
            { what: 'repeated', send: () => send(path + repeated, { headers: headers() }) },
          ],
        ];
      }
      return [
        route,
        worstForms(16 * kilobyte).map(([what, body]) => ({
          what,
          send: () => send(path, { method, headers: { ...headers(), ...form }, body }),
        })),
      ];
    });
  return { ...Object.fromEntries(generic), ...own };
}
