/**
 * Locales of glibc: locale(1) lists them, localedef(1) makes one and leaves the others. Must not know which are wanted, nor which is
 * the system's own.
 */
import { VigoError } from "../errors.ts";
import type { Host, ReadHost } from "../host.ts";
import { mustSucceed } from "./exit.ts";

/** A locale as it is written: language and place, charset, variant. */
export const localeName = {
  pattern: /^(?:C|POSIX|C\.UTF-8|[a-z]{2,3}(?:_[A-Z]{2})?\.[A-Za-z0-9-]+(?:@[a-z]+)?)$/,
  wanted: "a locale with its charset, like de_AT.UTF-8",
};

/** Those that the C library has by itself. */
export const isBuiltIn = (name: string): boolean => ["C", "POSIX", "C.UTF-8"].includes(name);

/** As `locale -a` prints it: the charset small and without signs. */
export const normalized = (name: string): string =>
  name.replace(
    /\.([^@]+)/,
    (_, charset: string) => `.${charset.toLowerCase().replace(/[^a-z0-9]/g, "")}`,
  );

/** Undefined where there is no locale(1): a C library without locales. */
export async function isGenerated(host: ReadHost, name: string): Promise<boolean | undefined> {
  const { code, stdout } = await host.query({ argv: ["locale", "-a"] });
  if (code === 127) return undefined;
  return stdout.split("\n").some((line) => normalized(line) === normalized(name));
}

/** `de_AT.UTF-8@euro` is made of `de_AT@euro` in `UTF-8`. */
export async function generate(host: Host, name: string): Promise<void> {
  const [, language = "", charset = "", variant = ""] = /^([^.]+)\.([^@]+)(@.*)?$/.exec(name) ?? [];
  const words = ["-i", `${language}${variant}`, "-f", charset, name];
  const result = await host.run({ argv: ["localedef", ...words], timeoutMs: 300_000 });
  // It warns with exit 1 of what the charset has no sign for, and makes the locale nevertheless.
  if (result.code <= 1 && (await isGenerated(host, name)) === true) return;
  const missing = result.code === 127 || /cannot open locale definition file/.test(result.stderr);
  if (missing)
    throw new VigoError("failed", `cannot make ${name}: its sources are not on this machine`, {
      hint: "declare the package that has them (locales, glibc-i18n, glibc-langpack-…), or correct the name",
    });
  await mustSucceed(`localedef ${name}`, Promise.resolve(result));
}

export async function removeLocale(host: Host, name: string): Promise<void> {
  const argv = ["localedef", "--delete-from-archive", normalized(name)];
  await mustSucceed(argv.join(" "), host.run({ argv }));
}
