/**
 * What the pages of Why? show, out of what the use cases answer.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import {
  baseRoleName,
  databaseRoleToday,
  isAdministratorRole,
  roleName,
} from '../../members/roles.ts';
import type { AccessTable } from '../../organizations/access-table.ts';
import { type Asked, askableAt, printAsked } from '../../organizations/asked.ts';
import type { AskedResource, FoundResource } from '../../organizations/asked-resource.ts';
import type { WhoCan } from '../../organizations/who-can.ts';
import type { Why, WhyAnswer } from '../../organizations/why.ts';
import type { Branch } from '../../storage/tree/branches.ts';
import type { StoredDatabase } from '../../storage/tree/databases.ts';
import type { GivenDatabase } from '../../storage/tree/holders.ts';
import type { Organization } from '../../storage/tree/organizations.ts';
import { askedWords, refusalWords, resourceName, sourceWords } from './why-words.ts';

/** The addresses of Why? */
export interface Links {
  readonly why: (parameters: Readonly<Record<string, string | undefined>>) => string;
}

type Named = Pick<Organization, 'name' | 'baseRole'>;

/** Whom a page is about, and where. */
interface About {
  readonly at: AskedResource;
  readonly accountId: string;
}

/** @returns people and, in the columns, what each is on the organization and on some databases. */
export function accessRows(
  t: Messages,
  organization: Named,
  { people, databases, given }: AccessTable,
  { why }: Links,
) {
  const cell = (accountId: string, on: string, text: string) => ({
    href: why({ person: printId('user', accountId), on }),
    text,
  });
  return {
    columns: [organization.name, ...databases.map(({ slug }) => slug)],
    rows: people.map(({ accountId, name, email, role, suspended }) => ({
      name,
      email,
      isSuspended: suspended,
      cells: [
        cell(accountId, '', roleName(role, t.locale)),
        ...databases.map(({ id }) => {
          const found = given.find((one) => one.accountId === accountId && one.databaseId === id);
          const text = isAdministratorRole(role)
            ? t.text('why.everything-given')
            : rolesText(t, found, organization);
          return cell(accountId, printId('database', id), text);
        }),
      ],
    })),
  };
}

function rolesText(t: Messages, found: GivenDatabase | undefined, { baseRole }: Named): string {
  const { direct = null, teams = [] } = found ?? {};
  const given = [
    ...(direct === null ? [] : [roleName(databaseRoleToday(direct), t.locale)]),
    ...teams.map(({ name }) => t.text('why.team', { name })),
  ];
  return given.length === 0
    ? t.text('why.base-given', { role: baseRoleName(baseRole, t.locale) })
    : t.list(given);
}

interface Offered {
  readonly databases: readonly StoredDatabase[];
  readonly branches: readonly Branch[];
}

/** @returns links to the same person on other resources. */
export function resourceLinks(
  organization: Named,
  { databases, branches, at, accountId }: Offered & About,
  { why }: Links,
) {
  const person = printId('user', accountId);
  const onDatabase = (id: string, branch?: string) =>
    why({ person, on: printId('database', id), branch: branch && printId('branch', branch) });
  const isHere = (database?: string, branch?: string) =>
    at.databaseId === database && at.branchId === branch;
  return {
    databases: [
      { href: why({ person, on: '' }), label: organization.name, isHere: isHere() },
      ...databases.map(({ id, slug }) => ({
        href: onDatabase(id),
        label: slug,
        isHere: at.databaseId === id,
      })),
    ],
    branches: branches.map(({ id, databaseId, slug, production }) => ({
      href: onDatabase(databaseId, id),
      label: slug,
      isProduction: production,
      isHere: isHere(databaseId, id),
    })),
  };
}

/** @returns everything that can be asked there, by what gives it or by what is missing. */
export function personView(t: Messages, why: Why, about: About, links: Links) {
  const { person, isActive, on, answers, givers } = why;
  const can = answers.filter(({ refusal }) => refusal === undefined);
  const cannot = answers.filter(({ refusal }) => refusal !== undefined);
  const isMissing = cannot.some(({ refusal }) => refusal?.reason === 'role_insufficient');
  return {
    path: resourceName(on),
    suspended: isActive ? undefined : t.text('why.suspended', { name: person.name }),
    nothingMissing: t.text('why.everything', { name: person.name }),
    can: grouped(t, can, why, about, links),
    cannot: grouped(t, cannot, why, about, links),
    givers:
      isMissing && givers.length > 0
        ? t.text('why.ask-person', { people: t.list(givers.map(({ name }) => name)) })
        : undefined,
  };
}

/** Actions with one and the same reason are listed together. */
function grouped(
  t: Messages,
  answers: readonly WhyAnswer[],
  why: Why,
  { at, accountId }: About,
  links: Links,
) {
  const groups = Map.groupBy(answers, (answer) => reasonsOf(t, answer, why).join('\n'));
  return Array.from(groups, ([reasons, of]) => ({
    reasons: reasons.split('\n'),
    actions: of.map(({ asked }) => ({
      text: askedWords(t, asked),
      href: links.why({
        person: printId('user', accountId),
        ...resourceParameters(at),
        do: printAsked(asked),
      }),
    })),
  }));
}

function reasonsOf(t: Messages, { refusal, sources }: WhyAnswer, { on }: Why): string[] {
  if (refusal !== undefined) return [refusalWords(t, refusal, on)];
  const names = { organization: on.organization.name, database: on.database?.slug };
  return sources.map((source) => sourceWords(t, source, names));
}

/** @returns the answer about one thing. */
export function answerView(t: Messages, why: Why, about: About, links: Links) {
  const { person, on, isActive, givers } = why;
  const [answer] = why.answers;
  if (answer === undefined) return {};
  const path = resourceName(on);
  const isYes = answer.refusal === undefined;
  const personId = printId('user', about.accountId);
  return {
    path,
    suspended: isActive ? undefined : t.text('why.suspended', { name: person.name }),
    answer: {
      isYes,
      action: askedWords(t, answer.asked),
      sentence: t.text(isYes ? 'why.yes' : 'why.no', { name: person.name, path }),
      reasons: reasonsOf(t, answer, why),
      givers:
        answer.refusal?.reason === 'role_insufficient' && givers.length > 0
          ? t.text('why.ask-person', { people: t.list(givers.map(({ name }) => name)) })
          : undefined,
      whoHref: links.why({ ...resourceParameters(about.at), do: printAsked(answer.asked) }),
      allHref: links.why({ person: personId, on: '', ...resourceParameters(about.at) }),
    },
  };
}

function resourceParameters({ databaseId, branchId }: AskedResource) {
  return {
    ...(databaseId !== undefined && { on: printId('database', databaseId) }),
    ...(branchId !== undefined && { branch: printId('branch', branchId) }),
  };
}

/** @returns the title of a list of those who can, and what else can be asked there. */
export function whoHead(t: Messages, on: FoundResource, asked: Asked) {
  const path = resourceName(on);
  const action = askedWords(t, asked);
  const chosen = printAsked(asked);
  const optionOf = (one: Asked) => ({
    value: printAsked(one),
    name: askedWords(t, one),
    isChosen: printAsked(one) === chosen,
  });
  const askable = askableAt(on.kind);
  const others = askable.some((one) => printAsked(one) === chosen) || asked.kind === 'production';
  return {
    title:
      asked.kind === 'production' ? t.text('why.production') : t.text('why.title-who', { path }),
    lead: t.text('why.who-lead', { action, path }),
    options: [
      { options: [optionOf({ kind: 'production' }), ...(others ? [] : [optionOf(asked)])] },
      { label: t.text('why.actions'), options: askable.map(optionOf) },
    ],
    on: on.database && printId('database', on.database.id),
    branch: on.branch && printId('branch', on.branch.id),
  };
}

/** @returns one row for each person who can. */
export function holderRows(t: Messages, { holders, on }: WhoCan, at: AskedResource, links: Links) {
  return holders.map(({ item: { accountId, name, email, by } }) => ({
    name,
    email,
    by: by.map(({ source, database }) =>
      sourceWords(t, source, {
        organization: on.organization.name,
        database: database ?? on.database?.slug,
      }),
    ),
    about: t.text('why.why', { name }),
    href: links.why({ person: printId('user', accountId), ...resourceParameters(at) }),
  }));
}
