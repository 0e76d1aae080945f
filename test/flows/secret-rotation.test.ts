/**
 * A secret changes while its application works on two processes: no request fails, and the one that was ended
 * fails on the next request, whichever process it reaches.
 */

import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { registerOwn } from '../../src/portal/own-applications.ts';
import { addOwnSecret, endOwnSecret, listOwnSecrets } from '../../src/portal/own-secrets.ts';
import type { OwnApplicationIds } from '../../src/portal/owner.ts';
import { statement } from '../../src/storage/engine/database.ts';
import { typedApplication } from '../organizations/typed-application.ts';
import { inSession } from '../organizations/world.ts';
import { onlyOnPostgres } from '../support/database.ts';
import { forAllTests } from '../support/for-all-tests.ts';
import type { Node } from '../support/oauth.ts';
import { startProcesses } from '../support/processes.ts';

describe(...onlyOnPostgres('rotating a secret', 'one embedded database has one process'), () => {
  const processes = forAllTests(() => startProcesses(2));

  /** An application of an organization. @returns its first secret, too. */
  async function registered(): Promise<{ place: OwnApplicationIds; secret: string }> {
    const { db } = processes.nodes[0].database;
    const find = statement(`
      select a.id as "accountId", o.id as "organizationId"
        from accounts a, organizations o where a.email = 'admin@acme.test' and o.slug = 'acme'`);
    const [row] = await db.query<{ accountId: string; organizationId: string }>(find);
    const { accountId = '', organizationId = '' } = row ?? {};
    const owner = { actor: inSession(accountId), organizationId };
    const clientId = `app_${newId().replaceAll('-', '')}`;
    const wish = { id: clientId, typed: typedApplication, production: false };
    const result = await registerOwn(db, owner, wish);
    if (result.outcome !== 'registered') throw new Error(result.outcome);
    return { place: { owner, clientId }, secret: result.secret ?? '' };
  }

  async function statusOf({ issuer }: Node, path: string, id: string, secret: string) {
    const response = await fetch(`${issuer}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ token: 'x', grant_type: 'refresh_token', refresh_token: 'x' }),
    });
    await response.text();
    return response.status;
  }

  test('under load no request fails, and an ended secret does at once', async () => {
    const { db } = processes.nodes[0].database;
    const { place, secret: old } = await registered();
    const { clientId } = place;
    let inUse = old;
    let isOver = false;
    const sent = new Map<string, number>();
    const waiting = new Set<{ readonly secret: string }>();
    const refused: number[] = [];
    const work = async (node: Node) => {
      while (!isOver) {
        const secret = inUse;
        const one = { secret };
        waiting.add(one);
        const status = await statusOf(node, '/oauth/introspect', clientId, secret);
        waiting.delete(one);
        if (status !== 200) refused.push(status);
        sent.set(secret, (sent.get(secret) ?? 0) + 1);
      }
    };
    const workers = [...processes.nodes, ...processes.nodes, ...processes.nodes].map(work);
    const until = async (secret: string, count: number) => {
      const isAwaited = () => [...waiting].some((one) => one.secret !== secret);
      while ((sent.get(secret) ?? 0) < count || isAwaited()) {
        await statusOf(processes.nodes[0], '/oauth/introspect', clientId, inUse);
      }
    };

    await until(old, 50);
    const wish = { secretId: newId(), name: 'Next', days: undefined };
    const made = await addOwnSecret(db, place, wish);
    const fresh = made.outcome === 'added' ? made.secret : '';
    inUse = fresh;
    await until(fresh, 50); // and nobody waits for an answer to the old one any more
    const [first] = (await listOwnSecrets(db, place)) ?? [];
    expect(await endOwnSecret(db, place, first?.id ?? '')).toEqual({ outcome: 'ended' });
    for (const node of processes.nodes) {
      for (const path of ['/oauth/introspect', '/oauth/token']) {
        expect([path, await statusOf(node, path, clientId, old)]).toEqual([path, 401]);
      }
    }
    await until(fresh, 100);
    isOver = true;
    await Promise.all(workers);
    expect(refused).toEqual([]);
  });
});
