"""Debian's python3-authlib: OAuth2Session for the flow, authlib.jose and CodeIDToken for the ID token."""

import os
import secrets

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

env = os.environ
issuer = env["ISSUER"]
scope = "openid profile email database:write_branches"
metadata = requests.get(issuer + "/.well-known/openid-configuration").json()
assert metadata["issuer"] == issuer
print("did discovery", flush=True)

session = OAuth2Session(
    env["CLIENT_ID"],
    env["CLIENT_SECRET"],
    scope=scope,
    redirect_uri=env["REDIRECT_URI"],
    token_endpoint=metadata["token_endpoint"],
    revocation_endpoint=metadata["revocation_endpoint"],
    code_challenge_method="S256",
)
verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
)
print("open", url, flush=True)
callback = input()
print("did authorization")

token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=callback, code_verifier=verifier, state=state
)
print("did token")

claims = jwt.decode(
    token["id_token"],
    JsonWebKey.import_key_set(requests.get(metadata["jwks_uri"]).json()),
    claims_cls=CodeIDToken,
    claims_options={"iss": {"values": [issuer]}, "aud": {"values": [env["CLIENT_ID"]]}},
    claims_params={"nonce": nonce, "client_id": env["CLIENT_ID"], "access_token": token["access_token"]},
)
claims.validate()
assert claims.header["alg"] == "RS256", claims.header
assert claims["email"], claims
print("did id_token")

info = session.get(metadata["userinfo_endpoint"]).json()
assert info["sub"] == claims["sub"], info
print("did userinfo")

refreshed = session.refresh_token(metadata["token_endpoint"], token["refresh_token"])
assert refreshed["access_token"] != token["access_token"]
print("did refresh")

api = OAuth2Session(env["API_ID"], env["API_SECRET"])


def ask():
    answer = api.introspect_token(
        metadata["introspection_endpoint"],
        token=refreshed["access_token"],
        body="resource=" + requests.utils.quote(env["RESOURCE"], safe=""),
    )
    return answer.json()


answer = ask()
assert answer["active"] and answer["scope"] == "database:write_branches", answer
print("did introspection")

revoked = session.revoke_token(metadata["revocation_endpoint"], token=refreshed["refresh_token"])
assert revoked.status_code == 200 and revoked.json() == {}, revoked.text
assert ask() == {"active": False}
print("did revocation")
