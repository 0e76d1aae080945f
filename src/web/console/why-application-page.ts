/**
 * The pages of Why? that name an application.
 *
 * @module
 */

import { printId } from '../../lib/ids.ts';
import type { Asked } from '../../organizations/asked.ts';
import type { AskedResource } from '../../organizations/asked-resource.ts';
import { explainApplication } from '../../organizations/why-application.ts';
import type { ConsoleParts, ConsoleRequest } from './console-page.ts';
import { showConsole } from './frame.ts';
import { applicationView, offeredApplications } from './why-application.ts';
import { addressesOf, branchesOf, parametersOf, resourcesOf } from './why-resources.ts';
import { type Links, resourceLinks } from './why-view.ts';

/** What is asked about an application. */
export interface ApplicationAsked {
  readonly accountId: string;
  readonly clientId: string;
  readonly databaseId: string | undefined;
  readonly branchId: string | undefined;
  readonly asked: Asked | undefined;
}

/** Shows what an application can do for a person. */
export async function showApplication(
  parts: ConsoleParts,
  request: ConsoleRequest,
  question: ApplicationAsked,
): Promise<void> {
  const { ctx, here, actor } = request;
  const { accountId, clientId, asked } = question;
  const t = parts.messagesOf(ctx);
  const links = addressesOf(request);
  const ofApp: Links = { why: (parameters) => links.why({ ...parameters, app: clientId }) };
  const databases = await resourcesOf(parts, request);
  const organizationId = here.organization.id;
  const ask = (at: AskedResource) =>
    explainApplication(parts.db, actor, { ...at, accountId, clientId });
  const isNamed = ctx.URL.searchParams.has('on');
  const { picked } = isNamed ? { picked: [] } : await ask({ organizationId });
  const first = databases.find(({ id }) => picked.some(({ databaseId }) => databaseId === id));
  const chosen = isNamed ? question.databaseId : (first ?? databases[0])?.id;
  const at = { organizationId, databaseId: chosen, branchId: question.branchId };
  const why = await ask(at);
  const branches = chosen === undefined ? [] : await branchesOf(parts, request, chosen);
  const scope = asked?.kind === 'scope' ? asked.scope : undefined;
  const person = printId('user', accountId);
  showConsole(parts, request, 'console/why-application', {
    section: 'why',
    email: why.person.email,
    personName: why.person.name,
    personHref: links.why({ person, ...whereOf(at) }),
    apps: await appsOf(parts, request, { ...at, accountId }, clientId),
    resources: resourceLinks(here.organization, { databases, branches, at, accountId }, ofApp),
    ...applicationView(t, why, scope, ofApp),
  });
}

/** @returns the form that names an application; undefined where there is none to name. */
export async function appsOf(
  parts: ConsoleParts,
  request: ConsoleRequest,
  { accountId, ...at }: AskedResource & { readonly accountId: string },
  chosen?: string,
) {
  const offered = await offeredApplications(parts, request, accountId);
  if (offered.length === 0) return undefined;
  const hidden = { person: printId('user', accountId), ...whereOf(at) };
  return {
    path: `${request.here.base}/why`,
    hidden: Object.fromEntries(Object.entries(hidden).filter(([, value]) => value !== undefined)),
    options: offered.map(({ id, name }) => ({ value: id, name, isChosen: id === chosen })),
  };
}

/** The resource as parameters that name it also where it is the organization. */
function whereOf(at: AskedResource) {
  const { on = '', branch } = parametersOf(at);
  return { on, branch };
}
