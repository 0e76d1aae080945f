/**
 * The demo data of the catalogue: `demo.json` beside its other files.
 *
 * @module
 */

import { catalogue } from '../catalogue/catalogue.ts';
import type { DemoFile } from '../catalogue-files/demo-file.ts';

/** What there is without a `demo.json`; then config.ts lets no demo be asked for. */
const nothing: DemoFile = {
  password: '',
  accounts: [],
  operators: [],
  organizations: [],
  productionBranches: [],
  stages: [],
  tryAs: '',
  example: '',
  clients: [],
};

/** Accounts, organizations with all that is in them, clients, and what the pages show first. */
export const demo: DemoFile = catalogue.files['demo.json'] ?? nothing;

/** The password of every demo account. */
export const demoPassword: string = demo.password;

/** An organization with all that is in it. */
export type DemoOrganization = DemoFile['organizations'][number];

/** A client, by what makes it different from the others. */
export type DemoClient = DemoFile['clients'][number];

/** @param issuer serves the demo application's own callback. */
export function demoClients(issuer: string): readonly DemoClient[] {
  return demo.clients.map((client) => ({
    ...client,
    redirectUris: client.redirectUris.map((uri) => uri.replace(/^ISSUER/, issuer)),
  }));
}
