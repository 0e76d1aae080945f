"""Debian's python3-requests-oauthlib for the flow, and python3-jwt for the ID token."""

import os

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # the issuer is on loopback

import jwt
import requests
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests_oauthlib import OAuth2Session

env = os.environ
issuer = env["ISSUER"]
metadata = requests.get(issuer + "/.well-known/openid-configuration").json()
assert metadata["issuer"] == issuer
print("did discovery", flush=True)

session = OAuth2Session(
    env["CLIENT_ID"],
    redirect_uri=env["REDIRECT_URI"],
    scope=["openid", "profile", "email", "database:write_branches"],
)
client = session._client
verifier = client.create_code_verifier(64)
url, state = session.authorization_url(
    metadata["authorization_endpoint"],
    code_challenge=client.create_code_challenge(verifier, "S256"),
    code_challenge_method="S256",
)
print("open", url, flush=True)
callback = input()
print("did authorization")

token = session.fetch_token(
    metadata["token_endpoint"],
    authorization_response=callback,
    client_secret=env["CLIENT_SECRET"],
    code_verifier=verifier,
)
print("did token")

key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token["id_token"])
claims = jwt.decode(
    token["id_token"], key.key, algorithms=["RS256"], audience=env["CLIENT_ID"], issuer=issuer
)
assert claims["email"], claims
print("did id_token")

info = session.get(metadata["userinfo_endpoint"]).json()
assert info["sub"] == claims["sub"], info
print("did userinfo")

auth = (env["CLIENT_ID"], env["CLIENT_SECRET"])
refreshed = session.refresh_token(metadata["token_endpoint"], auth=auth)
assert refreshed["access_token"] != token["access_token"]
print("did refresh")


def ask():
    answer = requests.post(
        metadata["introspection_endpoint"],
        data={"token": refreshed["access_token"], "resource": env["RESOURCE"]},
        auth=(env["API_ID"], env["API_SECRET"]),
    )
    return answer.json()


answer = ask()
assert answer["active"] and answer["scope"] == "database:write_branches", answer
print("did introspection")

url, headers, body = client.prepare_token_revocation_request(
    metadata["revocation_endpoint"], refreshed["refresh_token"], "refresh_token"
)
revoked = requests.post(url, data=body, headers=headers, auth=auth)
assert revoked.status_code == 200, revoked.text
assert ask() == {"active": False}
try:
    session.refresh_token(metadata["token_endpoint"], refreshed["refresh_token"], auth=auth)
    raise SystemExit("a revoked refresh token was taken")
except InvalidGrantError:
    print("did revocation")
