/** The endpoint that describes all others, handled, and the same as a page for people. Must not know any of them. */
import { showOpenApi } from "../../../core/api/description.ts";
import { type Answer, apiRoot } from "../../../core/api/endpoint.ts";
import { endpoints } from "../../../core/api/index.ts";
import { openApi } from "../../../core/api/openapi.ts";
import { version } from "../../../core/version.ts";
import { type App, implement } from "./implement.ts";

/** Made at the first need: it takes every schema. */
let made: Answer<typeof showOpenApi> | undefined;

export const descriptionRoutes = [
  implement(showOpenApi, async () => {
    made ??= openApi(endpoints, version.version) as Answer<typeof showOpenApi>;
    return made;
  }),
];

let page: { readonly html: string; readonly policy: string } | undefined;

/** What anybody can read in the manual as well: it says nothing of this server, not even its version. */
export function descriptionPage(app: App): void {
  app.get(`${apiRoot}/docs`, async (context) => {
    page ??= await written();
    return context.html(page.html, 200, { "content-security-policy": page.policy });
  });
}

async function written(): Promise<NonNullable<typeof page>> {
  const { apiPage, styleHash } = await import("../../../core/api/page.ts");
  const html = apiPage(openApi(endpoints, "") as unknown as Parameters<typeof apiPage>[0]);
  const policy = `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}
