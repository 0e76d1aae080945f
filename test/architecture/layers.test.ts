/** The direction of imports: a room imports rooms on the lines above it, never the reverse. */

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

/** One line per layer, lowest first; rooms on one line do not know each other. */
const layers = [
  ['lib', 'http', 'resource-server'],
  ['fetching', 'catalogue-files'],
  ['catalogue'],
  ['members', 'clients'],
  ['decisions'],
  ['sentence'],
  ['storage'],
  ['mail'],
  ['accounts', 'organizations', 'applications', 'consent', 'introspection'],
  ['portal'],
  ['provider', 'upstream'],
  ['web', 'api', 'check', 'ops', 'operator'],
  ['demo'],
];

/** Only these rooms may name the package; everyone else goes through the room. */
const keepers: Record<string, string[]> = {
  'oidc-provider': ['provider'],
  'openid-client': ['upstream'],
  undici: ['fetching'],
  knex: ['storage'],
  pg: ['storage'],
  '@electric-sql/pglite': ['storage'],
  '@electric-sql/pglite-socket': ['storage'],
};

const root = join(import.meta.dirname, '../../src');
const files = globSync('*/**/*.ts', { cwd: root });

test('the guard sees the imports it guards', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(importsOf).length).toBeGreaterThan(0);
});

test.each(files)('%s imports downwards', (file) => {
  for (const target of importsOf(file)) {
    expect(allowed(file, target), `${file} must not import ${target}`).toBe(true);
  }
});

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return Array.from(
    text.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gms),
    (hit) => hit[1] ?? '',
  );
}

function allowed(file: string, target: string): boolean {
  const room = roomOf(file);
  if (!target.startsWith('.')) {
    const name = Object.keys(keepers).find(
      (kept) => target === kept || target.startsWith(`${kept}/`),
    );
    return name === undefined || (keepers[name]?.includes(room) ?? false);
  }
  const targetRoom = roomOf(relative(root, join(root, dirname(file), target)));
  return room === targetRoom || layerOf(targetRoom) < layerOf(room);
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function layerOf(room: string): number {
  const layer = layers.findIndex((rooms) => rooms.includes(room));
  expect(layer, `room ${room} has no place in the order`).toBeGreaterThanOrEqual(0);
  return layer;
}

test('routers are made by strictRouter alone, which none of them can forget', () => {
  const others = files.filter((file) => !/^(resource-server\/|lib\/strict-router)/.test(file));
  for (const file of others) {
    expect(readFileSync(join(root, file), 'utf8'), file).not.toMatch(/new Router\(/);
  }
});

test('the folders of storage hold statements; its engine, which runs them, knows none of them', () => {
  const engine = files.filter((file) => file.startsWith('storage/engine/'));
  expect(engine.length).toBeGreaterThan(0);
  for (const file of engine) {
    for (const target of importsOf(file)) {
      expect(target, file).not.toMatch(
        /^\.\.\/(audit|clients|consents|facts|people|tokens|tree)\//,
      );
    }
  }
});

test('what every page is made with knows no page', () => {
  const kit = files.filter((file) => file.startsWith('web/page/'));
  expect(kit.length).toBeGreaterThan(0);
  for (const file of kit) {
    for (const target of importsOf(file)) {
      expect(target, file).not.toMatch(/^\.\.\/(account|consent|organizations|public|sign-in)\//);
    }
  }
});
