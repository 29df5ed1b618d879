import { RE2JS, RE2JSException } from "re2js";

/**
 * A regular expression of RE2, whose time grows with the text and no faster: what it is tried on is written by others, who
 * must not be able to hold kev up. `.` is any character, since it has to cover texts of several lines.
 */
export function compileRegex(source: string): { regex: RE2JS } | { problem: string } {
  try {
    return { regex: RE2JS.compile(source, RE2JS.DOTALL) };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    // The flag in front is ours, not the file's.
    return { problem: error.message.replace(/^error parsing regexp: /, "").replace("`(?s)", "`") };
  }
}
