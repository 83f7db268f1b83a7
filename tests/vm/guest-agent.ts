/**
 * Commands inside of a virtual machine through QEMU's guest agent (qemu-ga(8), QEMU Guest Agent Protocol Reference): no network,
 * no accounts. Must not know how the machine is started.
 */
import type { Told } from "../lab/machine.ts";
import { eventually } from "../lab/outside.ts";
import { type Answer, JsonLines } from "./json-lines.ts";

interface ExecStatus {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

interface Order {
  readonly argv: readonly string[];
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs: number;
}

const isAnswer = (answer: Answer) => "return" in answer || "error" in answer;

export class GuestAgent {
  readonly #path: string;
  #lines: JsonLines | undefined;

  constructor(socket: string) {
    this.#path = socket;
  }

  /** Resolves when it answers; also after a reboot, when what was said to its forerunner is lost. */
  async ready(limitMs: number): Promise<void> {
    await eventually(
      "the guest agent answers",
      limitMs,
      async () => {
        this.close();
        const lines = await JsonLines.connect(this.#path);
        this.#lines = lines;
        const id = Math.floor(Math.random() * 1e9);
        const question = { execute: "guest-sync", arguments: { id } };
        await lines.ask(question, (answer) => answer["return"] === id, 2_000);
        return true;
      },
      200,
    );
  }

  async ask<T>(execute: string, args: object = {}): Promise<T> {
    if (this.#lines === undefined) throw new Error("the guest agent was not awaited");
    const answer = await this.#lines.ask({ execute, arguments: args }, isAnswer, 30_000);
    if ("return" in answer) return answer["return"] as T;
    throw new Error(`guest agent: ${execute}: ${JSON.stringify(answer["error"])}`);
  }

  /** Any exit code is an answer; a signal counts as the shell has it. */
  async run({ argv, stdin, timeoutMs }: Order): Promise<Told> {
    const [path, ...arg] = argv;
    const { pid } = await this.ask<{ readonly pid: number }>("guest-exec", {
      path,
      arg,
      "capture-output": true,
      ...(stdin !== undefined && { "input-data": Buffer.from(stdin).toString("base64") }),
    });
    const status = () => this.ask<ExecStatus>("guest-exec-status", { pid });
    const done = await eventually(
      argv.join(" ").slice(0, 2_000),
      timeoutMs,
      async () => {
        const is = await status();
        return is.exited ? is : undefined;
      },
      25,
    );
    return {
      code: done.exitcode ?? 128 + (done.signal ?? 0),
      stdout: text(done["out-data"]),
      stderr: text(done["err-data"]),
    };
  }

  close(): void {
    this.#lines?.close();
    this.#lines = undefined;
  }
}

const text = (data = "") => Buffer.from(data, "base64").toString();
