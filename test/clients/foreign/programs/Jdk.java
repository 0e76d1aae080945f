import java.io.IOException;
import java.math.BigInteger;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Scanner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client of the JDK alone: HttpURLConnection with its default Accept, which prefers HTML. */
public class Jdk {
  static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  record Answer(int status, String type, String text) {
    String get(String name) {
      Matcher hit = Pattern.compile("\"" + name + "\"\\s*:\\s*(?:\"([^\"]*)\"|([^,}\\s]+))").matcher(text);
      if (!hit.find()) throw new IllegalStateException("no " + name + " in " + text);
      return hit.group(1) == null ? hit.group(2) : hit.group(1);
    }
  }

  public static void main(String[] words) throws Exception {
    String issuer = System.getenv("ISSUER");
    String redirectUri = System.getenv("REDIRECT_URI");
    String app = basic(System.getenv("CLIENT_ID"), System.getenv("CLIENT_SECRET"));
    String api = basic(System.getenv("API_ID"), System.getenv("API_SECRET"));

    Answer metadata = send("GET", issuer + "/.well-known/openid-configuration", null, null);
    check(metadata.get("issuer").equals(issuer), metadata);
    did("discovery");

    String verifier = random(), state = random(), nonce = random();
    String challenge = BASE64URL.encodeToString(
        MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)));
    System.out.println("open " + metadata.get("authorization_endpoint") + "?" + form(
        "response_type", "code", "client_id", System.getenv("CLIENT_ID"), "redirect_uri", redirectUri,
        "scope", "openid profile email database:write_branches", "state", state, "nonce", nonce,
        "code_challenge", challenge, "code_challenge_method", "S256"));
    Map<String, String> callback = query(new Scanner(System.in).nextLine());
    check(state.equals(callback.get("state")), callback);
    check(issuer.equals(callback.get("iss")), callback);
    did("authorization");

    String token = metadata.get("token_endpoint");
    Answer wrong = send("POST", token, app, form("grant_type", "authorization_code", "code", "none",
        "redirect_uri", redirectUri, "code_verifier", verifier));
    check(wrong.status == 400 && wrong.type.startsWith("application/json"), wrong);
    check(wrong.get("error").equals("invalid_grant"), wrong);
    Answer tokens = send("POST", token, app, form("grant_type", "authorization_code",
        "code", callback.get("code"), "redirect_uri", redirectUri, "code_verifier", verifier));
    check(tokens.status == 200 && tokens.get("token_type").equalsIgnoreCase("bearer"), tokens);
    did("token");

    Answer claims = verify(tokens.get("id_token"), metadata);
    check(claims.get("iss").equals(issuer) && claims.get("nonce").equals(nonce), claims);
    check(claims.get("aud").equals(System.getenv("CLIENT_ID")), claims);
    check(Long.parseLong(claims.get("exp")) > System.currentTimeMillis() / 1000, claims);
    did("id_token");

    Answer info = send("GET", metadata.get("userinfo_endpoint"), "Bearer " + tokens.get("access_token"), null);
    check(info.get("sub").equals(claims.get("sub")) && info.get("email").contains("@"), info);
    Answer none = send("GET", metadata.get("userinfo_endpoint"), "Bearer none", null);
    check(none.status == 401, none);
    did("userinfo");

    Answer refreshed = send("POST", token, app,
        form("grant_type", "refresh_token", "refresh_token", tokens.get("refresh_token")));
    check(refreshed.status == 200, refreshed);
    did("refresh");

    String introspection = metadata.get("introspection_endpoint");
    String question = form("token", refreshed.get("access_token"), "resource", System.getenv("RESOURCE"));
    Answer live = send("POST", introspection, api, question);
    check(live.get("active").equals("true") && live.get("scope").equals("database:write_branches"), live);
    Answer stranger = send("POST", introspection, basic("demo-api", "wrong"), question);
    check(stranger.status == 401 && stranger.get("error").equals("invalid_client"), stranger);
    did("introspection");

    Answer revoked = send("POST", metadata.get("revocation_endpoint"), app,
        form("token", refreshed.get("refresh_token")));
    check(revoked.status == 200 && revoked.type.startsWith("application/json"), revoked);
    check(send("POST", introspection, api, question).get("active").equals("false"), "active after revocation");
    did("revocation");
  }

  /** RS256, the default of OpenID Connect, by the published key that the header names. */
  static Answer verify(String jwt, Answer metadata) throws Exception {
    String[] parts = jwt.split("\\.");
    Answer header = new Answer(0, "", decode(parts[0]));
    check(header.get("alg").equals("RS256"), header);
    String keys = send("GET", metadata.get("jwks_uri"), null, null).text;
    Matcher each = Pattern.compile("\\{[^{}]*\"" + header.get("kid") + "\"[^{}]*\\}").matcher(keys);
    check(each.find(), keys);
    Answer key = new Answer(0, "", each.group());
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(KeyFactory.getInstance("RSA")
        .generatePublic(new RSAPublicKeySpec(number(key.get("n")), number(key.get("e")))));
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    check(signature.verify(Base64.getUrlDecoder().decode(parts[2])), "the signature is wrong");
    return new Answer(0, "", decode(parts[1]));
  }

  static Answer send(String method, String url, String authorization, String form) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    connection.setRequestMethod(method);
    if (authorization != null) connection.setRequestProperty("Authorization", authorization);
    if (form != null) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(form.getBytes(StandardCharsets.UTF_8));
    }
    int status = connection.getResponseCode();
    try (var body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      return new Answer(status, String.valueOf(connection.getContentType()), text);
    }
  }

  static String form(String... pairs) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      text.append(i == 0 ? "" : "&").append(pairs[i]).append('=');
      text.append(URLEncoder.encode(pairs[i + 1], StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  static Map<String, String> query(String url) {
    Map<String, String> values = new HashMap<>();
    for (String pair : URI.create(url).getRawQuery().split("&")) {
      String[] both = pair.split("=", 2);
      values.put(both[0], URLDecoder.decode(both[1], StandardCharsets.UTF_8));
    }
    return values;
  }

  static String basic(String id, String secret) {
    return "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
  }

  static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return BASE64URL.encodeToString(bytes);
  }

  static String decode(String part) {
    return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
  }

  static BigInteger number(String part) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(part));
  }

  static void did(String step) {
    System.out.println("did " + step);
  }

  static void check(boolean holds, Object seen) {
    if (!holds) throw new IllegalStateException(String.valueOf(seen));
  }
}
