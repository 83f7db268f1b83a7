/**
 * Questions and answers as JSON, one a line, over a Unix socket: how QEMU's monitor (QMP) and its guest agent are spoken with. One
 * question at a time. Must not know what is asked.
 */
import type { Socket } from "bun";
import { awakeMs } from "../lab/awake.ts";

export type Answer = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly isIt: (answer: Answer) => boolean;
  readonly resolve: (answer: Answer) => void;
}

export class JsonLines {
  readonly #socket: Socket;
  readonly #decoder = new TextDecoder();
  #rest = "";
  #waiting: Waiting | undefined;
  #unsent = new Uint8Array();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(path: string): Promise<JsonLines> {
    const made: { lines?: JsonLines } = {};
    const socket = await Bun.connect({
      unix: path,
      socket: {
        data: (_, bytes) => made.lines?.read(bytes),
        drain: () => made.lines?.flush(),
      },
    });
    made.lines = new JsonLines(socket);
    return made.lines;
  }

  /** The first line that is an answer to it; what else is said meanwhile is dropped. */
  ask(question: object, isIt: (answer: Answer) => boolean, limitMs: number): Promise<Answer> {
    const asked = this.#turn.then(() => this.#ask(question, isIt, limitMs));
    this.#turn = asked.catch(() => undefined);
    return asked;
  }

  async #ask(question: object, isIt: Waiting["isIt"], limitMs: number): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    this.#waiting = { isIt, resolve: answer.resolve };
    const deadline = awakeMs() + limitMs;
    const timer = setInterval(() => {
      if (awakeMs() > deadline) answer.reject(new Error(`no answer within ${limitMs} ms`));
    }, 250);
    try {
      this.#unsent = Buffer.concat([this.#unsent, Buffer.from(`${JSON.stringify(question)}\n`)]);
      this.flush();
      return await answer.promise;
    } finally {
      clearInterval(timer);
      this.#waiting = undefined;
    }
  }

  private flush(): void {
    if (this.#unsent.length === 0) return;
    const sent = this.#socket.write(this.#unsent);
    if (sent < 0) throw new Error("the socket is closed");
    this.#unsent = this.#unsent.subarray(sent);
  }

  private read(bytes: Uint8Array): void {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      // A guest agent that was spoken to before sends a stray byte first.
      const answer = JSON.parse(line.replace(/^[^{]*/, "") || "{}") as Answer;
      if (this.#waiting?.isIt(answer)) this.#waiting.resolve(answer);
    }
  }

  close(): void {
    this.#socket.end();
  }
}
