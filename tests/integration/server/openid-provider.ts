/** A real OpenID provider (`oidc-provider`) on a free port of this host, and a browser that logs in with it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export interface People {
  /** Claims by the name that is typed in. */
  readonly [login: string]: Readonly<Record<string, unknown>>;
}

export interface OpenId {
  readonly issuer: string;
  stop(): Promise<void>;
}

export const clientSecret = "a secret & more: of the client";
export const redirectUrl = "https://vigo.test/auth/oidc/callback";

export async function openIdProvider(people: People): Promise<OpenId> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "vigo", client_secret: clientSecret, redirect_uris: [redirectUrl] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    pkce: { required: () => true },
    cookies: { keys: ["of this test"] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...people[id] }),
    }),
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? "",
        accountId: oidc.session?.accountId ?? "",
      });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  server.on("request", provider.callback());
  return { issuer, stop: () => closed(server) };
}

const closed = (server: Server): Promise<void> => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
};

/** Goes from our redirect through the provider's pages; gives the address that the provider sends the browser back to. */
export async function logInAt(start: string, login: string): Promise<URL> {
  const jar = new Map<string, string>();
  let [url, init]: [string, RequestInit] = [start, {}];
  for (let step = 0; step < 12; step++) {
    if (url.startsWith(redirectUrl)) return new URL(url);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";")[0]?.split(/=(.*)/s) ?? [];
      jar.set(name, value);
    }
    const place = response.headers.get("location");
    if (place === null) {
      const [, action = ""] = /<form[^>]* action="([^"]+)"/.exec(await response.text()) ?? [];
      if (action === "") throw new Error(`${url} answered ${response.status}, and not with a form`);
      url = new URL(action, url).href;
      init = {
        method: "POST",
        body: new URLSearchParams({ prompt: "login", login, password: "anything" }),
      };
    } else [url, init] = [new URL(place, url).href, {}];
  }
  throw new Error("the provider does not come to an end");
}
