/**
 * What known hosts publish and register, made up after public reports of 2025 and 2026: the same members and
 * forms, with ids and ports of our own.
 */

/** A registration request or a document. */
export type Said = Readonly<Record<string, unknown>>;

const code = { response_types: ['code'], grant_types: ['authorization_code', 'refresh_token'] };
const device = 'urn:ietf:params:oauth:grant-type:device_code';

/** Registration requests (RFC 7591), by the host's name. */
export const registrations: Readonly<Record<string, Said>> = {
  Claude: {
    ...code,
    client_name: 'Claude',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    token_endpoint_auth_method: 'client_secret_post',
    scope: 'openid offline_access',
  },
  'Claude Code': {
    ...code,
    client_name: 'Claude Code (shop)',
    application_type: 'native',
    redirect_uris: ['http://localhost:3118/callback'],
    token_endpoint_auth_method: 'none',
  },
  ChatGPT: {
    ...code,
    client_name: 'ChatGPT',
    redirect_uris: ['https://chatgpt.com/connector/oauth/Ab3dEf6hIj9k'],
    token_endpoint_auth_method: 'none',
  },
  Codex: {
    ...code,
    client_name: 'Codex',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1:37819/callback/q1w2e3'],
    token_endpoint_auth_method: 'none',
  },
  Cursor: {
    ...code,
    client_name: 'Cursor',
    redirect_uris: [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'http://localhost:8787/callback',
    ],
    token_endpoint_auth_method: 'none',
  },
  'Cursor, as web': {
    ...code,
    client_name: 'Cursor',
    application_type: 'web',
    redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'],
    token_endpoint_auth_method: 'none',
  },
  'Visual Studio Code': {
    client_name: 'Visual Studio Code',
    client_uri: 'https://code.visualstudio.com',
    grant_types: [...code.grant_types, device],
    response_types: ['code'],
    redirect_uris: [
      'https://insiders.vscode.dev/redirect',
      'https://vscode.dev/redirect',
      'http://127.0.0.1/',
      'http://127.0.0.1:33418/',
      'http://localhost/',
      'http://localhost:33418/',
    ],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  },
  'MCP Inspector': {
    ...code,
    client_name: 'MCP Inspector',
    client_uri: 'https://github.com/modelcontextprotocol/inspector',
    redirect_uris: [
      'http://localhost:6274/oauth/callback',
      'http://localhost:6274/oauth/callback/debug',
    ],
    token_endpoint_auth_method: 'none',
    scope: '',
  },
  'Gemini CLI': {
    ...code,
    client_name: 'Gemini CLI MCP Client',
    redirect_uris: ['http://localhost:7777/oauth/callback'],
    token_endpoint_auth_method: 'none',
    code_challenge_method: ['S256'],
    scope: '',
  },
  OpenCode: {
    ...code,
    client_name: 'OpenCode',
    client_uri: 'https://opencode.ai',
    redirect_uris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
    token_endpoint_auth_method: 'none',
  },
};

/** Documents (Client ID Metadata Documents), by their address, which is added as `client_id`. */
export const documents: Readonly<Record<string, Said>> = {
  'https://claude.ai/oauth/mcp-oauth-client-metadata': {
    ...code,
    client_name: 'Claude',
    client_uri: 'https://claude.ai',
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    token_endpoint_auth_method: 'none',
  },
  'https://claude.ai/oauth/claude-code-client-metadata': {
    ...code,
    client_name: 'Claude Code',
    client_uri: 'https://claude.ai',
    redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
  'https://chatgpt.com/oauth/client.json': {
    client_name: 'ChatGPT',
    client_uri: 'https://chatgpt.com/',
    logo_uri: 'https://persistent.oaistatic.com/logo.png',
    redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
    grant_types: [...code.grant_types, 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
    response_types: ['code'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg: 'RS256',
    jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
  },
  'https://chatgpt.com/oauth/Ab3dEf6hIj9k/client.json': {
    ...code,
    client_name: 'ChatGPT',
    client_uri: 'https://chatgpt.com/',
    redirect_uris: ['https://chatgpt.com/connector/oauth/Ab3dEf6hIj9k'],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'RS256',
    jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
  },
  'https://chatgpt.com/oauth/codex/client.json': {
    ...code,
    client_name: 'Codex',
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    token_endpoint_auth_method: 'none',
  },
  'https://vscode.dev/oauth/client-metadata.json': {
    client_name: 'Visual Studio Code',
    client_uri: 'https://vscode.dev/product',
    logo_uri: 'https://code.visualstudio.com/assets/branding/code-stable.png',
    grant_types: [...code.grant_types, device],
    response_types: ['code'],
    redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  },
  'https://zed.dev/oauth/client-metadata.json': {
    ...code,
    client_name: 'Zed',
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  },
  'https://opencode.ai/oauth/opencode/client.json': {
    ...code,
    client_name: 'opencode',
    client_uri: 'https://opencode.ai',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    token_endpoint_auth_method: 'none',
    token_endpoint_auth_methods_supported: ['none'],
  },
};
