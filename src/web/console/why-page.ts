/**
 * Why somebody can or cannot do something; and everybody who can.
 *
 *   GET /organizations/:slug/why                                 whom, and about what
 *   GET /organizations/:slug/why?person=&on=&branch=             all that the person can do there, and cannot
 *   GET /organizations/:slug/why?person=&on=&branch=&do=         one thing
 *   GET /organizations/:slug/why?person=&on=&branch=&app=&do=    the same of an application for the person
 *   GET /organizations/:slug/why?on=&branch=&do=                 everybody who can do it there
 *
 * @module
 */

import { type IdKind, parseId, printId } from '../../lib/ids.ts';
import { readAccessTable } from '../../organizations/access-table.ts';
import { type Asked, readAsked } from '../../organizations/asked.ts';
import type { AskedResource } from '../../organizations/asked-resource.ts';
import { whoCan } from '../../organizations/who-can.ts';
import { explainMember } from '../../organizations/why.ts';
import { searchTextOf } from '../../storage/people/member-search.ts';
import type { ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';
import { nothingThere } from './refusal-texts.ts';
import { appsOf, showApplication } from './why-application-page.ts';
import { addressesOf, branchesOf, parametersOf, resourcesOf } from './why-resources.ts';
import {
  accessRows,
  answerView,
  holderRows,
  personView,
  resourceLinks,
  whoHead,
} from './why-view.ts';

const section = 'why';

export const whyPages: readonly ConsolePage[] = [
  {
    method: 'GET',
    path: '/why',
    section,
    act: 'organization.read',
    benched: ['?do=production'],
    open,
  },
];

/** What the address asks. */
interface Question {
  readonly person: string | undefined;
  readonly databaseId: string | undefined;
  readonly branchId: string | undefined;
  readonly asked: Asked | undefined;
  /** The client id of the application that would do it; undefined: the person. */
  readonly clientId: string | undefined;
  /** Of a list: the account that the page before ended with. */
  readonly after: string | undefined;
}

/** @throws {PageError} 404: something in it is no id, or nothing that can be asked. */
function readQuestion({ ctx }: ConsoleRequest): Question {
  const query = ctx.URL.searchParams;
  const idIn = (name: string, kind: IdKind) => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const id = parseId(kind, text);
    if (id === undefined) throw nothingThere();
    return id;
  };
  const what = query.get('do') ?? '';
  const asked = what === '' ? undefined : readAsked(what);
  if (what !== '' && asked === undefined) throw nothingThere();
  const question = {
    person: idIn('person', 'user'),
    databaseId: idIn('on', 'database'),
    branchId: idIn('branch', 'branch'),
    asked,
    clientId: query.get('app') || undefined,
    after: idIn('after', 'user'),
  };
  if (question.branchId !== undefined && question.databaseId === undefined) throw nothingThere();
  return question;
}

async function open(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const question = readQuestion(request);
  const { person, clientId } = question;
  if (clientId !== undefined) {
    const accountId = person ?? request.signedIn.account.id;
    return showApplication(parts, request, { ...question, accountId, clientId });
  }
  if (person !== undefined) return showPerson(parts, request, question, person);
  if (question.asked !== undefined) return showWho(parts, request, question, question.asked);
  if (request.here.may('database_roles.read')) return showStart(parts, request);
  return showPerson(parts, request, question, request.signedIn.account.id);
}

const mostPeople = 10;
const mostColumns = 3;

async function showStart(parts: ConsoleParts, request: ConsoleRequest): Promise<void> {
  const { ctx, here, actor } = request;
  const t = parts.messagesOf(ctx);
  const find = (ctx.URL.searchParams.get('find') ?? '').trim().slice(0, 254);
  const at = { organizationId: here.organization.id };
  const search = searchTextOf(find);
  const wish = { search, people: mostPeople, databases: mostColumns };
  const table = await readAccessTable(parts.db, actor, at, wish);
  const links = addressesOf(request);
  showConsole(parts, request, 'console/why', {
    title: t.text('why.title'),
    section,
    find,
    ...accessRows(t, here.organization, table, links),
    productionHref: links.why({ do: 'production' }),
    onDatabases: table.databases.map(({ id, slug }) => ({
      href: links.why({ on: printId('database', id), do: 'production' }),
      label: t.text('why.who-on', { name: slug }),
    })),
  });
}

async function showPerson(
  parts: ConsoleParts,
  request: ConsoleRequest,
  question: Question,
  accountId: string,
): Promise<void> {
  const { ctx, here, actor, signedIn } = request;
  const t = parts.messagesOf(ctx);
  const links = addressesOf(request);
  const { id: organizationId } = here.organization;
  const databases = await resourcesOf(parts, request);
  const chosen = ctx.URL.searchParams.has('on') ? question.databaseId : databases[0]?.id;
  const at = { organizationId, databaseId: chosen, branchId: question.branchId };
  const { asked } = question;
  const why = await explainMember(parts.db, actor, { ...at, accountId }, asked && [asked]);
  const branches = chosen === undefined ? [] : await branchesOf(parts, request, chosen);
  const isOwn = accountId === signedIn.account.id;
  showConsole(parts, request, 'console/why-person', {
    title: t.text('why.title-person', { name: why.person.name }),
    section,
    email: why.person.email,
    isOwn,
    isManager: here.may('database_roles.read'),
    startHref: links.why({}),
    personName: why.person.name,
    apps: await appsOf(parts, request, { ...at, accountId }),
    resources: resourceLinks(here.organization, { databases, branches, at, accountId }, links),
    ...(asked === undefined
      ? personView(t, why, { at, accountId }, links)
      : answerView(t, why, { at, accountId }, links)),
  });
}

const pageOf = 20;

async function showWho(
  parts: ConsoleParts,
  request: ConsoleRequest,
  { databaseId, branchId, after }: Question,
  asked: Asked,
): Promise<void> {
  const { ctx, here, actor } = request;
  const t = parts.messagesOf(ctx);
  const links = addressesOf(request);
  const at: AskedResource = { organizationId: here.organization.id, databaseId, branchId };
  const part = { after: after === undefined ? undefined : [after], limit: pageOf };
  const who = await whoCan(parts.db, actor, at, asked, part);
  const [last] = who.next ?? [];
  showConsole(parts, request, 'console/why-who', {
    section,
    ...whoHead(t, who.on, asked),
    rows: holderRows(t, who, at, links),
    isManager: here.may('database_roles.read'),
    startHref: links.why({}),
    next:
      last &&
      links.why({
        ...parametersOf(at),
        do: ctx.URL.searchParams.get('do') ?? undefined,
        after: printId('user', last),
      }),
  });
}
