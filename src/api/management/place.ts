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

/** The names between braces in an address, and what the use cases call the ids. */
export interface IdNames {
  readonly organization: 'organizationId';
  readonly database: 'databaseId';
  readonly branch: 'branchId';
  readonly team: 'teamId';
  readonly member: 'accountId';
  readonly invitation: 'invitationId';
  readonly application: 'clientId';
  /** The platform's own ids, and an e-mail address or an account's id. */
  readonly external_organization: 'externalOrganization';
  readonly external_database: 'externalDatabase';
  readonly external_branch: 'externalBranch';
  readonly who: 'who';
}

type Name = keyof IdNames;

/** What the platform may use for an id of its own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
export const externalId = /^[^\u0000-\u001f\u007f-\u009f]{1,255}$/;

const printed =
  (kind: IdKind) =>
  (text: string): string | undefined =>
    parseId(kind, text);
const external = (text: string) =>
  externalId.test(text) && text.isWellFormed() ? text : undefined;
const visible = (text: string) => (/^[!-~]{1,128}$/.test(text) ? text : undefined);

const names: { readonly [N in Name]: readonly [IdNames[N], (text: string) => string | undefined] } =
  {
    organization: ['organizationId', printed('organization')],
    database: ['databaseId', printed('database')],
    branch: ['branchId', printed('branch')],
    team: ['teamId', printed('team')],
    member: ['accountId', printed('user')],
    invitation: ['invitationId', parseInvitationId],
    application: ['clientId', visible],
    external_organization: ['externalOrganization', external],
    external_database: ['externalDatabase', external],
    external_branch: ['externalBranch', external],
    who: ['who', external],
  };

function idOrSlug(prefix: string): string {
  return `^(?:${prefix}_[0-9a-f]{32}|[a-z0-9][a-z0-9-]{0,62})$`;
}

/** What the ids and slugs of each name look like, for the document. */
export const idForms: Readonly<Record<Name, string>> = {
  organization: idOrSlug('org'),
  database: idOrSlug('db'),
  branch: idOrSlug('br'),
  team: idOrSlug('team'),
  member: '^user_[0-9a-f]{32}$',
  invitation: '^inv_[0-9a-f]{32}$',
  application: '^[!-~]{1,128}$',
  external_organization: externalId.source,
  external_database: externalId.source,
  external_branch: externalId.source,
  who: externalId.source,
};

const hex = '3f2a9c1e5b7d4e60a1b2c3d4e5f60718';

/** An id of each name, for the document. */
export const idExamples: Readonly<Record<Name, string>> = {
  organization: `org_${hex}`,
  database: `db_${hex}`,
  branch: `br_${hex}`,
  team: `team_${hex}`,
  member: `user_${hex}`,
  invitation: `inv_${hex}`,
  application: 'app-of-somebody',
  external_organization: 'customer-17',
  external_database: 'database-4711',
  external_branch: 'branch-4711-main',
  who: 'somebody@example.com',
};

/** The names in an address, in its order. */
export function namesIn(address: string): Name[] {
  return Array.from(address.matchAll(/\{(\w+)\}/g), (hit) => hit[1] as Name);
}

const slugForm = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The parts of an address that may be named by slug. */
const sluggable = ['organization', 'database', 'branch', 'team'] as const;
type Sluggable = IdNames[(typeof sluggable)[number]];

/** What an address names, by the names of the use cases: each part is in one of the two. */
export interface NamedInPath {
  readonly ids: Readonly<Record<string, string>>;
  readonly slugs: Readonly<Partial<Record<Sluggable, string>>>;
}

/** Whether the name may be a slug. */
export function takesSlug(name: Name): boolean {
  return sluggable.some((one) => one === name);
}

/** @throws {RefusedError} `not_found`: a text is no id of its kind, and no slug. */
export function readPath(address: string, texts: Readonly<Record<string, string>>): NamedInPath {
  const ids: Record<string, string> = {};
  const slugs: Record<string, string> = {};
  for (const name of namesIn(address)) {
    const [key, read] = names[name];
    const text = texts[name] ?? '';
    const id = read(text);
    if (id !== undefined) ids[key] = id;
    else if (takesSlug(name) && slugForm.test(text)) slugs[key] = text;
    else throw notFound();
  }
  return { ids, slugs };
}
