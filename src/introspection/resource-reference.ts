/**
 * The `resource` parameter of an introspection request: what the resource server is about to touch.
 *
 *   user                                                   the account behind the token
 *   org_... db_... br_...                                  a printed id
 *   external:<id>                                          the platform's own id
 *   organizations/acme/databases/shop/branches/main        a slug path, whole or its beginning
 *
 * Anything else names nothing and is no error: an asker learns no more from it than from the name
 * of something that is not there.
 *
 * @module
 */

import { parseId } from '../lib/ids.ts';
import type { ResourceReference, SlugPath } from '../storage/tree/resource-lookup.ts';

const maxLength = 1000;
const slug = '([a-z0-9][a-z0-9-]{0,62})';
const slugPath = new RegExp(
  `^/?organizations/${slug}(?:/databases/${slug}(?:/branches/${slug})?)?$`,
);
const externalPrefix = 'external:';

/** @returns the resource that the text names; `unknown` for a text that names none. */
export function parseResource(text: string): ResourceReference {
  if (text.length > maxLength) return { kind: 'unknown' };
  if (text === 'user') return { kind: 'user' };
  return parsePrintedId(text) ?? parseExternalId(text) ?? parsePath(text) ?? { kind: 'unknown' };
}

function parsePrintedId(text: string): ResourceReference | undefined {
  for (const kind of ['branch', 'database', 'organization'] as const) {
    const id = parseId(kind, text);
    if (id !== undefined) return { kind, id };
  }
  return undefined;
}

/** PostgreSQL has no text with a NUL, and one that is not Unicode would arrive as another. */
function parseExternalId(text: string): ResourceReference | undefined {
  const externalId = text.slice(externalPrefix.length);
  if (!text.startsWith(externalPrefix) || text.includes('\0') || !text.isWellFormed()) {
    return undefined;
  }
  return { kind: 'external', externalId };
}

function parsePath(text: string): ({ kind: 'path' } & SlugPath) | undefined {
  const [, organization, database, branch] = slugPath.exec(text) ?? [];
  return organization === undefined ? undefined : { kind: 'path', organization, database, branch };
}
