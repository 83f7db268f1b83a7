/**
 * The signed heads of the audit log. The newest is in a file outside the database: an entry that was changed, or a tail that was cut,
 * no longer fits it, and then no head is signed any more until a person has looked. Must not know HTTP.
 */
import { readFile } from "node:fs/promises";
import {
  type AuditHead,
  headSigner,
  type HeadSigner,
  parseHead,
  spellHead,
} from "../../../core/audit/head.ts";
import { VigoError } from "../../../core/errors.ts";
import { Line } from "../../../core/line.ts";
import type { Log } from "../../../core/log.ts";
import { newKeyPair } from "../../../core/pki/keys.ts";
import { ifThere } from "../../../core/publish/errno.ts";
import type { AuditStore } from "../store/store.ts";
import { readIfThere, writeAtomically } from "../write-file.ts";
import { follow } from "./chain.ts";

/** Older heads are signed anew, so that whoever looks sees that somebody still signs. */
const freshMs = 60_000;

interface HeadsOptions {
  readonly audit: AuditStore;
  readonly serverId: string;
  /** Of the key that signs heads, 32 raw bytes; made when it is missing. */
  readonly keyFile: string;
  /** Where the newest is kept. */
  readonly headFile: string;
  readonly log: Log;
  readonly now: () => number;
}

export interface Verified {
  /** How many entries hold, from the first on. */
  readonly entries: number;
  /** What is wrong, as a sentence; undefined when everything holds. */
  readonly problem: string | undefined;
}

export class Heads {
  readonly #options: HeadsOptions;
  readonly #signer: HeadSigner;
  readonly #line = new Line();
  #newest: AuditHead | undefined;
  #trouble: string | undefined;

  private constructor(options: HeadsOptions, signer: HeadSigner, newest: AuditHead | undefined) {
    this.#options = options;
    this.#signer = signer;
    this.#newest = newest;
  }

  /** Signs the first head of this process. Rejects with `failed` for files that are damaged. */
  static async open(options: HeadsOptions): Promise<Heads> {
    const signer = headSigner(await seedIn(options.keyFile), options.serverId);
    const kept = await readIfThere(options.headFile);
    const heads = new Heads(
      options,
      signer,
      kept === undefined ? undefined : headIn(options.headFile, kept),
    );
    // Where there was no head, the log itself says that from here on there is one.
    if (kept === undefined) await heads.#begin();
    await heads.sign();
    return heads;
  }

  /** The newest, spelled. */
  get newest(): string | undefined {
    return this.#newest === undefined ? undefined : spellHead(this.#newest);
  }

  /** Why no head is signed any more, as a sentence. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Looks whether the log still continues the newest head, then signs the next one: of a new entry at once, else each minute. */
  sign(): Promise<void> {
    return this.#line.add(() => this.#sign());
  }

  async #sign(): Promise<void> {
    const { audit, headFile, log, now } = this.#options;
    const newest = this.#newest;
    const untrue = newest === undefined ? undefined : await this.#against(newest);
    const { last, broken } = await follow(audit, newest);
    const trouble = untrue ?? (broken === undefined ? undefined : torn(broken));
    const isNews = trouble !== this.#trouble;
    // At once, when all of it is known: who asks in between is told what was so.
    this.#trouble = trouble;
    if (trouble !== undefined) {
      if (isNews)
        log.error("the audit log was tampered with", { error: trouble, head_file: headFile });
      return;
    }
    if (last.id === 0 || (last.id === newest?.id && Math.abs(now() - newest.at) < freshMs)) return;
    const head = this.#signer.sign(last, now());
    await writeAtomically(headFile, `${spellHead(head)}\n`, 0o644);
    this.#newest = head;
  }

  /** The whole log, against the newest head and one that somebody kept. Throws `invalid` for a text that is no head. */
  async verify(given: string | undefined): Promise<Verified> {
    const head = given === undefined ? undefined : parseHead(given);
    const { last, broken } = await follow(this.#options.audit);
    const problems = [
      broken === undefined ? undefined : torn(broken),
      head === undefined ? undefined : await this.#against(head),
      this.#newest === undefined ? undefined : await this.#against(this.#newest),
    ];
    const problem = problems.find((one) => one !== undefined);
    if (problem === undefined) await this.sign();
    return { entries: last.id, problem: problem ?? this.#trouble };
  }

  async #begin(): Promise<void> {
    const { audit, serverId, now } = this.#options;
    await audit.append({
      at: now(),
      actor: "server",
      action: "audit.heads_begin",
      subject: serverId,
      detail: { key_id: this.#signer.keyId },
    });
  }

  async #against(head: AuditHead): Promise<string | undefined> {
    if (!this.#signer.isOurs(head))
      return head.keyId === this.#signer.keyId
        ? "the head was changed: its signature does not fit"
        : `the head was signed with key ${head.keyId}, and this server's is ${this.#signer.keyId}`;
    const [row] = await this.#options.audit.after(head.id - 1, 1);
    const signed = new Date(head.at).toISOString();
    if (row?.id !== head.id)
      return `entry ${head.id} is missing, and it was there when a head was signed at ${signed}: the end of the log was cut off`;
    if (row.hash !== head.hash)
      return `entry ${head.id} is another one than when a head was signed at ${signed}: the log was rewritten`;
    return undefined;
  }
}

const torn = (id: number): string => `entry ${id} does not follow from the one before`;

async function seedIn(file: string): Promise<Uint8Array> {
  const kept = await ifThere(readFile(file));
  if (kept?.length === 32) return kept;
  if (kept !== undefined)
    throw new VigoError("failed", `${file} is no key`, { hint: "restore it from a backup" });
  const { seed } = newKeyPair();
  await writeAtomically(file, seed);
  return seed;
}

function headIn(file: string, text: string): AuditHead {
  try {
    return parseHead(text);
  } catch (cause) {
    if (!(cause instanceof VigoError)) throw cause;
    throw new VigoError("failed", `${file} holds no head of the audit log`, {
      hint: "restore it from a backup. Without one: compare the log with a head that was kept elsewhere, then remove the file",
      cause,
    });
  }
}
