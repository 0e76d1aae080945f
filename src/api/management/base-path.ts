/**
 * Where the management API stands, and which of its requests come as long streams.
 *
 * @module
 */

import type { IncomingMessage } from 'node:http';
import { pathOf } from '../../lib/request-target.ts';

/** Where the management API stands. */
export const basePath = '/api/v1';

const streams = new RegExp(`^${basePath}/platform/organizations/[^/]+/import$`);

/** Whether a request is an import, whose body comes for as long as it takes. */
export function isImport(request: IncomingMessage): boolean {
  return streams.test(pathOf(request));
}
