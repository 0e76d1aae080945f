/**
 * The languages that an application asks for in its user's name: `ui_locales`, tags by spaces, the one
 * liked most first. They come with the request's own query, or with the authorization request that the
 * page belongs to, and are stronger than what the browser says (`Accept-Language`).
 *
 * Source: OpenID Connect Core 1.0 section 3.1.2.1; RP-Initiated Logout 1.0 section 2; RFC 4647 section 3.4.
 *
 * @module
 */

/** What is read of a request; a koa context. */
interface Asked {
  readonly state: Record<string, unknown>;
  readonly query: Readonly<Record<string, unknown>>;
}

const property = 'uiLocales';

/** Keeps what an authorization request asks for, for every page of this HTTP request. */
export function keepUiLocales(ctx: Pick<Asked, 'state'>, value: unknown): void {
  if (typeof value === 'string') ctx.state[property] = value;
}

/** @returns the tags that are asked for, in their order; none where nothing is. */
export function uiLocalesOf({ state, query }: Asked): string[] {
  const value = state[property] ?? query['ui_locales'];
  return typeof value === 'string' ? value.split(' ').filter(Boolean).slice(0, mostTags) : [];
}

/** More are not looked at: whoever sends the address chooses how many there are. */
const mostTags = 20;

/**
 * @returns the first of our languages that is asked for, or that one asked for is a variant of ("de-AT"
 *   finds "de"); undefined where there is none. Malformed tags find nothing.
 */
export function lookUpLocale(
  wanted: readonly string[],
  locales: readonly string[],
): string | undefined {
  const known = new Map(locales.map((locale) => [locale.toLowerCase(), locale]));
  for (const tag of wanted) {
    const parts = tag.toLowerCase().split('-').slice(0, mostParts);
    for (let length = parts.length; length > 0; length--) {
      const found = known.get(parts.slice(0, length).join('-'));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** A tag of a language has fewer. */
const mostParts = 10;
