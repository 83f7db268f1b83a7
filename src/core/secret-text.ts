/**
 * What a schema is given where a secret will be: any text does, because only the agent knows the real one, and holds it to the
 * schema again. Must not know schemas, nor secrets.
 */
export class SecretText {
  /** `written` is how policy says it, for messages. */
  constructor(
    readonly standIn: string,
    readonly written: string,
  ) {}

  toJSON(): string {
    return this.written;
  }
}
