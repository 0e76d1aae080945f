/**
 * The demo data of a catalogue, `demo.json`: a small world in the platform's own words. A catalogue can
 * be without it; then there is no demo.
 *
 * @module
 */

import { z } from 'zod';
import { type Fault, unknownName } from './faults.ts';

const word = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a short name such as acme');
const email = z.email().max(200);
const scope = z.string().max(10_000);

/** The two that the pages of the demo play: an application and a resource server of the platform. */
export const played = { application: 'demo-app', resourceServer: 'demo-api' } as const;

/** The form of `demo.json`. */
export const demoFile = z.strictObject({
  $schema: z.string().optional(),
  password: z.string().min(8).max(100),
  accounts: z.array(email).min(1).max(100),
  operators: z.array(email).default([]),
  organizations: z
    .array(
      z.strictObject({
        slug: word,
        baseRole: z.string(),
        members: z.record(email, z.string()),
        databases: z.record(word, z.array(word).min(1).max(20)),
        roles: z.array(z.strictObject({ account: email, database: word, role: z.string() })),
        teams: z
          .array(z.strictObject({ slug: word, members: z.array(email), databases: z.array(word) }))
          .default([]),
      }),
    )
    .min(1)
    .max(20),
  productionBranches: z.array(word).min(1),
  stages: z.array(z.strictObject({ organization: word, database: word, branch: word })),
  tryAs: email,
  example: scope,
  clients: z
    .array(
      z.strictObject({
        id: word,
        name: z.string().min(1).max(100),
        applicationType: z.enum(['web', 'native']).default('web'),
        secret: z.string().min(8).max(100).optional(),
        owner: word.optional(),
        redirectUris: z.array(z.string().max(500)).default([]),
        scope: scope.default(''),
        resourceServer: z.enum(['platform', 'organization']).optional(),
        /** Of a resource server: its address (RFC 8707); its `scope` is then what it accepts. */
        audience: z.string().max(500).optional(),
      }),
    )
    .max(20),
});

/** What `demo.json` says. */
export type DemoFile = z.output<typeof demoFile>;

/** What the other files have, as far as they can be read. */
interface Others {
  readonly 'roles.json'?: Readonly<
    Record<'organization' | 'database' | 'base', readonly { readonly id: string }[]>
  >;
  readonly 'scopes.json'?: {
    readonly scopes: readonly {
      readonly scope: string;
      readonly formerly?: readonly string[] | undefined;
    }[];
  };
}

type Say = (path: string, message: string) => void;

/**
 * @param faultyNames what has a fault of its own: naming it is no second one.
 * @returns what names nothing: accounts, roles, databases, branches and scopes.
 */
export function checkDemo(
  demo: DemoFile,
  files: Others,
  faultyNames: ReadonlySet<string>,
): Fault[] {
  const faulty = new Set([...faultyNames].flatMap((name) => [name, name.split(':')[1] ?? '']));
  const faults: Fault[] = [];
  const say: Say = (path, message) => faults.push({ file: 'demo.json', path, message });
  const known = (what: string, names: Iterable<string>) => {
    const list = [...names];
    return (path: string, name: string | undefined) => {
      if (name === undefined || list.includes(name) || faulty.has(name)) return;
      say(path, unknownName(what, name, list));
    };
  };
  const account = known('account', demo.accounts);
  demo.operators.forEach((name, at) => {
    account(`operators[${at}]`, name);
  });
  account('tryAs', demo.tryAs);
  const roles = files['roles.json'];
  demo.organizations.forEach((organization, at) => {
    const path = `organizations[${at}]`;
    const database = known('database', Object.keys(organization.databases));
    for (const name of Object.keys(organization.members)) account(`${path}.members`, name);
    organization.roles.forEach((given, n) => {
      account(`${path}.roles[${n}].account`, given.account);
      database(`${path}.roles[${n}].database`, given.database);
    });
    organization.teams.forEach((team, n) => {
      for (const name of team.members) account(`${path}.teams[${n}].members`, name);
      for (const name of team.databases) database(`${path}.teams[${n}].databases`, name);
    });
    if (roles) checkRoles(organization, path, roles, known);
  });
  checkStages(demo, known);
  checkClients(demo, files, known, say);
  return faults;
}

type Known = (
  what: string,
  names: Iterable<string>,
) => (path: string, name: string | undefined) => void;

function checkRoles(
  { baseRole, members, roles: given }: DemoFile['organizations'][number],
  path: string,
  roles: NonNullable<Others['roles.json']>,
  known: Known,
) {
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
  known('base role', ids(roles.base))(`${path}.baseRole`, baseRole);
  const organizationRole = known('organization role', ids(roles.organization));
  for (const [name, role] of Object.entries(members))
    organizationRole(`${path}.members.${name}`, role);
  const databaseRole = known('database role', ids(roles.database));
  given.forEach(({ role }, n) => {
    databaseRole(`${path}.roles[${n}].role`, role);
  });
}

function checkStages({ organizations, stages }: DemoFile, known: Known) {
  const organization = known(
    'organization',
    organizations.map(({ slug }) => slug),
  );
  stages.forEach((stage, at) => {
    organization(`stages[${at}].organization`, stage.organization);
    const { databases = {} } = organizations.find(({ slug }) => slug === stage.organization) ?? {};
    known('database', Object.keys(databases))(`stages[${at}].database`, stage.database);
    known('branch', databases[stage.database] ?? [])(`stages[${at}].branch`, stage.branch);
  });
}

function checkClients(
  { clients, organizations, example }: DemoFile,
  files: Others,
  known: Known,
  say: Say,
) {
  const rows = files['scopes.json']?.scopes;
  const names = (rows ?? [])
    .flatMap(({ scope: name, formerly = [] }) => [name, ...formerly])
    .flatMap((name) => [name, name.split(':')[1] ?? '']);
  const checkScope = (path: string, text: string) => {
    if (rows === undefined || text === 'all') return;
    for (const name of text.split(' ').filter((one) => one !== ''))
      known('scope', names)(path, name);
  };
  checkScope('example', example);
  clients.forEach((client, at) => {
    known(
      'organization',
      organizations.map(({ slug }) => slug),
    )(`clients[${at}].owner`, client.owner);
    checkScope(`clients[${at}].scope`, client.scope);
  });
  for (const id of Object.values(played)) {
    if (!clients.some((client) => client.id === id && client.secret !== undefined)) {
      say('clients', `the pages of the demo need a client "${id}" with a secret`);
    }
  }
}
