/** An MCP server by the official SDK: its tools are called with tokens that Usher knows. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import {
  getOAuthProtectedResourceMetadataUrl,
  mcpAuthMetadataRouter,
} from '@modelcontextprotocol/sdk/server/auth/router.js';
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { OAuthMetadataSchema } from '@modelcontextprotocol/sdk/shared/auth.js';
import { z } from 'zod';
import { setting } from './talk.ts';

type Handler = (request: IncomingMessage & { body?: unknown }, response: ServerResponse) => void;

/** Starts it at `MCP_SERVER`: the tool `change` needs a scope more than the tool `look`. */
export async function startMcpServer(): Promise<Server> {
  const url = new URL(setting('MCP_SERVER'));
  const answer = await fetch(`${setting('ISSUER')}/.well-known/oauth-authorization-server`);
  const oauthMetadata = OAuthMetadataSchema.parse(await answer.json());
  const verifier = {
    verifyAccessToken: (token: string) => ask(`${oauthMetadata.introspection_endpoint}`, token),
  };
  const guard = (...requiredScopes: string[]) =>
    requireBearerAuth({
      verifier,
      requiredScopes,
      resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(url),
    });
  const [read, write] = [guard(), guard('database:write_branches')];
  const scopesSupported = ['openid', 'email', 'database:read_database'];

  const app = createMcpExpressApp();
  app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl: url, scopesSupported }));
  app.post(
    url.pathname,
    (...[request, response, next]: Parameters<ReturnType<typeof guard>>) =>
      (isChange(request.body) ? write : read)(request, response, next),
    (async (request, response) => {
      const server = new McpServer({ name: 'shop', version: '1.0.0' });
      for (const name of ['look', 'change']) {
        server.registerTool(name, {}, () => ({ content: [{ type: 'text', text: 'done' }] }));
      }
      const transport = new StreamableHTTPServerTransport();
      await server.connect(transport as Parameters<typeof server.connect>[0]);
      await transport.handleRequest(request, response, request.body);
    }) satisfies Handler,
  );
  return new Promise((resolve) => {
    const listening: Server = app.listen(Number(url.port), '127.0.0.1', () => resolve(listening));
  });
}

const introspection = z.object({
  active: z.boolean(),
  client_id: z.string().default(''),
  exp: z.number().optional(),
  scope: z.string().default(''),
});

/** What a resource server does in place of trusting a token: it asks. */
async function ask(endpoint: string, token: string): Promise<AuthInfo> {
  const credentials = btoa(`${setting('MCP_ID')}:${setting('MCP_SECRET')}`);
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ token }),
  });
  const { active, ...told } = introspection.parse(await answer.json());
  if (!active) throw new InvalidTokenError('The token is not live');
  const { client_id: clientId, exp: expiresAt, scope } = told;
  return { token, clientId, scopes: scope.split(' '), ...(expiresAt && { expiresAt }) };
}

function isChange(body: unknown): boolean {
  return JSON.stringify(body).includes('"name":"change"');
}
