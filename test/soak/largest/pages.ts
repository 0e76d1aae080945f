/** Pages and forms: the consent page in full, and every other by its route. */

import { allScopes } from '../../../src/catalogue/scope-set.ts';
import { printOffered } from '../../../src/consent/choice.ts';
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
  /** As the page sends what is picked, each with permissions of its own. */
  const picks = (ids: readonly string[]) =>
    new URLSearchParams([
      ['ends', '90_days'],
      ...ids.flatMap((id): [string, string][] => [
        ['pick', id],
        ['shown', id],
        [`gives:${id}`, printOffered(allScopes)],
        [`production:${id}`, 'yes'],
        [`own:${id}`, 'yes'],
        [`scope:${id}`, 'database:read_branches'],
      ]),
    ]).toString();
  const post = (path: () => string, rest: () => string) => async () =>
    send(path(), {
      method: 'POST',
      headers: { ...headers(), ...form },
      body: `token=${encodeURIComponent(token)}&${rest()}`,
    });
  const consent = (action: string, rest: () => string) =>
    post(
      () => `/interaction/${uid}/consent`,
      () => `action=${action}&${rest()}`,
    );
  const access = `/account/applications/${demoApp.id}`;
  const openAccess = async () => {
    await openConsent();
    const page = await browser.get(access);
    if (!page.html.includes('data-consent')) throw new Error(`no page of access: ${page.url}`);
    token = /name="token" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  };
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
    'POST /interaction/:uid/search': [
      {
        what: '500 picked',
        before: openConsent,
        send: post(
          () => `/interaction/${uid}/search`,
          () => `search=a&${full()}`,
        ),
        status: 200,
      },
    ],
    'POST /interaction/:uid/preview': [
      {
        what: '500 picked',
        before: openConsent,
        send: post(() => `/interaction/${uid}/preview`, full),
        status: 200,
      },
    ],
    'GET /account/applications/:client': [
      {
        what: '500 picked',
        before: openAccess,
        send: () => send(access, { headers: headers() }),
        status: 200,
      },
    ],
    'POST /account/applications/:client': [
      {
        what: 'a search, 500 picked',
        before: openAccess,
        send: post(
          () => access,
          () => `action=search&search=a&${full()}`,
        ),
        status: 200,
      },
      {
        what: 'saved',
        before: openAccess,
        send: post(
          () => access,
          () => `action=save&${full()}`,
        ),
        status: 303,
      },
    ],
    'POST /account/applications/:client/search': [
      {
        what: '500 picked',
        before: openAccess,
        send: post(
          () => `${access}/search`,
          () => `search=a&${full()}`,
        ),
        status: 200,
      },
    ],
    'POST /account/applications/:client/preview': [
      {
        what: '500 picked',
        before: openAccess,
        send: post(() => `${access}/preview`, full),
        status: 200,
      },
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
