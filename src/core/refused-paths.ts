/** Why a path is not written to, in the words of the run and of the dry run before it. Must not know who looks. */
import { VigoError } from "./errors.ts";

export const folderMissing = (what: string, path: string): VigoError =>
  new VigoError("failed", `cannot ${what} ${path}: its folder is not there`, {
    hint: "declare the folder as a directory resource",
  });

/** Another name for it may be somebody else's. */
export const hasManyNames = (path: string, names: number): VigoError =>
  new VigoError("failed", `refused to follow ${path}: it has ${names} names (hard links)`, {
    hint: "find the others with find -samefile, and keep one",
  });
