/**
 * The secrets that coturn and we share, in the database that coturn reads at each login: so a secret can be replaced
 * while calls go on. coturn checks a login when an allocation is made, so those that exist outlive their secret.
 */
import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { COTURN, CREDENTIALS } from "./limits.ts";

interface Retired {
  readonly secret: string;
  /** When the last credential made with it has ended. */
  readonly untilMs: number;
}

export class Secrets {
  readonly #database: DatabaseSync;
  #current: string;
  #sinceMs: number;
  #retired: readonly Retired[] = [];

  /** `file` is made; coturn adds what else it wants to it. */
  constructor(file: string, nowMs: number) {
    this.#database = new DatabaseSync(file);
    // Reading goes on while we write; and what a crash of the machine loses is made anew at the next start.
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA busy_timeout = 2000");
    this.#database.exec(
      "CREATE TABLE turn_secret (realm varchar(127) DEFAULT '', value varchar(256), PRIMARY KEY (realm, value))",
    );
    this.#current = this.#add();
    this.#sinceMs = nowMs;
  }

  /** The one for new credentials. */
  get current(): string {
    return this.#current;
  }

  /** Makes a new one when it is time, and ends old ones when nobody can hold a credential of theirs any more. */
  rotate(nowMs: number): void {
    if (nowMs - this.#sinceMs >= COTURN.secretLifetimeMs) {
      this.#retired = [...this.#retired, { secret: this.#current, untilMs: nowMs + CREDENTIALS.maxLifetimeMs }];
      this.#current = this.#add();
      this.#sinceMs = nowMs;
    }
    const over = this.#retired.filter(({ untilMs }) => untilMs <= nowMs);
    for (const { secret } of over) this.#database.prepare("DELETE FROM turn_secret WHERE value = ?").run(secret);
    this.#retired = this.#retired.filter((one) => !over.includes(one));
  }

  close(): void {
    this.#database.close();
  }

  #add(): string {
    const secret = randomBytes(COTURN.secretBytes).toString("hex");
    this.#database.prepare("INSERT INTO turn_secret (realm, value) VALUES (?, ?)").run(COTURN.realm, secret);
    return secret;
  }
}
