/**
 * What members allowed an application and nobody uses: what would end, and the button that ends it.
 *
 *   GET  /organizations/:slug/applications/:client/unused
 *   POST /organizations/:slug/applications/:client/unused   ends what was shown, and only if that is still it
 *
 * @module
 */

import { names } from '../../catalogue/scope-set.ts';
import { readInside } from '../../organizations/inside.ts';
import { inOrganization } from '../../organizations/rights.ts';
import { endUnusedAccess } from '../../organizations/unused-access.ts';
import { isApplication } from '../../storage/clients/approvals.ts';
import { findApplication } from '../../storage/clients/client-list.ts';
import { findUnused, type UnusedAccess } from '../../storage/clients/unused-access.ts';
import { idsOf } from './application-page.ts';
import { scopeNamesIn } from './application-view.ts';
import { pathOfApplication } from './applications-page.ts';
import type { ConsoleForm, ConsolePage, ConsoleParts, ConsoleRequest } from './console-page.ts';
import { seeDone } from './deeds.ts';
import { showConsole } from './frame.ts';
import { nothingThere } from './refusal-texts.ts';
import { asSeen, OutdatedError, seenField, seenOf } from './seen-state.ts';

const section = 'applications';
const path = '/applications/:client/unused';
const act = 'application.unused_ended';

export const unusedPages: readonly ConsolePage[] = [
  { method: 'GET', path, section, act, open: (parts, request) => show(parts, request) },
  { method: 'POST', path, section, act, send },
];

async function show(
  parts: ConsoleParts,
  request: ConsoleRequest,
  isOutdated = false,
): Promise<void> {
  const { actor, ctx, here } = request;
  const at = idsOf(request);
  const entrance = inOrganization(actor, 'application_access.read', at);
  const { application, unused } = await readInside(parts.db, entrance, async (tx) => {
    const found = await findApplication(tx, at.clientId, actor.accountId);
    if (found === undefined || !(await isApplication(tx, at.clientId))) throw nothingThere();
    return { application: found, unused: await findUnused(tx, at) };
  });
  const ownPath = pathOfApplication(at.clientId);
  showConsole(parts, request, 'console/unused', {
    title: parts.messagesOf(ctx).text('console-unused.title', { name: application.name }),
    section,
    application: application.name,
    isOutdated,
    path: `${ownPath}/unused`,
    backHref: here.base + ownPath,
    unused: { ...unused, scopes: scopeNamesIn(parts.messagesOf(ctx), unused.scopes) },
    hidden: { [seenField]: seenOf(stateOf(unused)) },
  });
}

async function send(parts: ConsoleParts, form: ConsoleForm): Promise<void> {
  const at = idsOf(form);
  const work = asSeen(form, async (tx) => stateOf(await findUnused(tx, at)));
  try {
    const { unused, ended } = await endUnusedAccess(work, form.actor, at);
    const name =
      (await findApplication(parts.db, at.clientId, form.actor.accountId))?.name ?? at.clientId;
    const values = {
      name,
      members: ended.members.length,
      resources: unused.resourceCount,
      scopes: names(unused.scopes).length,
    };
    seeDone(parts, form, pathOfApplication(at.clientId), {
      text: 'console-unused.is-ended',
      values,
    });
  } catch (error) {
    if (!(error instanceof OutdatedError)) throw error;
    form.ctx.status = 409;
    await show(parts, form, true);
  }
}

function stateOf({ resources, resourceCount, scopes, members }: UnusedAccess) {
  return [resources, resourceCount, names(scopes), members];
}
