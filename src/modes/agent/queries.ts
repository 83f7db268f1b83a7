/**
 * Answers queries: collects the traits they read, now, and says what they are. Only what the bundle key signed, each once. Must not know
 * how a stream is opened, and does nothing but collect traits.
 */
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type CollectFailure,
  collectTraits,
  type Section,
  traitValues,
} from "../../core/collect.ts";
import { VigoError } from "../../core/errors.ts";
import type { ReadHost } from "../../core/host.ts";
import { canonicalJson } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { sayTo } from "../../core/query/answer.ts";
import type { AnyTraitType } from "../../core/trait.ts";
import {
  OrderKind,
  type Query,
  type QueryAnswer,
  QueryAnswerSchema,
  QuerySchema,
  type SignedOrder,
} from "../../core/wire/gen/vigo/v1/agent_pb.ts";
import type { HiddenTraits } from "./hidden-traits.ts";
import { openOrder, type OrderTrust } from "../../core/wire/order.ts";

export interface QueriesOptions {
  readonly traits: readonly AnyTraitType[];
  readonly host: () => ReadHost;
  /** What was collected last: some collectors begin from there. */
  readonly sections: () => readonly Section[];
  /** Takes secrets out of what it says. */
  readonly hidden: Pick<HiddenTraits, "isTooEarly" | "told" | "text">;
  readonly hostname: () => string;
  readonly trust: () => OrderTrust;
  readonly log: Log;
  readonly now: () => number;
}

/** At once; more are told so. */
const mostAtOnce = 4;
/** Of those that can still come again. */
const mostRemembered = 1_000;
const most = { timeoutMs: 600_000, bytes: 1024 * 1024, paths: 32, reason: 2_000 };

interface Read {
  readonly id: string;
  readonly query: Query;
}

type Answer = MessageInitShape<typeof QueryAnswerSchema>;

export class Queries {
  readonly #options: QueriesOptions;
  #running = 0;
  /** Until when each is obeyed at all: a copy of it is not answered. */
  readonly #seen = new Map<string, number>();

  constructor(options: QueriesOptions) {
    this.#options = options;
  }

  /** Undefined for what must not be answered; the log says why. */
  async answer(signed: SignedOrder): Promise<QueryAnswer | undefined> {
    const read = this.#obeyed(signed);
    if (read === undefined) return undefined;
    const { id, query } = read;
    const { error: said = "", ...answer } = await this.#answerTo(id, query).catch(asAnswer);
    const error = this.#options.hidden.text(said);
    return create(QueryAnswerSchema, {
      ...answer,
      error: error.slice(0, most.reason),
      queryId: id,
    });
  }

  #obeyed(signed: SignedOrder): Read | undefined {
    try {
      return this.#read(signed);
    } catch (error) {
      if (!(error instanceof VigoError)) throw error;
      this.#options.log.error("query refused", { reason: error.message, hint: error.hint });
      return undefined;
    }
  }

  #read(signed: SignedOrder): Read {
    const { kind, id, expiresAtMs, payload } = openOrder(signed, this.#options.trust());
    if (kind !== OrderKind.QUERY) throw new VigoError("invalid", "the order is no query");
    const now = this.#options.now();
    const expiresAt = Number(expiresAtMs);
    if (expiresAt <= now) throw refused("it came too late, by this machine's clock");
    for (const [old, until] of this.#seen) if (until <= now) this.#seen.delete(old);
    if (this.#seen.has(id)) throw refused("it came before");
    if (this.#seen.size >= mostRemembered) throw refused("too many came lately");
    this.#seen.set(id, expiresAt);
    return { id, query: queryIn(payload) };
  }

  async #answerTo(id: string, query: Query): Promise<Answer> {
    if (this.#running >= mostAtOnce)
      return { error: `${mostAtOnce} queries are being answered on this machine already` };
    this.#running++;
    this.#options.log.info("query", {
      query: id,
      where: query.where || undefined,
      paths: query.paths.join(" "),
    });
    const late = Math.min(query.timeoutMs, most.timeoutMs);
    const work = this.#collected(query).finally(() => this.#running--);
    return within(late, work);
  }

  async #collected(query: Query): Promise<Answer> {
    const { traits, host, sections: last, hidden, hostname, trust } = this.#options;
    const wanted = await this.#wanted(query);
    const known = traits.filter(({ name }) => wanted.has(name));
    const foreign = [...wanted].find((name) => known.every((trait) => trait.name !== name));
    if (foreign !== undefined)
      return { error: `this agent knows no trait ${foreign}; it is older than the server` };
    const previous = last().filter(({ name }) => wanted.has(name));
    const { sections, failures } = await collectTraits(known, host(), { previous, force: true });
    // What could not be collected is not fresh, and is not shown as if it were.
    const failed = failures.find(({ name }) => wanted.has(name));
    // Words of a program may hold what is not known yet.
    if (failed !== undefined)
      return { error: hidden.isTooEarly ? tooEarly([failed.name]) : inWords(failed) };
    const envoy = { id: trust().envoyId, hostname: hostname() };
    // The condition sees no more than the answer: it would be a way to guess.
    const tellable = sections.map((section) => hidden.told(section) ?? section.name);
    const untold = tellable.filter((one) => typeof one === "string");
    if (untold.length > 0) return { error: tooEarly(untold) };
    const told = traitValues(tellable.filter((one) => typeof one === "object"));
    const said = await sayTo(query, { envoy, traits: told, types: traits });
    if (said.kind === "passed over") return { passedOver: true };
    if (said.kind === "undecided") return { error: said.reason };
    return bounded(canonicalJson(said.values), query, hidden.isTooEarly ? [] : failures);
  }

  /** Sections that it reads; a condition names its own. */
  async #wanted({ where, paths }: Query): Promise<ReadonlySet<string>> {
    const fields = where === "" ? [] : await fieldsOf(where);
    return new Set([...paths, ...fields].map((path) => /^[^.[]*/.exec(path)?.[0] ?? ""));
  }
}

function asAnswer(error: unknown): Answer {
  if (error instanceof VigoError) return { error: error.message };
  throw error;
}

const refused = (why: string) => new VigoError("denied", `the order is refused: ${why}`);

function queryIn(payload: Uint8Array): Query {
  const query = read(payload);
  if (query.paths.length <= most.paths) return query;
  throw new VigoError("invalid", `the query has more than ${most.paths} paths`);
}

function read(payload: Uint8Array): Query {
  try {
    return fromBinary(QuerySchema, payload);
  } catch (cause) {
    throw new VigoError("invalid", "the query cannot be read", { cause });
  }
}

/** CEL is loaded for the first condition. */
async function fieldsOf(where: string): Promise<readonly string[]> {
  const { programOf } = await import("../../core/policy/when/evaluate.ts");
  const { CannotDecide } = await import("../../core/policy/when/condition.ts");
  try {
    return programOf(where).reads.fields;
  } catch (error) {
    if (error instanceof CannotDecide) throw new VigoError("invalid", error.message);
    throw error;
  }
}

const tooEarly = (names: readonly string[]): string =>
  `this agent has just begun, and does not know its secrets yet: what is new in ${names.join(", ")} might hold one`;

const inWords = ({ name, reason }: CollectFailure): string => `${name}: ${reason}`;

/** With what is not whole in it. */
function bounded(
  json: string,
  { answerLimit }: Query,
  failures: readonly CollectFailure[],
): Answer {
  const values = new TextEncoder().encode(json);
  const limit = Math.min(answerLimit, most.bytes);
  if (values.length <= limit) return { values, error: failures.map(inWords).join("; ") };
  return {
    error: `the answer has ${values.length} bytes, of at most ${limit}: ask for less of it`,
  };
}

/** A collector that is stuck cannot be stopped, only left behind. */
async function within(ms: number, work: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => late.resolve({ error: `took longer than ${ms / 1000} s` }), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
