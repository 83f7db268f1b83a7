/** Bytes of a stranger → a message, or `invalid`. Must not know any message. */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { VigoError } from "../../../core/errors.ts";

export function readPayload<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new VigoError("invalid", `the payload is no ${schema.name}`, { cause });
  }
}
