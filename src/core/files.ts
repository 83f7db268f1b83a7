/**
 * The part of `node:fs/promises` that core logic over folders takes as an argument; a mode passes the real module. Types
 * only. For trees and state of Vigo's own: managed files go through `Host`.
 */

export interface FileInfo {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly mtimeMs: number;
}

export interface OpenFile {
  writeFile(data: Uint8Array | string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The whole module `node:fs/promises` is one. Rejects with `NodeJS.ErrnoException`s. */
export interface Files {
  readdir(path: string): Promise<string[]>;
  lstat(path: string): Promise<FileInfo>;
  stat(path: string): Promise<FileInfo>;
  readFile(path: string): Promise<Uint8Array>;
  open(path: string, flags: string, mode?: number): Promise<OpenFile>;
  mkdir(path: string, options?: { recursive?: boolean; mode?: number }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
  symlink(target: string, path: string): Promise<void>;
  readlink(path: string): Promise<string>;
  chmod(path: string, mode: number): Promise<void>;
}
