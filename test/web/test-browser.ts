/** A browser as far as forms need one: it keeps cookies and sends the fields of the last page. */

/** A page, or the redirect to one. */
interface Visited {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly text: string;
}

export interface TestBrowser {
  open(path: string): Promise<Visited>;
  /** Sends a form with the `token` of the page opened last. */
  send(path: string, fields?: Record<string, string>): Promise<Visited>;
  /** Cookies by name; the test may put its own. */
  readonly cookies: Map<string, string>;
}

export function openTestBrowser(origin: string): TestBrowser {
  const cookies = new Map<string, string>();
  let token = '';

  const visit = async (path: string, body?: URLSearchParams): Promise<Visited> => {
    const headers = { Cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
    const request = body === undefined ? { headers } : { headers, method: 'POST', body };
    const response = await fetch(origin + path, { ...request, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);
    const text = await response.text();
    token = /name="token" value="([^"]*)"/.exec(text)?.[1] ?? token;
    const location = response.headers.get('location');
    return { status: response.status, location, headers: response.headers, text };
  };

  return {
    cookies,
    open: (path) => visit(path),
    send: (path, fields = {}) => visit(path, new URLSearchParams({ token, ...fields })),
  };
}

function keep(cookies: Map<string, string>, header: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}
