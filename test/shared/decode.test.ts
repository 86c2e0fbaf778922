import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { decode } from "../../src/shared/validation/decode.ts";
import { JobSubmission } from "../../src/shared/job/definition.ts";
import {
  dateTime,
  dictionary,
  fields,
  flag,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  text,
  url,
  email,
} from "../../src/shared/wire.ts";

const messagesOf = (schema: Parameters<typeof decode>[0], value: unknown) => {
  const decoded = decode(schema, value);
  return decoded.ok ? undefined : decoded.messages;
};
const valueOf = (schema: Parameters<typeof decode>[0], value: unknown) => {
  const decoded = decode(schema, value);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.messages));
  return decoded.value;
};

describe("conversions of server-api section 1.5", () => {
  test.each([
    [5, 5],
    [5.9, 5],
    [-5.9, -5],
    ["5", 5],
    [" 5 ", 5],
    ["+5", 5],
    ["-5", -5],
    ["007", 7],
    ["1_000", 1000],
    [-0.5, 0],
  ])("the integer %p is %p", (given, wanted) => expect(valueOf(integer(), given)).toBe(wanted));

  test.each(["5.0", "", " ", "1e3", "0x10", "5 5", "1__0", true, [[]], {}, NaN])("%p is no integer", (given) =>
    expect(messagesOf(integer(), given)).toEqual({ _schema: ["Not a valid integer."] }),
  );

  test.each([2 ** 53, -(2 ** 53), 1e300, Infinity, "99999999999999999999"])(
    "%p is too large to be kept exactly",
    (given) => expect(messagesOf(integer(), given)).toEqual({ _schema: ["Number too large."] }),
  );

  test.each([true, 1, "1", "t", "T", "true", "True", "TRUE", "y", "Yes", "ON"])("%p is true", (given) =>
    expect(valueOf(flag(), given)).toBe(true),
  );
  test.each([false, 0, "0", "f", "False", "n", "NO", "off"])("%p is false", (given) =>
    expect(valueOf(flag(), given)).toBe(false),
  );
  test.each([2, -1, 1.5, "", "tRUE", " true", "maybe", [[]], {}])("%p is no boolean", (given) =>
    expect(messagesOf(flag(), given)).toEqual({ _schema: ["Not a valid boolean."] }),
  );

  test.each([5, true, [[]], {}])("%p is no text", (given) =>
    expect(messagesOf(text(), given)).toEqual({ _schema: ["Not a valid string."] }),
  );

  test.each([
    ["http://example.com", true],
    ["HTTPS://example.com/x?y#z", true],
    ["ftp://u:p@10.0.0.1:21/f", true],
    ["http://localhost:80", true],
    ["http://[::1]/x", true],
    ["http://dex/x", false],
    ["http://a_b.com", false],
    ["http://-a.com", false],
    ["file:///etc", false],
    ["http://a.com/a b", false],
    ["example.com", false],
    ["", false],
  ])("%p as a URL: %p", (given, accepted) => expect(decode(url(""), given).ok).toBe(accepted));

  test.each([
    ["a@example.com", true],
    ["a@localhost", true],
    ["a@[127.0.0.1]", true],
    ['"q!p"@example.com', true],
    ['"q p"@example.com', false],
    ["a@b", false],
    ["@example.com", false],
    ["a@example", false],
    ["a b@example.com", false],
    ["", false],
  ])("%p as an e-mail address: %p", (given, accepted) => expect(decode(email(""), given).ok).toBe(accepted));

  test.each([
    ["2025-04-24T10:00:00Z", "2025-04-24T10:00:00.000Z"],
    ["2025-04-24 10:00", "2025-04-24T10:00:00.000Z"],
    ["2025-04-24T10:00:00+0200", "2025-04-24T08:00:00.000Z"],
    ["2025-04-24T10:00:00-02:30", "2025-04-24T12:30:00.000Z"],
    ["2025-04-24T10:00:00.123456789Z", "2025-04-24T10:00:00.123Z"],
  ])("the date %p is %p", (given, wanted) => expect((valueOf(dateTime(""), given) as Date).toISOString()).toBe(wanted));

  test.each([
    "2025-04-24",
    "20250424T100000",
    "2025-13-01T00:00:00Z",
    "2025-02-30T00:00:00Z",
    "2025-04-24T25:00",
    "",
    5,
  ])("%p is no date", (given) =>
    expect(messagesOf(dateTime(""), given)).toEqual({ _schema: ["Not a valid datetime."] }),
  );
});

describe("messages are nested as the value is", () => {
  const schema = fields({
    name: text({ minLength: 1 }),
    tags: optional(list(text())),
    role: optional(oneOf(["a", "b"])),
    secrets: optional(dictionary(text({ pattern: "^x" }), { key: "^[A-Z]+$", description: "" })),
    inner: optional(fields({ n: integer({ minimum: 1 }) })),
    maybe: optional(nullable(integer())),
  });

  test.each<[unknown, unknown]>([
    [{}, { name: ["Missing data for required field."] }],
    [{ name: null }, { name: ["Field may not be null."] }],
    [{ name: "" }, { name: ["Shorter than minimum length 1."] }],
    [{ name: "n", foo: 1 }, { foo: ["Unknown field."] }],
    [{ name: "n", tags: ["a", 5, null] }, { tags: { 1: ["Not a valid string."], 2: ["Field may not be null."] } }],
    [{ name: "n", tags: "a" }, { tags: ["Not a valid list."] }],
    [{ name: "n", role: "c" }, { role: ["Must be one of: a, b."] }],
    [
      { name: "n", secrets: { a: "y", B: "x" } },
      {
        secrets: {
          a: { key: ["String does not match expected pattern."], value: ["String does not match expected pattern."] },
        },
      },
    ],
    [{ name: "n", secrets: 5 }, { secrets: ["Not a valid mapping type."] }],
    [{ name: "n", inner: 5 }, { inner: { _schema: ["Invalid input type."] } }],
    [{ name: "n", inner: { n: 0 } }, { inner: { n: ["Must be greater than or equal to 1."] } }],
    [[], { _schema: ["Invalid input type."] }],
    [null, { _schema: ["Invalid input type."] }],
  ])("%j", (given, wanted) => expect(messagesOf(schema, given)).toEqual(wanted as never));

  test("null is accepted only where it is said", () =>
    expect(valueOf(schema, { name: "n", maybe: null })).toEqual({ name: "n", maybe: null }));

  test("a field named __proto__ is an unknown field and changes no prototype", () => {
    const given = JSON.parse('{"name": "n", "__proto__": {"polluted": true}}');
    expect(JSON.stringify(messagesOf(schema, given))).toBe('{"__proto__":["Unknown field."]}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("a rule over the whole object speaks only when every field is right", () => {
    const ruled = fields(
      { a: optional(integer()), b: optional(integer()) },
      { rule: (value) => ("a" in value && "b" in value ? "Not both." : undefined) },
    );
    expect(messagesOf(ruled, { a: 1, b: 2 })).toEqual({ _schema: ["Not both."] });
    expect(messagesOf(ruled, { a: 1, b: "x" })).toEqual({ b: ["Not a valid integer."] });
  });

  test("unknown fields of a query may be ignored", () =>
    expect(decode(Type.Object({ a: optional(text()) }), { a: "1", z: "2" }, "ignore")).toEqual({
      ok: true,
      value: { a: "1" },
    }));
});

describe("provision_data takes the first form that fits (server-api section 4.2)", () => {
  const provision = (data: unknown) => decode(JobSubmission, { job_queue: "q", provision_data: data });

  test.each<[string, unknown]>([
    ["cm3", { url: "http://a.com" }],
    ["maas", { distro: "jammy" }],
    ["maas without anything", {}],
    ["multi", { jobs: [{}] }],
    ["muxpi", { url: "http://a.com", media: "sd" }],
    ["muxpi with an attachment", { use_attachment: "x" }],
    ["noprovision", { skip: false }],
    ["oem_autoinstall", { url: "http://a.com", user_data: "x" }],
    ["oem_autoinstall with attachments alone", { attachments: [{ agent: "x" }] }],
    ["control_host_iot_custom", { urls: ["http://a.com"], provision_plan: {} }],
    ["control_host_iot_preset", { url: "http://a.com", preset: "p" }],
    ["control_host_kvm_autoinstall", { url: "http://a.com", robot_tasks: ["t"] }],
    ["control_host_kvm_generic", { url: "http://a.com", robot_tasks: ["t"], live_image: true, wait_until_ssh: true }],
    ["control_host_kvm_oem_2204", { alloem_url: "http://a.com", robot_tasks: ["t"] }],
    ["control_host_kvm_preset", { preset: "p" }],
    ["none", null],
  ])("%s", (_, data) => expect(provision(data)).toMatchObject({ ok: true, value: { provision_data: data } }));

  test.each<[unknown, unknown]>([
    [{ url: "http://a.com", urls: ["http://a.com"], preset: "p" }, ["Invalid provision data schema."]],
    [{ urls: [], preset: "p" }, ["Invalid provision data schema."]],
    [{ provision_plan: {} }, ["Invalid provision data schema."]],
    [{ distro: "jammy", skip: true }, ["Invalid provision data schema."]],
    [{ jobs: [] }, ["Invalid provision data schema."]],
    ["skip", "Invalid data type: skip"],
  ])("%j is refused", (data, wanted) =>
    expect(provision(data)).toEqual({ ok: false, messages: { provision_data: { _schema: wanted } } } as never),
  );

  test("values are stored in the form's types", () =>
    expect(provision({ ephemeral: "yes" })).toMatchObject({ value: { provision_data: { ephemeral: true } } }));
});

test("a job without exclusions has an empty list of them", () =>
  expect(valueOf(JobSubmission, { job_queue: "q" })).toEqual({ job_queue: "q", exclude_agents: [] }));

// Bodies have up to 16 MiB. To look for every fault of one, or to match its longest text, held all other requests up for a minute.
describe("what is absurdly large is refused without looking at all of it:", () => {
  const many = (value: unknown) => Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, value]));

  test.each<[string, Parameters<typeof decode>[0], unknown]>([
    ["unknown fields", fields({}), many(1)],
    ["items of a list", list(text()), Array.from({ length: 1000 }, () => 1)],
    ["values of a dictionary", dictionary(text(), { description: "" }), many(1)],
    ["names of a dictionary", dictionary(text(), { key: "^y", description: "" }), many("a")],
  ])("a hundred faults are told of %s", (_, schema, value) =>
    expect(Object.keys(messagesOf(schema, value) as object)).toHaveLength(100),
  );

  test("a list that is too long, whatever is in it", () =>
    expect(messagesOf(list(text(), { maxItems: 2 }), [1, "a", null])).toEqual({
      _schema: ["Longer than maximum length 2."],
    }));

  const long = (before: string, repeated: string, after: string, length: number) =>
    before + repeated.repeat(Math.ceil((length - before.length - after.length) / repeated.length)) + after;

  test.each<[string, Parameters<typeof decode>[0], string, string, string, number, string]>([
    ["URL", url(""), "http://a.example/", "a", "", 16_384, "Not a valid URL."],
    ["e-mail address", email(""), "a", "a", "@a.example", 320, "Not a valid email address."],
    ["whole number", integer(), "", "0", "5", 100, "Not a valid integer."],
  ])("a long %s", (_, schema, before, repeated, after, longest, message) => {
    expect(messagesOf(schema, long(before, repeated, after, longest))).toBeUndefined();
    expect(messagesOf(schema, long(before, repeated, after, longest + 1))).toEqual({ _schema: [message] });
  });
});
