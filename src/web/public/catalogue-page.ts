/**
 * The catalogue of scopes, for people (`/scopes`) and for programs (`/scopes.json`). It is part of
 * the program and asks no database.
 *
 * @module
 */

import type Router from '@koa/router';
import { catalogue } from '../../catalogue/catalogue.ts';
import { type PermissionId, permissions } from '../../catalogue/permissions.ts';
import { levels, type Requirement } from '../../catalogue/scope-rule.ts';
import { type Scope, scopes } from '../../catalogue/scopes.ts';
import { scopeWords } from '../../catalogue/words.ts';
import { strictRouter } from '../../lib/strict-router.ts';
import type { RenderPage } from '../page/render-page.ts';

/** `GET /scopes` and `GET /scopes.json`. */
export function catalogueRoutes({ renderPage }: { renderPage: RenderPage }): Router {
  const shown = { title: 'What applications can ask for', groups: groups(), isWide: true };
  const published = { catalogue: catalogue.digest, scopes: scopes.map(toJson) };
  return strictRouter()
    .get('/scopes', (ctx) => renderPage(ctx, 'scopes', shown))
    .get('/scopes.json', (ctx) => {
      ctx.body = published;
    });
}

const labels = new Map<PermissionId, string>(permissions.map(({ id, label }) => [id, label]));

function groups() {
  return levels.map((level) => ({
    level,
    scopes: scopes.filter((scope) => scope.level === level).map(toRow),
  }));
}

function toRow(scope: Scope) {
  const { name, description, actsOn, origin } = scope;
  const words = scopeWords(scope);
  return { scope: scope.scope, name, words, description, actsOn, origin, needs: needsOf(scope) };
}

/** What a role must give, in sentences; one, unless kinds of branches differ. */
function needsOf({ actsOn, requires }: Scope): readonly string[] {
  if (actsOn !== 'branch') return [words(requires)];
  const [development, production] = [words(requires.development), words(requires.production)];
  if (development === production) return [development];
  return [`Development branches: ${development}`, `Production branches: ${production}`];
}

function words(requirement: Requirement | null): string {
  if (requirement === null) return 'never';
  if (requirement.length === 0) return 'Nothing more than your own account';
  return requirement.map((id) => labels.get(id)).join('; and ');
}

function toJson({ scope, level, name, description, actsOn, requires, origin, formerly }: Scope) {
  const row = { scope, level, name, description, acts_on: actsOn, requires, origin };
  return formerly === undefined ? row : { ...row, formerly };
}
