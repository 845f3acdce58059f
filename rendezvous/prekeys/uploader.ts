/** What the owner of a space leaves there for strangers to begin with. SPEC section 9a. */
import type { SpaceId } from "../../core/ids.ts";
import { prekeysOwnerCodec, type PrekeysOwnerRequest } from "../../core/wire/spaceRequest.ts";
import type { SpaceService } from "../spaces/handler.ts";
import { refusedByStore } from "../spaces/refusal.ts";
import { reader, type Seat } from "../spaces/seat.ts";
import type { SpaceStream } from "../spaces/spaceStream.ts";

export class Uploader implements Seat {
  readonly isForMail = false;
  readonly read: Seat["read"] = reader(prekeysOwnerCodec, (number, request) => this.#upload(number, request));
  readonly #service: SpaceService;
  readonly #space: SpaceId;
  readonly #stream: SpaceStream;

  constructor(service: SpaceService, space: SpaceId, stream: SpaceStream) {
    this.#service = service;
    this.#space = space;
    this.#stream = stream;
  }

  welcome(): void {}

  leave(): void {}

  async #upload(number: number, { oneTime, lastResort, replace }: PrekeysOwnerRequest): Promise<void> {
    const { store, counters } = this.#service;
    const result = await store.putBundles(this.#space, { oneTime, lastResort, replace });
    if (result.t === "refused") return this.#stream.say(refusedByStore(counters, number, result.reason));
    counters.count("prekeys.uploaded", oneTime.length);
    this.#stream.say({ t: "done", number });
  }
}
