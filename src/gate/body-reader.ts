import type { IncomingMessage } from "node:http";
import { BadReviewError } from "./admission-review.ts";

/** Reads the whole body of a POST as text; throws BadReviewError for what is no review, too large, too much or too late. */
export type BodyReader = (request: IncomingMessage, deadline: AbortSignal) => Promise<string>;

/** Bytes. A request to the API server has at most 3 MiB; a review of a CREATE holds one object, and something around it. */
const longestReview = 4 * 2 ** 20;
/** Bytes of all bodies that are being read: nobody has shown yet who sends them, and memory has an end. */
const longestInAll = 16 * 2 ** 20;

/** A reader for one server, whose bodies together are bounded. */
export function createBodyReader(): BodyReader {
  let inAll = 0;
  return async (request, deadline) => {
    checkHead(request);
    let length = 0;
    try {
      return await new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const fail = (error: Error): void => {
          request.pause();
          chunks.length = 0;
          reject(error);
        };
        const late = (): void => fail(new BadReviewError("the body did not come in time", { code: 408 }));
        deadline.addEventListener("abort", late, { once: true });
        request.on("data", (chunk: Buffer) => {
          length += chunk.length;
          inAll += chunk.length;
          if (length > longestReview) fail(tooLarge());
          else if (inAll > longestInAll) fail(new BadReviewError("too much is asked at once", { code: 429 }));
          else chunks.push(chunk);
        });
        request.on("error", reject);
        request.on("end", () => {
          deadline.removeEventListener("abort", late);
          resolve(Buffer.concat(chunks).toString());
        });
      });
    } finally {
      inAll -= length;
    }
  };
}

function checkHead({ method, headers }: IncomingMessage): void {
  if (method !== "POST") throw new BadReviewError("reviews are POSTed", { code: 405 });
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    throw new BadReviewError("the content type is not application/json", { code: 415 });
  }
  if (Number(headers["content-length"] ?? 0) > longestReview) throw tooLarge();
}

function tooLarge(): BadReviewError {
  return new BadReviewError(`the body is larger than ${longestReview >> 20} MiB`, { code: 413 });
}
