/** Certificates that lie in files of the server, so that what is wrong with one names its file. Must not know whose they are. */
import { VigoError } from "../../../core/errors.ts";
import { type CertificateFacts, certificateFacts } from "../../../core/pki/certificate.ts";

/** Throws `failed` for a text that holds no certificate. */
export function factsIn(file: string, text: string): CertificateFacts {
  try {
    return certificateFacts(text);
  } catch (cause) {
    if (!(cause instanceof VigoError)) throw cause;
    throw new VigoError("failed", `${file} is ${cause.message}`, {
      hint: "restore it from a backup",
      cause,
    });
  }
}
