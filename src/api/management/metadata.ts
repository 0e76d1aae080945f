/**
 * What a client can learn about the management API before it has a token.
 *
 *   GET /.well-known/oauth-protected-resource/api/v1
 *
 * Source: RFC 9728.
 *
 * @module
 */

import type Koa from 'koa';
import { scopes as catalogue } from '../../catalogue/scopes.ts';
import { ownResource } from '../../clients/own-resource.ts';
import {
  describeResource,
  metadataUrl,
} from '../../resource-server/protected-resource-metadata.ts';
import { serveToKoa } from '../../resource-server/serve-metadata.ts';
import { routes } from './routes.ts';

/** @returns a middleware that answers the document. @param issuer without a slash at the end. */
export function managementMetadata(issuer: string): Koa.Middleware {
  const useful = new Set(routes.flatMap(({ scopes }) => scopes));
  const document = describeResource(ownResource(issuer), issuer, {
    name: 'Usher management API',
    documentation: `${issuer}/api/docs`,
    scopes: catalogue.map(({ scope }) => scope).filter((scope) => useful.has(scope)),
  });
  const { pathname } = metadataUrl(document.resource);
  return serveToKoa((path) => (path === pathname ? document : undefined));
}
