/**
 * Starts an example on http://localhost:8080, with the demo data: `npm run example` as `demo-api` the one with
 * Koa, `npm run example -- mcp` as `demo-mcp` an MCP server at /mcp.
 *
 * ISSUER, CLIENT_ID, CLIENT_SECRET and PORT change what it is.
 *
 * @module
 */

import { createResourceServer } from '../../../src/resource-server/resource-server.ts';
import { createKoaApi } from './koa-api.ts';
import { createMcpServer } from './mcp-server.ts';

const isMcp = process.argv[2] === 'mcp';
const usual = isMcp ? 'demo-mcp' : 'demo-api';
const {
  ISSUER: issuer = 'http://localhost:3000',
  CLIENT_ID: clientId = usual,
  CLIENT_SECRET: clientSecret = `${usual}-secret`,
  PORT: port = '8080',
} = process.env;

const url = `http://localhost:${port}${isMcp ? '/mcp' : ''}`;
const server = createResourceServer({ issuer, clientId, clientSecret, url });
const app = isMcp ? createMcpServer(server) : createKoaApi(server);
app.listen(Number(port), 'localhost', () => {
  process.stderr.write(`Branch notes at ${url}\n`);
});
