/**
 * A complete MCP server behind Usher, by the official SDK: a note for each branch of the demo platform.
 *
 *   read_note    whoever may read the branch
 *   write_note   whoever may write it
 *   clear_note   whoever may delete it
 *
 * What each tool needs is said once, in the table. Whether it may run is asked at each call, and a list
 * shows what can be called now. Notes are kept under the id that Usher answered for the branch.
 *
 * @module
 */

import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import express, { type Express } from 'express';
import { z } from 'zod';
import type {
  AnsweredResource,
  ResourceServer,
  ToolArguments,
} from '../../../src/resource-server/resource-server.ts';

const onBranch = {
  type: 'branch',
  resource: ({ branch }: ToolArguments) => branch,
} as const;

const tools = {
  read_note: { scope: 'database:read_branches', ...onBranch },
  write_note: { scope: 'database:write_branches', ...onBranch },
  clear_note: { scope: 'database:delete_branches', ...onBranch },
};

const branch = z.string().describe('organizations/acme/databases/shop/branches/staging, or an id');

/** @param path where the MCP endpoint is: the path of the server's `url`. */
export function createMcpServer(server: ResourceServer, path = '/mcp'): Express {
  const notes = new Map<string, string>();
  const { serveMetadata, protect } = server.mcp({
    name: 'Branch notes',
    scopes: ['database:read_branches'],
    tools,
  });
  const app = express();
  app.use(serveMetadata);
  app.post(path, express.json(), protect, async (request, response) => {
    const { tools: offered, resources } = response.locals;
    const mcp = notesServer(notes, offered, resources);
    const transport = new StreamableHTTPServerTransport();
    await mcp.connect(transport as Parameters<typeof mcp.connect>[0]);
    await transport.handleRequest(request, response, request.body);
  });
  app.all(path, protect, (_request, response) => {
    response.status(405).set('allow', 'POST').end(); // no session, so nothing to listen to
  });
  return app;
}

/** @param resources the branch of each call, by the call's id: its name may be another's tomorrow. */
function notesServer(
  notes: Map<string, string>,
  offered: ReadonlySet<string>,
  resources: ReadonlyMap<unknown, AnsweredResource>,
): McpServer {
  const mcp = new McpServer({ name: 'branch-notes', version: '1.0.0' });
  const add = (
    name: keyof typeof tools,
    more: Shape,
    run: (id: string, text: string) => string,
  ) => {
    const inputSchema = { branch, ...more };
    const tool = mcp.registerTool(name, { inputSchema }, ({ text = '' }: Texts, { requestId }) => {
      const resource = resources.get(requestId);
      if (resource === undefined) throw new Error('a call that nobody has let through');
      return { content: [{ type: 'text', text: run(resource.identifier, text) }] };
    });
    if (!offered.has(name)) tool.disable();
  };
  add('read_note', {}, (id) => notes.get(id) ?? 'There is no note.');
  add('write_note', { text: z.string() }, (id, text) => {
    notes.set(id, text);
    return 'Written.';
  });
  add('clear_note', {}, (id) => {
    notes.delete(id);
    return 'Cleared.';
  });
  return mcp;
}

type Shape = Readonly<Record<string, z.ZodString>>;
type Texts = Readonly<Record<string, string>>;
