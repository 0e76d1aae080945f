/**
 * What an application can do for a person on a resource, and why: the part of Why? that names one.
 *
 * @module
 */

import { scopeOf } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { UseRefusal } from '../../decisions/explain.ts';
import { printId } from '../../lib/ids.ts';
import type { Messages } from '../../lib/messages.ts';
import type { FoundResource } from '../../organizations/asked-resource.ts';
import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import type {
  ApplicationAnswer,
  PickedLevel,
  WhyApplication,
} from '../../organizations/why-application.ts';
import { listApplicationAccess } from '../../storage/clients/application-access.ts';
import { memberHoldings } from '../../storage/people/member-holdings.ts';
import { statusNoticeOf } from './application-view.ts';
import type { ConsoleParts, ConsoleRequest } from './console-page.ts';
import type { Links } from './why-view.ts';
import { refusalWords, resourceName, sourceWords } from './why-words.ts';

const mostOffered = 50;

/** @returns the applications that can be asked about: the person's first, then those of others. */
export async function offeredApplications(
  { db }: ConsoleParts,
  { actor, here, signedIn }: ConsoleRequest,
  accountId: string,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const organizationId = here.organization.id;
  const maySeeAll = here.may('application_access.read');
  if (!maySeeAll && accountId !== signedIn.account.id) return [];
  const entrance = inOrganization(actor, 'organization.read', { organizationId });
  return readInside(db, entrance, async (tx) => {
    const { applications } = await memberHoldings(tx, { organizationId, accountId }, mostOffered);
    if (!maySeeAll) return applications.items;
    const part = { after: undefined, limit: mostOffered };
    const listed = await listApplicationAccess(tx, organizationId, part);
    const others = listed.map(({ item }) => ({ id: item.clientId, name: item.name }));
    const isNew = ({ id }: { readonly id: string }) =>
      applications.items.every((one) => one.id !== id);
    return [...applications.items, ...others.filter(isNew)];
  });
}

/** @returns what the page shows: all that can be asked there, or the one scope that was asked about. */
export function applicationView(
  t: Messages,
  why: WhyApplication,
  scope: string | undefined,
  links: Links,
) {
  const { application, person, on, approval, shutOut, isActive, picked, answers } = why;
  const { organization } = on;
  const [name, app] = [person.name, application.name];
  const status = statusNoticeOf(t, organization, application, { approval, shutOut });
  const one = answers.find((answer) => answer.scope === scope);
  const can = answers.filter(({ refusal }) => refusal === undefined);
  const cannot = answers.filter(({ refusal }) => refusal !== undefined);
  const path = resourceName(on);
  const isYes = one?.refusal === undefined;
  return {
    title: t.text('why-app.title', { app, name }),
    app,
    path,
    status: { kind: status.kind, text: status.text },
    stopped: [
      application.isSuspended && t.text('why-app.suspended', { app }),
      !isActive && t.text('why.suspended', { name }),
      picked.length === 0 && t.text('why-app.not-allowed', { app, name, at: organization.name }),
    ].filter((text) => text !== false),
    answer: one && {
      isYes,
      action: wordsOf(t, one),
      sentence: t.text(isYes ? 'why-app.yes' : 'why-app.no', { app, name, path }),
      reasons: reasonsOf(t, one, why),
      allHref: links.why(questionOf(why)),
    },
    can: grouped(t, can, why, links),
    cannot: grouped(t, cannot, why, links),
  };
}

const wordsOf = (t: Messages, { scope }: ApplicationAnswer) => scopeWords(scopeOf(scope), t.locale);

function questionOf({ person, on: { database, branch } }: WhyApplication) {
  return {
    person: printId('user', person.accountId),
    on: database === undefined ? '' : printId('database', database.id),
    branch: branch && printId('branch', branch.id),
  };
}

function grouped(
  t: Messages,
  answers: readonly ApplicationAnswer[],
  why: WhyApplication,
  links: Links,
) {
  const groups = Map.groupBy(answers, (answer) => reasonsOf(t, answer, why).join('\n'));
  return Array.from(groups, ([reasons, of]) => ({
    reasons: reasons.split('\n'),
    actions: of.map((answer) => ({
      text: wordsOf(t, answer),
      href: links.why({ ...questionOf(why), do: answer.scope }),
    })),
  }));
}

function reasonsOf(t: Messages, answer: ApplicationAnswer, why: WhyApplication): string[] {
  const { refusal, beside, allowedOn, sources } = answer;
  const { on, person } = why;
  if (refusal !== undefined) {
    return [refusal, beside].flatMap((one) => (one === undefined ? [] : missing(t, one, why)));
  }
  const names = { organization: on.organization.name, database: on.database?.slug };
  const by = { name: person.name };
  return [
    ...allowedOn.map((level) => t.text('why-app.allowed', { ...by, path: pickedName(on, level) })),
    ...sources.map((source) => sourceWords(t, source, names)),
  ];
}

/** The name of what was picked: the resource itself, or one above it. */
function pickedName(on: FoundResource, level: PickedLevel): string {
  const branch = level === 'branch' ? on.branch : undefined;
  return resourceName({
    ...on,
    branch,
    database: level === 'organization' ? undefined : on.database,
  });
}

function missing(t: Messages, refusal: UseRefusal, { application, person, on }: WhyApplication) {
  const values = {
    app: application.name,
    name: person.name,
    path: resourceName(on),
    at: on.organization.name,
  };
  switch (refusal.reason) {
    case 'scope_missing':
      return t.text('why-app.not-registered', values);
    case 'not_in_grant':
      return t.text('why-app.not-picked', values);
    case 'consented_after_issue':
    case 'rests_until_consented_again':
      return t.text('why-app.rests', values);
    case 'organization_policy':
      return t.text(refusal.isShutOut ? 'why-app.shut-out' : 'why-app.not-approved', values);
    case 'production_excluded':
      if (refusal.by === 'consent') return t.text('why-app.without-production', values);
      if (refusal.by === 'policy') return t.text('why-app.kept-from-production', values);
      return t.text('why.not-on-production', values);
    default:
      return refusalWords(t, refusal, on);
  }
}
