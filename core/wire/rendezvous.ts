/**
 * Messages of `/rendezvous/1.0.0` (libp2p/specs, rendezvous/README.md, revision 3): protobuf, each behind an unsigned
 * varint length on the stream. Varints and field heads come from protons' runtime; the generated decoders of its
 * compiler are not used because they ignore wire types and let an inner message run over its own end.
 */
import { type Reader, reader, type Writer, writer } from "protons-runtime";
import { ok, refuse, type Result } from "../errors.ts";
import { RENDEZVOUS } from "../limits.ts";
import type { Codec, WireReason } from "./schema.ts";
import { fromUtf8, utf8 } from "./text.ts";

export const RENDEZVOUS_PROTOCOL = "/rendezvous/1.0.0";

const STATUS_CODES = {
  "OK": 0,
  "E_INVALID_NAMESPACE": 100,
  "E_INVALID_SIGNED_PEER_RECORD": 101,
  "E_INVALID_TTL": 102,
  "E_INVALID_COOKIE": 103,
  "E_NOT_AUTHORIZED": 200,
  "E_INTERNAL_ERROR": 300,
  "E_UNAVAILABLE": 400,
} as const;

export type RendezvousStatus = keyof typeof STATUS_CODES;

const STATUS_NAMES = new Map<number, RendezvousStatus>(
  Object.entries(STATUS_CODES).map(([name, code]) => [code, name as RendezvousStatus]),
);

/** One peer under one namespace. `signedPeerRecord` is a libp2p envelope (RFC 0002, 0003 of libp2p/specs). */
export interface Registration {
  /** The empty text stands for a namespace that was left out. */
  readonly ns: string;
  readonly signedPeerRecord: Uint8Array;
  /** Seconds; 0 asks for the server's default. */
  readonly ttlS: number;
}

export type RendezvousMessage =
  | { readonly t: "register"; readonly register: Registration }
  | {
    readonly t: "register-response";
    readonly status: RendezvousStatus;
    readonly statusText: string;
    readonly ttlS: number;
  }
  | { readonly t: "unregister"; readonly ns: string }
  /** `limit` 0 asks for the server's own; an empty `cookie` asks from the beginning. */
  | { readonly t: "discover"; readonly ns: string; readonly limit: number; readonly cookie: Uint8Array }
  | {
    readonly t: "discover-response";
    readonly status: RendezvousStatus;
    readonly statusText: string;
    readonly registrations: readonly Registration[];
    readonly cookie: Uint8Array;
  };

/** Field numbers of the outer message: the body of each type stands in the field after the type's own number. */
const TYPES = ["register", "register-response", "unregister", "discover", "discover-response"] as const;
const bodyField = (type: number): number => type + 2;

const enum Wire {
  Varint = 0,
  Fixed64 = 1,
  Bytes = 2,
  Fixed32 = 5,
}

const EMPTY = new Uint8Array(0);

/** One message of the protocol, without its length prefix; at most `RENDEZVOUS.maxMessageBytes`. */
export const rendezvousMessage: Codec<RendezvousMessage> = {
  maxBytes: RENDEZVOUS.maxMessageBytes,
  encode(message) {
    const out = writer();
    const type = TYPES.indexOf(message.t);
    putUint(out, 1, type, true);
    putBytes(out, bodyField(type), encodeBody(message), true);
    return out.finish();
  },
  decode(bytes) {
    if (bytes.length > RENDEZVOUS.maxMessageBytes) return refuse("wire.too-large");
    try {
      return decodeMessage(bytes);
    } catch {
      return refuse("wire.malformed");
    }
  },
};

function encodeBody(message: RendezvousMessage): Uint8Array {
  const out = writer();
  switch (message.t) {
    case "register":
      putRegistration(out, message.register);
      break;
    case "register-response":
      putUint(out, 1, STATUS_CODES[message.status], true);
      putBytes(out, 2, utf8(message.statusText));
      putUint(out, 3, message.ttlS);
      break;
    case "unregister":
      putBytes(out, 1, utf8(message.ns));
      break;
    case "discover":
      putBytes(out, 1, utf8(message.ns));
      putUint(out, 2, message.limit);
      putBytes(out, 3, message.cookie);
      break;
    case "discover-response":
      for (const registration of message.registrations) {
        const inner = writer();
        putRegistration(inner, registration);
        putBytes(out, 1, inner.finish(), true);
      }
      putBytes(out, 2, message.cookie);
      putUint(out, 3, STATUS_CODES[message.status], true);
      putBytes(out, 4, utf8(message.statusText));
  }
  return out.finish();
}

function putRegistration(out: Writer, registration: Registration): void {
  putBytes(out, 1, utf8(registration.ns));
  putBytes(out, 2, registration.signedPeerRecord);
  putUint(out, 3, registration.ttlS);
}

function putUint(out: Writer, field: number, value: number, evenZero = false): void {
  if (value !== 0 || evenZero) out.uint32(field * 8 + Wire.Varint).uint64Number(value);
}

function putBytes(out: Writer, field: number, value: Uint8Array, evenEmpty = false): void {
  if (value.length > 0 || evenEmpty) out.uint32(field * 8 + Wire.Bytes).bytes(value);
}

/** The fields of one protobuf message: of a field that came twice the last counts, except through `all`. */
interface Fields {
  uint(field: number): number | null;
  bytes(field: number): Uint8Array | null;
  all(field: number): readonly Uint8Array[];
}

/** Throws on anything that is not protobuf, and on groups, which the specification does not use. */
function readFields(bytes: Uint8Array): Fields {
  const values: { readonly field: number; readonly value: number | Uint8Array }[] = [];
  const input: Reader = reader(bytes);
  while (input.pos < input.len) {
    if (values.length >= RENDEZVOUS.maxFields) throw new RangeError("too many fields");
    const head = input.uint32();
    const field = head >>> 3;
    const wire = head & 7;
    if (wire === Wire.Varint) values.push({ field, value: input.uint64Number() });
    else if (wire === Wire.Bytes) values.push({ field, value: input.bytes() });
    else if (wire === Wire.Fixed64 || wire === Wire.Fixed32) input.skip(wire === Wire.Fixed64 ? 8 : 4);
    else throw new RangeError("a group");
  }
  const of = (wanted: number) => values.filter(({ field }) => field === wanted).map(({ value }) => value);
  return {
    uint: (field) => of(field).findLast((value) => typeof value === "number") ?? null,
    bytes: (field) => of(field).findLast((value) => value instanceof Uint8Array) ?? null,
    all: (field) => of(field).filter((value) => value instanceof Uint8Array),
  };
}

function decodeMessage(bytes: Uint8Array): Result<RendezvousMessage, WireReason> {
  const outer = readFields(bytes);
  const type = outer.uint(1);
  const name = type === null ? undefined : TYPES[type];
  const body = type === null ? null : outer.bytes(bodyField(type));
  if (name === undefined || body === null) return refuse("wire.wrong-shape");
  return decodeBody(name, readFields(body));
}

function decodeBody(t: (typeof TYPES)[number], body: Fields): Result<RendezvousMessage, WireReason> {
  switch (t) {
    case "register": {
      const register = readRegistration(body);
      return register.ok ? ok({ t, register: register.value }) : register;
    }
    case "register-response": {
      const status = STATUS_NAMES.get(body.uint(1) ?? 0);
      const statusText = readText(body, 2, RENDEZVOUS.maxStatusTextBytes);
      if (status === undefined || statusText === null) return refuse("wire.wrong-shape");
      return ok({ t, status, statusText, ttlS: body.uint(3) ?? 0 });
    }
    case "unregister": {
      const ns = readText(body, 1, RENDEZVOUS.maxNamespaceBytes);
      return ns === null ? refuse("wire.wrong-shape") : ok({ t, ns });
    }
    case "discover": {
      const ns = readText(body, 1, RENDEZVOUS.maxNamespaceBytes);
      const cookie = body.bytes(3) ?? EMPTY;
      if (ns === null || cookie.length > RENDEZVOUS.maxCookieBytes) return refuse("wire.wrong-shape");
      return ok({ t, ns, limit: body.uint(2) ?? 0, cookie });
    }
    case "discover-response":
      return readDiscoverResponse(body);
  }
}

function readDiscoverResponse(body: Fields): Result<RendezvousMessage, WireReason> {
  const registrations: Registration[] = [];
  for (const bytes of body.all(1)) {
    const registration = readRegistration(readFields(bytes));
    if (!registration.ok) return registration;
    registrations.push(registration.value);
  }
  const cookie = body.bytes(2) ?? EMPTY;
  const status = STATUS_NAMES.get(body.uint(3) ?? 0);
  const statusText = readText(body, 4, RENDEZVOUS.maxStatusTextBytes);
  const fits = cookie.length <= RENDEZVOUS.maxCookieBytes && registrations.length <= RENDEZVOUS.maxRegistrations;
  if (status === undefined || statusText === null || !fits) return refuse("wire.wrong-shape");
  return ok({ t: "discover-response", status, statusText, registrations, cookie });
}

function readRegistration(body: Fields): Result<Registration, WireReason> {
  const ns = readText(body, 1, RENDEZVOUS.maxNamespaceBytes);
  const signedPeerRecord = body.bytes(2) ?? EMPTY;
  if (ns === null || signedPeerRecord.length > RENDEZVOUS.maxRecordBytes) return refuse("wire.wrong-shape");
  return ok({ ns, signedPeerRecord, ttlS: body.uint(3) ?? 0 });
}

function readText(body: Fields, field: number, maxBytes: number): string | null {
  const bytes = body.bytes(field) ?? EMPTY;
  return bytes.length > maxBytes ? null : fromUtf8(bytes);
}
