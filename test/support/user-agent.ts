/** A person at a browser without JavaScript: cookies, redirects, forms. */

import { recordCallback, recordSecret } from './issued-secrets.ts';

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly html: string;
  readonly headers: Headers;
}

/** The values of a form: a repeated name has several. */
export type Fields = [name: string, value: string][];

export interface UserAgent {
  /** Follows redirects on this server; stops at a redirect to another one, and gives it as `url`. */
  get(url: string): Promise<Page>;
  /** Sends the form of a page as it stands, after `change` has filled it in. */
  submit(page: Page, change?: (fields: Fields) => Fields, action?: string): Promise<Page>;
  /** Sends the form of a page that takes a file. */
  upload(page: Page, action: string, field: string, file: Buffer): Promise<Page>;
  readonly cookies: Map<string, string>;
}

/** A new browser, with no cookies. @param headers of every request, such as what it says it is. */
export function createUserAgent(
  origin: string,
  headers: Readonly<Record<string, string>> = {},
): UserAgent {
  const cookies = new Map<string, string>();

  const request = async (url: string, init: RequestInit = {}): Promise<Page> => {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        ...headers,
        accept: 'text/html',
        cookie: cookieHeader(cookies),
        ...init.headers,
      },
    });
    keep(cookies, response);
    const location = response.headers.get('location');
    if (location === null || response.status < 300 || response.status > 399) {
      const { status, headers } = response;
      const html = await response.text();
      const refresh = refreshOf(html);
      if (refresh !== undefined) {
        recordCallback(refresh);
        return { status, url: refresh, html, headers };
      }
      return { status, url, html, headers };
    }
    const next = new URL(location, url);
    if (next.origin !== new URL(origin).origin || isCallback(next)) {
      recordCallback(next.href);
      return { status: response.status, url: next.href, html: '', headers: response.headers };
    }
    return request(next.href);
  };

  return {
    cookies,
    get: (url) => request(new URL(url, origin).href),
    submit: (page, change = (fields) => fields, action) => {
      const form = formOf(page.html, action);
      const body = new URLSearchParams(change(form.fields));
      return request(new URL(form.action || page.url, page.url).href, { method: 'POST', body });
    },
    upload: (page, action, field, file) => {
      const form = formOf(page.html, action);
      const body = new FormData();
      for (const [name, value] of form.fields) if (name !== field) body.append(name, value);
      body.append(field, new Blob([new Uint8Array(file)]), 'picture.png');
      return request(new URL(form.action, page.url).href, { method: 'POST', body });
    },
  };
}

/** Sets the one value of a field. */
export function fill(fields: Fields, name: string, value: string): Fields {
  return [...fields.filter(([other]) => other !== name), [name, value]];
}

/** A page that goes on by itself leads to an application: this browser stops there. */
function refreshOf(html: string): string | undefined {
  const hit = /<meta http-equiv="refresh" content="0; url=([^"]+)">/.exec(html);
  return hit?.[1] === undefined ? undefined : decoded(hit[1]);
}

const isCallback = (url: URL) => url.pathname.endsWith('/callback');

function cookieHeader(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function keep(cookies: Map<string, string>, response: Response): void {
  for (const line of response.headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
    recordSecret(`cookie ${name}`, value);
  }
}

/** The first form that posts (to `action`, if given), with what a browser would send of it. */
export function formOf(html: string, action?: string): { action: string; fields: Fields } {
  const forms = Array.from(html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)).map((hit) => ({
    attributes: attributesOf(hit[1] ?? ''),
    html: hit[2] ?? '',
  }));
  const form = forms.find(
    ({ attributes }) =>
      attributes.get('method')?.toLowerCase() === 'post' &&
      (action === undefined || attributes.get('action')?.includes(action)),
  );
  if (form === undefined) throw new Error(`no form in ${html.slice(0, 2000)}`);
  const inputs = Array.from(form.html.matchAll(/<input\b([^>]*)>/g), (hit) =>
    attributesOf(hit[1] ?? ''),
  );
  const sent = inputs.filter(
    (input) =>
      input.has('name') &&
      !input.has('disabled') &&
      (!/^(checkbox|radio)$/.test(input.get('type') ?? '') || input.has('checked')),
  );
  return {
    action: form.attributes.get('action') ?? '',
    fields: [
      ...sent.map((input): Fields[number] => [input.get('name') ?? '', input.get('value') ?? 'on']),
      ...longTexts(form.html),
    ],
  };
}

/** What a browser sends of text areas: lines end with CRLF, and a first empty one is not the text's. */
function longTexts(html: string): Fields {
  return Array.from(html.matchAll(/<textarea\b([^>]*)>(.*?)<\/textarea>/gs), (hit) => [
    attributesOf(hit[1] ?? '').get('name') ?? '',
    decoded(hit[2] ?? '')
      .replace(/^\r?\n/, '')
      .replace(/\r?\n/g, '\r\n'),
  ]);
}

function attributesOf(tag: string): Map<string, string> {
  return new Map(
    Array.from(tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g), (hit) => [
      hit[1] ?? '',
      decoded(hit[2] ?? ''),
    ]),
  );
}

function decoded(text: string): string {
  return text
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
