/** The foreign clients: what each needs to be installed, and how it is run. */

import { apacheFiles } from './apache-server.ts';
import type { ForeignClient } from './client.ts';

const python = '/usr/bin/python3';
const pythonPackages = '/usr/lib/python3/dist-packages';
const node = process.execPath;

export const foreignClients: readonly ForeignClient[] = [
  { name: 'JDK, HttpURLConnection', needs: ['java'], command: ['java', 'Jdk.java'] },
  {
    name: 'Python, Authlib',
    needs: [python, `${pythonPackages}/authlib`],
    command: [python, 'authlib_client.py'],
  },
  {
    name: 'Python, requests-oauthlib',
    needs: [python, `${pythonPackages}/requests_oauthlib`, `${pythonPackages}/jwt`],
    command: [python, 'requests_oauthlib_client.py'],
  },
  {
    name: 'Apache, mod_auth_openidc',
    needs: apacheFiles('auth_openidc'),
    command: [node, 'apache.ts'],
    steps: ['registration'],
  },
  {
    name: 'Node, openid-client',
    needs: [],
    command: [node, 'openid-client.ts'],
    steps: ['registration'],
  },
  {
    name: 'Node, oauth4webapi',
    needs: [],
    command: [node, 'oauth4webapi.ts'],
    steps: ['registration'],
  },
  {
    name: 'Node, MCP SDK',
    needs: [],
    command: [node, 'mcp.ts'],
    steps: ['registration', 'step-up'],
    without: ['userinfo'], // its tokens are for the MCP server, not for Usher (RFC 8707)
  },
];
