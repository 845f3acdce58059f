/** One HTTP request of the doctor: what answers is not trusted, nor is its certificate, which is judged elsewhere. */
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { DOCTOR } from "../limits.ts";

/** The list of authorities is empty because it is not used, and reading the usual one needs a permission of its own. */
export const TRUSTING = { rejectUnauthorized: false, ca: [] as string[] };

/** The parsed JSON of a 200 answer, null for another answer, undefined where none came. */
export function askJson(url: URL, method: "GET" | "POST"): Promise<unknown> {
  return new Promise((resolve) => {
    const request = url.protocol === "https:" ? secureRequest : plainRequest;
    const sent = request(url, { method, ...TRUSTING, timeout: DOCTOR.answerTimeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > DOCTOR.maxAnswerBytes) sent.destroy();
      });
      response.on("end", () => resolve(response.statusCode === 200 ? parsed(text) : null));
      response.on("close", () => resolve(null));
    });
    const timer = setTimeout(() => sent.destroy(), DOCTOR.answerTimeoutMs);
    sent.on("error", () => resolve(undefined));
    sent.on("close", () => clearTimeout(timer));
    sent.end();
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
