/**
 * `GET /errors`: every error that an application can get, by the string that client libraries print, with
 * what it means and what to change. It asks no database.
 *
 * @module
 */

import type Router from '@koa/router';
import { strictRouter } from '../../lib/strict-router.ts';
import { type ErrorString, faultsOf } from '../../portal/flow-faults.ts';
import type { PageParts } from '../page/page-parts.ts';
import { faultWords } from './fault-words.ts';

/** What is said once for all causes of a string: message keys. */
const notes: Partial<Record<ErrorString, string>> = {
  invalid_redirect_uri: 'error-list.invalid-redirect-uri',
  'active: false': 'error-list.active-false',
  insufficient_scope: 'error-list.insufficient-scope',
};

/** `GET /errors`. */
export function errorListRoutes({
  renderPage,
  messagesOf,
}: Pick<PageParts, 'renderPage' | 'messagesOf'>): Router {
  return strictRouter().get('/errors', (ctx) => {
    const t = messagesOf(ctx);
    const errors = (Object.keys(faultsOf) as ErrorString[]).map((error) => {
      const note = notes[error];
      return {
        error: error === 'other' ? undefined : error,
        note: note && t.text(note),
        causes: faultsOf[error].map((id) => {
          const { title, means, fix } = faultWords[id];
          return { id, title: t.text(title), means: t.text(means), fix: t.text(fix) };
        }),
      };
    });
    renderPage(ctx, 'public/errors', { title: t.text('error-list.title'), errors, isWide: true });
  });
}
