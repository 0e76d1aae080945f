/**
 * The first page: what this is, and where to go. Whoever is signed in goes to their own home.
 *
 * @module
 */

import type Router from '@koa/router';
import type { StepOf } from '../../accounts/first-steps.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { ConsoleAddress } from '../console/addresses.ts';
import { currentAccount, type PageParts, seeOther } from '../page/page-parts.ts';

interface HomeParts extends PageParts {
  readonly addresses: Pick<ConsoleAddress, 'home'>;
  /** Adds the way to the demo. */
  readonly isDemo: boolean;
  /** While there is one, the page leads to it instead of what is usual. */
  readonly stepOf: StepOf;
}

/** `GET /`. */
export function homeRoutes(parts: HomeParts): Router {
  return strictRouter().get('/', async (ctx) => {
    const signedIn = await currentAccount(parts, ctx);
    const { isDemo } = parts;
    const title = parts.messagesOf(ctx).text('home.title');
    const step = await parts.stepOf(signedIn?.account.id);
    const home =
      step === undefined && signedIn && (await parts.addresses.home(signedIn.account.id));
    if (home) return seeOther(ctx, home);
    parts.renderPage(ctx, 'home', { title, account: signedIn?.account, isDemo, step });
  });
}
