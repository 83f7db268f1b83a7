/** The endpoint that describes all others, handled. Must not know any of them. */
import { showOpenApi } from "../../../core/api/description.ts";
import type { Answer } from "../../../core/api/endpoint.ts";
import { endpoints } from "../../../core/api/index.ts";
import { openApi } from "../../../core/api/openapi.ts";
import { version } from "../../../core/version.ts";
import { implement } from "./implement.ts";

/** Made at the first need: it takes every schema. */
let made: Answer<typeof showOpenApi> | undefined;

export const descriptionRoutes = [
  implement(showOpenApi, async () => {
    made ??= openApi(endpoints, version.version) as Answer<typeof showOpenApi>;
    return made;
  }),
];
