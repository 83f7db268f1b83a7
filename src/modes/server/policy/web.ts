/** The network of this machine, for asking whether addresses answer. Must not know which. */
import { lookup } from "node:dns/promises";
import { request as http } from "node:http";
import { request as https } from "node:https";
import type { Web } from "../../../core/publish/ask-url.ts";

export const web: Web = { lookup: (name) => lookup(name, { all: true }), http, https };
