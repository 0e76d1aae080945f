/**
 * For how long an answer may be kept, as its headers say, within bounds.
 *
 * Source: RFC 9111 sections 4.2.1 and 5.2.2 (a shared cache), 5.1 (`Age`).
 *
 * @module
 */

/** The shortest and the longest that an answer is kept. */
export interface FreshnessBounds {
  readonly leastSeconds: number;
  readonly mostSeconds: number;
}

/** @param now milliseconds since the epoch, for an answer that says when it ends and not how long it lasts. */
export function freshSeconds(
  headers: Headers,
  { leastSeconds, mostSeconds }: FreshnessBounds,
  now: number,
): number {
  const sent = sentSeconds(headers, now) ?? leastSeconds;
  return Math.min(mostSeconds, Math.max(leastSeconds, sent));
}

function sentSeconds(headers: Headers, now: number): number | undefined {
  const control = headers.get('cache-control') ?? '';
  if (/(?:^|[,\s])(?:no-store|no-cache|private)(?:[,\s=]|$)/i.test(control)) return 0;
  const age = secondsIn(/^\s*(\d{1,9})\s*$/, headers.get('age') ?? '') ?? 0;
  const lasts =
    secondsIn(/(?:^|[,\s])s-maxage\s*=\s*"?(\d{1,9})/i, control) ??
    secondsIn(/(?:^|[,\s])max-age\s*=\s*"?(\d{1,9})/i, control);
  if (lasts !== undefined) return lasts - age;
  const ends = Date.parse(headers.get('expires') ?? '');
  return Number.isNaN(ends) ? undefined : Math.floor((ends - now) / 1_000);
}

function secondsIn(pattern: RegExp, text: string): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
