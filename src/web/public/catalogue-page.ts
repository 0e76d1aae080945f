/**
 * The catalogue of scopes, for people (`/scopes`) and for programs (`/scopes.json`). It is part of
 * the program and asks no database.
 *
 * @module
 */

import type Router from '@koa/router';
import { catalogue } from '../../catalogue/catalogue.ts';
import { type PermissionId, permissions } from '../../catalogue/permissions.ts';
import { type Level, levels, type Requirement } from '../../catalogue/scope-rule.ts';
import { type Scope, scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import type { Messages } from '../../lib/messages.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { PageParts } from '../page/page-parts.ts';

type CatalogueParts = Pick<PageParts, 'renderPage' | 'messagesOf'>;

/** `GET /scopes` and `GET /scopes.json`. */
export function catalogueRoutes({ renderPage, messagesOf }: CatalogueParts): Router {
  const published = { catalogue: catalogue.digest, scopes: scopes.map(toJson) };
  return strictRouter()
    .get('/scopes', (ctx) => {
      const t = messagesOf(ctx);
      const title = t.text('scopes-page.title');
      renderPage(ctx, 'scopes', { title, groups: groups(t), isWide: true });
    })
    .get('/scopes.json', (ctx) => {
      ctx.body = published;
    });
}

const labels = new Map<PermissionId, string>(permissions.map(({ id, label }) => [id, label]));

/** What a level is called, and how far its scopes reach: message keys. */
const texts: Readonly<Record<Level, { readonly name: string; readonly about: string }>> = {
  user: { name: 'scopes-page.user', about: 'scopes-page.user-about' },
  organization: { name: 'scopes-page.organization', about: 'scopes-page.organization-about' },
  database: { name: 'scopes-page.database', about: 'scopes-page.database-about' },
  branch: { name: 'scopes-page.branch', about: 'scopes-page.branch-about' },
};

function groups(t: Messages) {
  return levels.map((level) => ({
    level,
    name: t.text(texts[level].name),
    about: t.text(texts[level].about),
    scopes: scopes.filter((scope) => scope.level === level).map((scope) => toRow(t, scope)),
  }));
}

function toRow(t: Messages, scope: Scope) {
  const { description, actsOn } = scope;
  const words = scopeWords(scope, t.locale);
  const kind = t.text(texts[actsOn].name);
  return { scope: scope.scope, words, description, kind, needs: needsOf(t, scope) };
}

/** What a role must give, in sentences; one, unless kinds of branches differ. */
function needsOf(t: Messages, { actsOn, requires }: Scope): readonly string[] {
  if (actsOn !== 'branch') return [wordsOf(t, requires)];
  const development = wordsOf(t, requires.development);
  const production = wordsOf(t, requires.production);
  if (development === production) return [development];
  return [
    t.text('scopes-page.development', { needs: development }),
    t.text('scopes-page.production', { needs: production }),
  ];
}

function wordsOf(t: Messages, requirement: Requirement | null): string {
  if (requirement === null) return t.text('scopes-page.never');
  if (requirement.length === 0) return t.text('scopes-page.nothing');
  return t.list(requirement.map((id) => labels.get(id) ?? id));
}

function toJson({ scope, level, name, description, actsOn, requires, origin, formerly }: Scope) {
  const row = { scope, level, name, description, acts_on: actsOn, requires, origin };
  return formerly === undefined ? row : { ...row, formerly };
}
