/**
 * Programs with which a developer tries an application: each goes through one sign-in in a terminal and prints
 * the tokens. They need nothing but curl and openssl, or a language's standard library, and no server: the
 * address that the browser ends at is pasted, whichever redirect URI it is.
 *
 * Source: RFC 6749 section 4.1, RFC 7636 section 4.
 *
 * @module
 */

import { needsSecret } from '../applications/registration-credentials.ts';
import type { Client } from '../clients/client.ts';

type SnippetLanguage = 'curl' | 'node' | 'python' | 'go';

/** A program. */
export interface Snippet {
  readonly language: SnippetLanguage;
  /** What it is saved as, and how it is run. */
  readonly file: string;
  readonly run: string;
  readonly text: string;
}

/** What a program is made for. */
interface Subject {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly hasSecret: boolean;
}

/** @returns one for each language; none for an application without a redirect URI, or that signs. */
export function snippetsFor(
  issuer: string,
  { id, redirectUris: [redirectUri], scope, authMethod }: Client,
): Snippet[] {
  // One that signs would need a library for it.
  if (redirectUri === undefined || authMethod === 'private_key_jwt') return [];
  const hasSecret = needsSecret(authMethod);
  const subject = { issuer, clientId: id, redirectUri, scope, hasSecret };
  return [
    { language: 'curl', file: 'try.sh', run: 'sh try.sh', text: curl(subject) },
    { language: 'node', file: 'try.mjs', run: 'node try.mjs', text: node(subject) },
    { language: 'python', file: 'try.py', run: 'python3 try.py', text: python(subject) },
    { language: 'go', file: 'main.go', run: 'go run main.go', text: go(subject) },
  ];
}

/** A string literal of JavaScript, Python and Go alike: an address is ASCII. */
const literal = (text: string) => JSON.stringify(text);
/** A word of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function curl({ issuer, clientId, redirectUri, scope, hasSecret }: Subject): string {
  const fixed = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    code_challenge_method: 'S256',
  });
  const proof = hasSecret
    ? `--user ${quoted(clientId)}":$CLIENT_SECRET"`
    : `--data-urlencode ${quoted(`client_id=${clientId}`)}`;
  const secret = hasSecret
    ? 'test -n "$CLIENT_SECRET" || { echo "Set CLIENT_SECRET." >&2; exit 1; }\n'
    : '';
  return `${secret}verifier=$(openssl rand -hex 32)
state=$(openssl rand -hex 16)
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 -A | tr '+/' '-_' | tr -d '=')

echo "Open this address, then paste the one that you are sent to:"
echo ${quoted(`${issuer}/oauth/authorize?${fixed}`)}"&state=$state&code_challenge=$challenge"
read -r callback

case "$callback" in *"state=$state"*) ;; *) echo "This answers another request." >&2; exit 1 ;; esac
code=$(printf %s "$callback" | sed -n 's/.*[?&]code=\\([^&#]*\\).*/\\1/p')

curl --silent --show-error --fail-with-body ${quoted(`${issuer}/oauth/token`)} \\
  ${proof} \\
  --data grant_type=authorization_code \\
  --data "code=$code" \\
  --data "code_verifier=$verifier" \\
  --data-urlencode ${quoted(`redirect_uri=${redirectUri}`)}
`;
}

function node({ issuer, clientId, redirectUri, scope, hasSecret }: Subject): string {
  const proof = hasSecret
    ? `  headers: {
    authorization: 'Basic ' + btoa(clientId + ':' + process.env.CLIENT_SECRET),
  },
`
    : '';
  return `import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';

const issuer = ${literal(issuer)};
const clientId = ${literal(clientId)};
const redirectUri = ${literal(redirectUri)};
const verifier = randomBytes(32).toString('base64url');
const state = randomBytes(16).toString('base64url');

const question = new URLSearchParams({
  response_type: 'code',
  client_id: clientId,
  redirect_uri: redirectUri,
  scope: ${literal(scope)},
  state,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});
console.log('Open this address, then paste the one that you are sent to:');
console.log(issuer + '/oauth/authorize?' + question);

const terminal = createInterface({ input: process.stdin });
const callback = new URL(await terminal.question('')).searchParams;
terminal.close();
if (callback.get('state') !== state) throw new Error('This answers another request.');
if (callback.has('error')) throw new Error(callback.get('error'));

const answer = await fetch(issuer + '/oauth/token', {
  method: 'POST',
${proof}  body: new URLSearchParams({
    grant_type: 'authorization_code',${hasSecret ? '' : '\n    client_id: clientId,'}
    code: callback.get('code'),
    code_verifier: verifier,
    redirect_uri: redirectUri,
  }),
});
console.log(await answer.text());
process.exitCode = answer.ok ? 0 : 1;
`;
}

function python({ issuer, clientId, redirectUri, scope, hasSecret }: Subject): string {
  const proof = hasSecret
    ? `credentials = f"{client_id}:{os.environ['CLIENT_SECRET']}".encode()
request.add_header("Authorization", "Basic " + base64.b64encode(credentials).decode())
`
    : '';
  return `import base64, hashlib, ${hasSecret ? 'os, ' : ''}secrets, sys
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

issuer = ${literal(issuer)}
client_id = ${literal(clientId)}
redirect_uri = ${literal(redirectUri)}
verifier = secrets.token_urlsafe(32)
state = secrets.token_urlsafe(16)
digest = hashlib.sha256(verifier.encode()).digest()

print("Open this address, then paste the one that you are sent to:")
print(issuer + "/oauth/authorize?" + urlencode({
    "response_type": "code",
    "client_id": client_id,
    "redirect_uri": redirect_uri,
    "scope": ${literal(scope)},
    "state": state,
    "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}), flush=True)

callback = parse_qs(urlsplit(input()).query)
if callback.get("state") != [state]:
    sys.exit("This answers another request.")
if "error" in callback:
    sys.exit(callback["error"][0])

request = Request(issuer + "/oauth/token", data=urlencode({
    "grant_type": "authorization_code",${hasSecret ? '' : '\n    "client_id": client_id,'}
    "code": callback["code"][0],
    "code_verifier": verifier,
    "redirect_uri": redirect_uri,
}).encode())
${proof}try:
    print(urlopen(request).read().decode())
except HTTPError as error:
    sys.exit(error.read().decode())
`;
}

/** Its parts, one after the other. */
function go(subject: Subject): string {
  return [goImports, goQuestion(subject), goCallback, goExchange(subject), goAnswer].join('');
}

const goImports = `package main

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
)

`;

function goQuestion({ issuer, clientId, redirectUri, scope }: Subject): string {
  return `const (
	issuer      = ${literal(issuer)}
	clientID    = ${literal(clientId)}
	redirectURI = ${literal(redirectUri)}
)

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func main() {
	verifier, state := random(), random()
	digest := sha256.Sum256([]byte(verifier))
	fmt.Println("Open this address, then paste the one that you are sent to:")
	fmt.Println(issuer + "/oauth/authorize?" + url.Values{
		"response_type":         {"code"},
		"client_id":             {clientID},
		"redirect_uri":          {redirectURI},
		"scope":                 {${literal(scope)}},
		"state":                 {state},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(digest[:])},
		"code_challenge_method": {"S256"},
	}.Encode())

`;
}

const goCallback = `	line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')
	callback, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		log.Fatal(err)
	}
	if callback.Query().Get("state") != state {
		log.Fatal("This answers another request.")
	}
	if problem := callback.Query().Get("error"); problem != "" {
		log.Fatal(problem)
	}

`;

function goExchange({ hasSecret }: Subject): string {
  return `	form := url.Values{
		"grant_type":    {"authorization_code"},${hasSecret ? '' : '\n\t\t"client_id":     {clientID},'}
		"code":          {callback.Query().Get("code")},
		"code_verifier": {verifier},
		"redirect_uri":  {redirectURI},
	}
	request, err := http.NewRequest("POST", issuer+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
${hasSecret ? '\trequest.SetBasicAuth(clientID, os.Getenv("CLIENT_SECRET"))\n' : ''}`;
}

const goAnswer = `	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	if answer.StatusCode != http.StatusOK {
		os.Exit(1)
	}
}
`;
