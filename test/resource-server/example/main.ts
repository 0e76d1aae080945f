/**
 * Starts the example on http://localhost:8080 as `demo-api` of the demo data: `npm run example`.
 *
 * ISSUER, CLIENT_ID, CLIENT_SECRET and PORT change what it is.
 *
 * @module
 */

import { createResourceServer } from '../../../src/resource-server/resource-server.ts';
import { createKoaApi } from './koa-api.ts';

const {
  ISSUER: issuer = 'http://localhost:3000',
  CLIENT_ID: clientId = 'demo-api',
  CLIENT_SECRET: clientSecret = 'demo-api-secret',
  PORT: port = '8080',
} = process.env;

const url = `http://localhost:${port}`;
const server = createResourceServer({ issuer, clientId, clientSecret, url });
createKoaApi(server).listen(Number(port), 'localhost', () => {
  process.stderr.write(`Branch notes at ${url}\n`);
});
