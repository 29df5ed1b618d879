const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  EMFILE: "too many open files",
  ENOSPC: "no space left on device",
  EROFS: "read-only file system",
  ENOEXEC: "exec format error",
  E2BIG: "argument list too long",
};

/** `open PATH: no such file or directory`: a file error in Go's words, which are kubectl's. */
export function fileErrorText(operation: string, path: string, error: unknown): string {
  const code = errorCode(error);
  const verb = code === "EISDIR" ? "read" : operation;
  return `${verb} ${path}: ${systemErrorText(error)}`;
}

/** `no such file or directory`: what went wrong, in Go's words. */
export function systemErrorText(error: unknown): string {
  return reasons[errorCode(error)] ?? errorMessage(error);
}

/** The `code` of a system error; empty for other errors. */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** The message of anything thrown; by shape, because errors of Node's own may come from another realm. */
export function errorMessage(error: unknown): string {
  if (typeof error !== "object" || error === null || !("message" in error)) return String(error);
  return typeof error.message === "string" ? error.message : String(error);
}
