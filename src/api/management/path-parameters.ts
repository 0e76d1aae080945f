/**
 * The ids and slugs in an address. What has the form of neither names nothing: there is nothing here.
 *
 * An id has an underscore and a slug never has, so what looks like an id is never taken for a slug.
 *
 * @module
 */

import { type IdKind, parseId } from '../../lib/ids.ts';
import { parseInvitationId } from '../../organizations/invitations.ts';
import { notFound } from '../../organizations/refusals.ts';
import { challengeForm } from '../../upstream/hand-offs.ts';

/** What the platform may use for an id of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
export const externalId = /^[^\u0000-\u001f\u007f-\u009f]{1,255}$/;

/** What is between braces in an address. */
interface NamedId<Key extends string> {
  /** What the use cases call it. */
  readonly key: Key;
  /** @returns undefined of a text that has not its form. */
  readonly read: (text: string) => string | undefined;
  /** What its ids, and slugs, look like, for the document. */
  readonly form: string;
  /** An id, for the document. */
  readonly example: string;
  /** Whether it may be named by slug as well. */
  readonly takesSlug: boolean;
}

const hex = '3f2a9c1e5b7d4e60a1b2c3d4e5f60718';

const secretForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const bySlug = <const Key extends string>(
  key: Key,
  kind: IdKind,
  prefix: string,
): NamedId<Key> => ({
  key,
  read: (text) => parseId(kind, text),
  form: `^(?:${prefix}_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{0,62})$`,
  example: `${prefix}_${hex}`,
  takesSlug: true,
});

const external = <const Key extends string>(key: Key, example: string): NamedId<Key> => ({
  key,
  read: (text) => (externalId.test(text) && text.isWellFormed() ? text : undefined),
  form: externalId.source,
  example,
  takesSlug: false,
});

const clientId = /^[!-~]{1,128}$/;

const ofClient = <const Key extends string>(key: Key, example: string): NamedId<Key> => ({
  key,
  read: (text) => (clientId.test(text) ? text : undefined),
  form: clientId.source,
  example,
  takesSlug: false,
});

/** By the names between braces. */
const named = {
  organization: bySlug('organizationId', 'organization', 'org'),
  database: bySlug('databaseId', 'database', 'db'),
  branch: bySlug('branchId', 'branch', 'br'),
  team: bySlug('teamId', 'team', 'team'),
  member: {
    key: 'accountId',
    read: (text: string) => parseId('user', text),
    form: '^user_[0-9a-f]{32}$',
    example: `user_${hex}`,
    takesSlug: false,
  },
  invitation: {
    key: 'invitationId',
    read: parseInvitationId,
    form: '^inv_[0-9a-f]{32}$',
    example: `inv_${hex}`,
    takesSlug: false,
  },
  application: ofClient('clientId', 'app-of-somebody'),
  adoptable: ofClient('clientId', `app_${hex}`),
  owned_application: ofClient('ownedClientId', `app_${hex}`),
  personal_application: ofClient('ownedClientId', `app_${hex}`),
  resource_server: ofClient('resourceServerId', `rs_${hex}`),
  client_secret: {
    key: 'ownedSecretId',
    read: (text: string) => (secretForm.test(text) ? text : undefined),
    form: secretForm.source,
    example: '3f2a9c1e-5b7d-4e60-a1b2-c3d4e5f60718',
    takesSlug: false,
  },
  personal_secret: {
    key: 'ownedSecretId',
    read: (text: string) => (secretForm.test(text) ? text : undefined),
    form: secretForm.source,
    example: '3f2a9c1e-5b7d-4e60-a1b2-c3d4e5f60718',
    takesSlug: false,
  },
  secret: {
    key: 'secretId',
    read: (text: string) => (secretForm.test(text) ? text : undefined),
    form: secretForm.source,
    example: '3f2a9c1e-5b7d-4e60-a1b2-c3d4e5f60718',
    takesSlug: false,
  },
  challenge: {
    key: 'challenge',
    read: (text: string) => (challengeForm.test(text) ? text : undefined),
    form: challengeForm.source,
    example: 'usher_challenge_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM',
    takesSlug: false,
  },
  // The platform's own ids, and an e-mail address or an account's id.
  external_organization: external('externalOrganization', 'customer-17'),
  external_database: external('externalDatabase', 'database-4711'),
  external_branch: external('externalBranch', 'branch-4711-main'),
  who: external('who', 'somebody@example.com'),
} as const satisfies Readonly<Record<string, NamedId<string>>>;

type Names = typeof named;
type Name = keyof Names;

/** The names between braces in an address, and what the use cases call the ids. */
export type IdNames = { readonly [N in Name]: Names[N]['key'] };

/** The id of a name, as the document describes it. */
export function describeId(name: Name): NamedId<string> {
  return named[name];
}

/** The names in an address, in its order. */
export function namesIn(address: string): Name[] {
  return Array.from(address.matchAll(/\{(\w+)\}/g), (hit) => hit[1] as Name);
}

const slugForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** What an address names, by the names of the use cases: each part is in one of the two. */
export interface NamedInPath {
  readonly ids: Readonly<Record<string, string>>;
  readonly slugs: Readonly<Partial<Record<Sluggable, string>>>;
}

type Sluggable = IdNames['organization' | 'database' | 'branch' | 'team'];

/** @throws {RefusedError} `not_found`: a text is no id of its kind, and no slug. */
export function readPath(address: string, texts: Readonly<Record<string, string>>): NamedInPath {
  const ids: Record<string, string> = {};
  const slugs: Record<string, string> = {};
  for (const name of namesIn(address)) {
    const { key, read, takesSlug } = named[name];
    const text = texts[name] ?? '';
    const id = read(text);
    if (id !== undefined) ids[key] = id;
    else if (takesSlug && slugForm.test(text)) slugs[key] = text;
    else throw notFound();
  }
  return { ids, slugs };
}
