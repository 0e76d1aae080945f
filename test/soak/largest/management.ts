/** The management API and the addresses beside it: from its own table of routes. */

import { randomUUID } from 'node:crypto';
import type { Route } from '../../../src/api/management/route.ts';
import { routes } from '../../../src/api/management/routes.ts';
import { printId } from '../../../src/lib/ids.ts';
import { demoApp } from '../../support/oauth.ts';
import { many, type WideWorld } from '../wide-world.ts';
import { json, type LargeRequest, type Parts, type Rows } from './parts.ts';
import { kilobyte, members, nested, query, repeated, worstJson } from './texts.ts';

export async function managementRows(parts: Parts): Promise<Rows> {
  const rows = await Promise.all(routes.map((route) => managementRow(parts, route)));
  return { ...Object.fromEntries(rows), ...anyPaths(parts) };
}

async function managementRow(parts: Parts, route: Route): Promise<[string, LargeRequest[]]> {
  const { administrator, service, world, send } = parts;
  const [method = '', path = ''] = route.address.split(' ');
  const caller = route.isForPlatform ? service : administrator;
  const external = randomUUID();
  if (route.isForPlatform) {
    const body = { slug: `wide-${external.slice(0, 13)}`, name: 'W', administrator: world.email };
    await caller.send(`PUT /platform/organizations/${external}`, { body });
  }
  const address = `/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => idIn(world, name, external))}`;
  const { headers } = caller;
  const look =
    method === 'GET'
      ? [
          ['as it is', ''],
          ['100 items', '?limit=100'],
        ]
      : [];
  const looks = look.map(([what = '', text = '']) => ({
    what,
    send: () => send(address + text, { headers }),
  }));
  const bodies = route.body === undefined ? [] : worstJson(64 * kilobyte);
  const requests: LargeRequest[] = [
    ...looks,
    { what: 'query', send: () => send(address + query(), { method, headers }) },
    { what: 'repeated', send: () => send(address + repeated, { method, headers }) },
    ...bodies.map(([what, body]) => ({
      what,
      send: () => send(address, { method, headers: { ...headers, ...json }, body }),
    })),
  ];
  if (route.id === 'exportAuditLog') {
    for (const format of ['csv', 'jsonl']) {
      const whole = () => send(`${address}?format=${format}`, { headers });
      requests.push({ what: `all as ${format}`, send: whole, status: 200 });
    }
  }
  if (route.line !== undefined) {
    const type = { 'content-type': 'application/x-ndjson' };
    for (const [what, body] of imports()) {
      const sent = { method, headers: { ...headers, ...type }, body };
      requests.push({ what, send: () => send(address, sent), status: 200 });
    }
  }
  const key = `${method} /api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  return [key, requests];
}

/** A batch is 1,000 lines, a line 16 KB. */
function imports(): [what: string, body: string][] {
  const lines = (of: (n: number) => string) =>
    Array.from({ length: 2 * many }, (_, n) => of(n)).join('\n');
  const member = (n: number) => ({ type: 'member', member: `imported-${n}@new.test`, name: 'N' });
  return [
    ['2,000 members', lines((n) => JSON.stringify(member(n)))],
    ['2,000 members again', lines((n) => JSON.stringify(member(n)))],
    ['lines of unknown properties', lines(() => members(16 * kilobyte - 2))],
    ['lines of nested lists', lines(() => nested(16 * kilobyte - 2, '[', ']'))],
    ['lines of spaces', lines((n) => JSON.stringify(member(n)).padEnd(16 * kilobyte - 1))],
    ['short lines', '0\n'.repeat(200_000)],
  ];
}

function idIn(world: WideWorld, name: string, external: string): string {
  const ids: Readonly<Record<string, string | undefined>> = {
    organization: printId('organization', world.organizationId),
    database: world.databases[0],
    branch: world.branches[0],
    member: world.users[1],
    who: world.users[1],
    application: demoApp.id,
    external_organization: external,
  };
  return ids[name] ?? external;
}

function anyPaths({ send }: Parts): Rows {
  const any = (path: string): LargeRequest[] => [
    { what: 'a long path', send: () => send(path + 'a/'.repeat(6 * kilobyte)), status: 404 },
    {
      what: 'a body',
      send: () => send(`${path}x`, { method: 'POST', headers: json, body: members(64 * kilobyte) }),
      status: 404,
    },
  ];
  return {
    'ALL /access/v1/{*rest}': any('/access/v1/'),
    'ALL /api/v1': [{ what: 'query', send: () => send(`/api/v1${query()}`), status: 404 }],
    'ALL /api/v1/': any('/api/v1/'),
    'ALL /api/v1/{*rest}': any('/api/v1/none/'),
  };
}
